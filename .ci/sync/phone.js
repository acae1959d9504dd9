// A phone for tests: the client of mobile-api-docs/offline.md with a network that fails as it is told. Its database is LokiJS's, in
// memory; with ADAPTER=sqlite a file of SQLite's, as on real phones.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import LokiJSAdapter from "@nozbe/watermelondb/adapters/lokijs/index.js";
import SQLiteAdapter from "@nozbe/watermelondb/adapters/sqlite/index.js";
import logger from "@nozbe/watermelondb/utils/common/logger/index.js";
import { diagnoseDatabaseStructure, diagnoseSyncConsistency } from "@nozbe/watermelondb/diagnostics/index.js";
import { hasUnsentWork, makeSession, makeSync, newId, openDatabase, write } from "./generated/client.js";

logger.default.silence();

/** What keeps the rows of a phone. */
const ADAPTERS = {
  loki: (schema, dbName) => new LokiJSAdapter.default({
    schema, dbName, useWebWorker: false, useIncrementalIndexedDB: true, extraLokiOptions: { autosave: false },
  }),
  sqlite: (schema, name) => {
    const dbName = join(tmpdir(), `naryad-phone-${name}.db`);
    process.once("exit", () => { for (const end of ["", "-wal", "-shm"]) rmSync(dbName + end, { force: true }); });
    return new SQLiteAdapter.default({ schema, dbName });
  },
};
export const adapter = process.env.ADAPTER ?? "loki";

/** A colleague with a good network: somebody of the office, or a person who looks from outside. */
export const signInTo = async (base, login, password = "naryad-demo") => {
  const safe = { token: null, get: async () => safe.token, set: async (token) => { safe.token = token; } };
  const session = makeSession({ base, safe, device: { id: newId(), name: login } });
  const { user } = await session.signIn(login, password);
  return { ...session, user };
};

/** All pages of a list. */
export const all = async (session, path) => {
  const found = [];
  for (let cursor = null; ;) {
    const asked = `${path.includes("?") ? "&" : "?"}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const page = await session.call("GET", path + asked);
    found.push(...page.data);
    cursor = page.next_cursor;
    if (!cursor) return found;
  }
};

export class Lost extends Error {}

/**
 * Signs in and opens an empty database. `spoil` is asked before each exchange: the "request" or the "answer" gets lost, or the
 * token has "expired".
 */
export const takePhone = async (base, login, password = "naryad-demo") => {
  const phone = { base, spoil: () => null, seen: [], epoch: null, limit: 2000 };
  const safe = { token: null, get: async () => safe.token, set: async (token) => { safe.token = token; } };
  const fetchBadly = async (url, options) => {
    const path = new URL(url).pathname.replace("/api/v1", "");
    const fate = await phone.spoil(options.method, path, options);
    if (fate === "request") throw new Lost(`${path}: never arrived`);
    if (fate === "expired") return new Response('{"code":"token_expired"}', { status: 401 });
    // The phone may have moved to another address meanwhile, or like small pages.
    const answer = await fetch(url.replace(base, phone.base).replace("limit=2000", `limit=${phone.limit}`), options);
    // Another life of the database.
    const text = (await answer.text()).replace(/"epoch":"[^"]*"/, (told) => (phone.epoch ? `"epoch":"${phone.epoch}"` : told));
    phone.seen.push({ method: options.method, path, url, status: answer.status, sent: options.body, text });
    if (fate === "answer") throw new Lost(`${path}: the answer was lost`);
    return new Response(text === "" ? null : text, { status: answer.status, headers: answer.headers });
  };
  phone.device = { id: newId(), name: `${login}'s phone` };
  phone.session = makeSession({ base, safe, device: phone.device, fetch: fetchBadly });
  phone.user = (await phone.session.signIn(login, password)).user;
  const described = await phone.session.call("GET", "/sync/schema");
  phone.tables = described.tables;
  phone.database = openDatabase(described, (schema) => ADAPTERS[adapter](schema, newId()));
  phone.sync = makeSync({ database: phone.database, session: phone.session, userId: phone.user.id });
  phone.write = (table, values) => write(phone.database, table, values);
  phone.edit = (row, values) => phone.database.write(() => row.update(() => { Object.assign(row, values); }));
  phone.remove = (row) => phone.database.write(() => row.markAsDeleted());
  phone.rows = (table) => phone.database.get(table).query().fetch();
  phone.find = async (table, id) => (await phone.rows(table)).find((row) => row.id === id);
  phone.on = async (table, ticket) => (await phone.rows(table)).filter((row) => row.ticket_id === ticket);
  phone.unsent = () => hasUnsentWork(phone.database);
  /** What the last push said of its rows. */
  phone.results = () => JSON.parse(phone.seen.findLast(({ path, status }) => path === "/sync/push" && status === 200).text).results;
  phone.pushes = () => phone.seen.filter(({ path }) => path === "/sync/push").length;
  return phone;
};

/** What the library complains of, without what it is content with. */
const complaints = (log) => log.split(/\n(?=❌|MISSING)/).slice(1).map((part) => part.slice(0, 2_000)).join("\n");

/** The library's own judges: nothing hangs in the air, and the phone holds exactly what a new phone would be given. */
export const diagnose = async (phone, { isExcessAllowed = async () => false } = {}) => {
  const { issueCount: loose, log: structure } = await diagnoseDatabaseStructure({ db: phone.database });
  assert.equal(loose, 0, complaints(structure));
  const { issueCount, log } = await diagnoseSyncConsistency({
    db: phone.database,
    synchronize: phone.sync,
    pullChanges: async ({ lastPulledAt }) =>
      (await phone.session.call("GET", `/sync/pull?last_pulled_at=${lastPulledAt ?? 0}`)).changes,
    isExcessLocalRecordAllowed: isExcessAllowed,
  });
  assert.equal(issueCount, 0, complaints(log));
  assert.equal(await phone.unsent(), false);
};
