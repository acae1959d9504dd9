// Writes the programs of mobile-api-docs/offline.md and rxdb.md into files, as a reader would.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("generated/", import.meta.url);
mkdirSync(folder, { recursive: true });
const programs = { "offline.md": ["act.js", "client.js", "day.js", "screen.js"], "rxdb.md": ["board.js", "web.js"] };
for (const [page, wanted] of Object.entries(programs)) {
  const text = readFileSync(new URL(`../../mobile-api-docs/${page}`, import.meta.url), "utf8");
  const found = [...text.matchAll(/^```js (\S+\.js)\n(.*?)^```$/gms)];
  for (const [, name, program] of found) {
    writeFileSync(new URL(name, folder), program);
    const lines = program.split("\n").length - 1;
    if (lines > 200) throw new Error(`${name} promises less than 200 lines and has ${lines}`);
  }
  const names = found.map(([, name]) => name).sort();
  if (names.join() !== wanted.join()) throw new Error(`${page} has ${names}`);
}
