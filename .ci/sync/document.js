// The documents themselves: their tables are the server's, and their days run as they say. `--write` writes the tables anew.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { check } from "./tables.js";
import { signInTo } from "./phone.js";
import { demonstration } from "./server.js";

const server = await demonstration();
const admin = await signInTo(server.base, "admin");
const drifted = !check(await admin.call("GET", "/sync/schema"), process.argv.includes("--write"));

for (const [page, program] of [["offline.md", "day.js"], ["rxdb.md", "board.js"]]) {
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    cwd: new URL("generated/", import.meta.url), env: { ...process.env, NARYAD_URL: server.base },
  });
  const lines = stdout.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "" && !line.startsWith("["));
  const said = lines.join("\n");
  const text = readFileSync(new URL(`../../mobile-api-docs/${page}`, import.meta.url), "utf8");
  assert.ok(text.includes(`node ${program}\n${said}\n`), `${program} says otherwise than the document:\n${said}`);
}
await server.remove();
assert.ok(!drifted, "the tables of offline.md are not those of /sync/schema: node document.js --write");
console.log("ok   the document");
process.exit();
