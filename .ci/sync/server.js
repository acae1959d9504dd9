// The program, started, killed and started again on one folder; and a wire to it that breaks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.NARYAD_BINARY;

const freePort = async () => {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
};

/** A demonstration of one's own in a folder that is gone afterwards. */
export const demonstration = async () => {
  const folder = mkdtempSync(join(tmpdir(), "naryad-sync-"));
  const port = await freePort();
  const server = { base: `http://127.0.0.1:${port}`, port, folder, starts: 0 };
  let child = null;
  server.start = async () => {
    // None of the caller's settings.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NARYAD_")));
    const asked = ["demo", "--data", join(folder, "demo"), "--listen", `127.0.0.1:${port}`, "--min-app-version", "2.0"];
    if (process.env.NARYAD_SYNC_DATABASE_URL) asked.push("--database-url", process.env.NARYAD_SYNC_DATABASE_URL);
    const started = spawn(binary, asked, { stdio: ["ignore", "pipe", "pipe"], env });
    child = started;
    server.starts += 1;
    let said = "";
    started.stderr.on("data", (bytes) => { said += bytes; });
    await new Promise((resolve, reject) => {
      started.stdout.on("data", (bytes) => {
        said += bytes;
        if (said.includes("Serving on")) resolve();
      });
      started.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
  };
  /** As a power cut does: no warning, no time. */
  server.kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const copy = join(folder, "copy");
  /** Puts the folder aside as it is at this moment. */
  server.putAside = async () => {
    await server.kill();
    cpSync(join(folder, "demo"), copy, { recursive: true });
    await server.start();
  };
  /** Makes the folder what it was then: all that happened since is lost. */
  server.bringBack = async () => {
    await server.kill();
    rmSync(join(folder, "demo"), { recursive: true });
    cpSync(copy, join(folder, "demo"), { recursive: true });
    await server.start();
  };
  server.remove = async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", () => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await server.start();
  return server;
};

/** A wire to a port. While it is bad, a connection breaks after as many bytes, both ways together, as `length()` said at its beginning. */
export const wire = async (port, length, isBad) => {
  const cuts = { count: 0 };
  const open = new Set();
  const relay = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    let left = length();
    const cut = () => {
      for (const end of [near, far]) end.destroy();
      open.delete(near);
    };
    const pass = (from, to) => from.on("data", (bytes) => {
      if (bytes.length >= left && isBad()) {
        cuts.count += 1;
        // The bytes before the cut have arrived.
        to.write(bytes.subarray(0, left), cut);
        from.pause();
        return;
      }
      left -= bytes.length;
      to.write(bytes);
    });
    open.add(near);
    pass(near, far);
    pass(far, near);
    for (const end of [near, far]) end.on("error", cut).on("close", cut);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    base: `http://127.0.0.1:${relay.address().port}`,
    cuts,
    close: () => {
      for (const near of open) near.destroy();
      relay.close();
    },
  };
};
