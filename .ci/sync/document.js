// The document itself: its tables are the server's, and its day runs as it says. `--write` writes the tables anew.
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

const { stdout } = await promisify(execFile)(process.execPath, ["day.js"], {
  cwd: new URL("generated/", import.meta.url), env: { ...process.env, NARYAD_URL: server.base },
});
const said = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("[")).join("\n");
const text = readFileSync(new URL("../../mobile-api-docs/offline.md", import.meta.url), "utf8");
await server.remove();
assert.ok(text.includes(`node day.js\n${said}\n`), `day.js says otherwise than the document:\n${said}`);
assert.ok(!drifted, "the tables of offline.md are not those of /sync/schema: node document.js --write");
console.log("ok   the document");
process.exit();
