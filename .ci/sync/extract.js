// Writes the programs of mobile-api-docs/offline.md into files, as a reader would.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const text = readFileSync(new URL("../../mobile-api-docs/offline.md", import.meta.url), "utf8");
const folder = new URL("generated/", import.meta.url);
mkdirSync(folder, { recursive: true });
const found = [...text.matchAll(/^```js (\S+\.js)\n(.*?)^```$/gms)];
for (const [, name, program] of found) writeFileSync(new URL(name, folder), program);
const names = found.map(([, name]) => name).sort();
if (names.join() !== "act.js,client.js,day.js,screen.js") throw new Error(`offline.md has ${names}`);
const lines = found.find(([, name]) => name === "client.js")[2].split("\n").length - 1;
if (lines > 200) throw new Error(`client.js promises less than 200 lines and has ${lines}`);
