// Chapter "The tables" of mobile-api-docs/offline.md is made of GET /api/v1/sync/schema. `node tables.js` says when it has
// drifted; `node tables.js --write` writes it anew.
import { readFileSync, writeFileSync } from "node:fs";

const PLACE = new URL("../../mobile-api-docs/offline.md", import.meta.url);
const [BEGIN, END] = ["<!-- tables: made of /sync/schema -->\n", "<!-- end of tables -->\n"];

const column = ({ name, type, isOptional, isIndexed, written_by_phones: ours, about }) =>
  `| \`${name}\` | ${type}${isOptional ? ", null" : ""}${isIndexed ? ", index" : ""} | ${ours ? "**phone**" : ""} | ${about.replaceAll("|", "\\|")} |\n`;
const table = ({ name, about, columns }) =>
  `### \`${name}\`\n\n${about}\n\n| column | type | written by | meaning |\n|---|---|---|---|\n${columns.map(column).join("")}\n`;

/** Whether the document tells the tables as they are. */
export const check = (described, write) => {
  const text = readFileSync(PLACE, "utf8");
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  if (from < BEGIN.length || to < from) throw new Error("offline.md has no place for its tables");
  const fresh = `Version ${described.version}.\n\n${described.tables.map(table).join("")}`;
  if (text.slice(from, to) === fresh) return true;
  if (write) writeFileSync(PLACE, text.slice(0, from) + fresh + text.slice(to));
  return write;
};
