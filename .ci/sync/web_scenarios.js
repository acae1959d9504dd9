// The real RxDB, written as rxdb.md says, against the running program: what a tab of a browser lives through.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import { makeSession, moment, newId } from "./generated/client.js";
import { TABLES, openDatabase, replicate } from "./generated/web.js";
import { all, signInTo } from "./phone.js";
import { demonstration } from "./server.js";

const server = await demonstration();
const { base } = server;
const [admin, dispatcher] = await Promise.all([signInTo(base, "admin"), signInTo(base, "dispatcher")]);
const kinds = await all(admin, "/ticket-types");
const advice = kinds.find((kind) => kind.checklist_template_ids.length === 0);
const repair = kinds.find((kind) => kind.checklist_template_ids.length > 0);
const devices = (await all(admin, "/assets")).filter((asset) => asset.site_id && asset.code);
const places = new Map((await all(admin, "/sites")).map((site) => [site.id, site]));

/** A tab of somebody's. `spoil` is asked about each answer: one that is lost was taken by the server all the same. */
const openTab = async (login, tables) => {
  const tab = { spoil: () => false, epoch: null, pushes: [] };
  const safe = { token: null, get: async () => safe.token, set: async (token) => { safe.token = token; } };
  const fetchBadly = async (url, options) => {
    const answer = await fetch(url, options);
    if (url.endsWith("/stream")) return answer;
    const text = (await answer.text()).replace(/"epoch":"[^"]*"/, (told) => (tab.epoch ? `"epoch":"${tab.epoch}"` : told));
    const path = new URL(url).pathname.replace("/api/v1", "");
    if (path.endsWith("/push")) tab.pushes.push({ path, sent: JSON.parse(options.body), status: answer.status, text });
    if (tab.spoil(options.method, path)) throw new Error(`${path}: the answer was lost`);
    return new Response(text === "" ? null : text, { status: answer.status, headers: answer.headers });
  };
  const session = makeSession({ base, safe, device: { id: newId(), name: `${login}'s tab` }, fetch: fetchBadly });
  tab.user = (await session.signIn(login, "naryad-demo")).user;
  tab.session = session;
  tab.database = await openDatabase(await session.call("GET", "/sync/schema"), getRxStorageMemory(), `tab-${newId()}`, tables);
  tab.start = async () => { tab.replication = await replicate({ database: tab.database, session, base, fetch: fetchBadly, retryTime: 300 }); };
  tab.find = (table, id) => tab.database[table].findOne(id).exec();
  tab.on = (table, ticket) => tab.database[table].find({ selector: { ticket_id: ticket } }).exec();
  tab.issues = (id) => tab.database.sync_issues.find({ selector: { row_id: id } }).exec();
  /** What was sent comes back with the server's own columns. */
  tab.inSync = async () => {
    await tab.replication.inSync();
    await tab.replication.inSync();
  };
  await tab.start();
  await tab.inSync();
  return tab;
};

/** Waits for what the stream brings: nobody asks. */
const comes = async (what, ask) => {
  const until = Date.now() + 20_000;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > until) throw new Error(`${what} did not come`);
    await pause(50);
  }
};

// RxDB's open-source version has 13 tables in one process: so three tabs share them.
const left = await openTab("technician", TABLES.filter((table) => !["companies", "sites", "assets", "ticket_assets", "work_lines", "attachments"].includes(table)));
const right = await openTab("technician", ["tickets", "time_entries", "comments", "sync_issues"]);
let turn = 0;
const given = async ({ kind = advice } = {}) => {
  const device = devices[(turn += 1) % devices.length];
  const ticket = await dispatcher.call("POST", "/tickets", {
    id: newId(), type_id: kind.id, company_id: places.get(device.site_id).company_id, site_id: device.site_id,
    priority: "normal", subject: `In the browser ${turn}`, asset_codes: [device.code],
  });
  await dispatcher.call("POST", `/tickets/${ticket.id}/assignee`, { user_id: left.user.id });
  await comes("the ticket", () => left.find("tickets", ticket.id));
  return { id: ticket.id, device };
};
const kept = (ticket, what) => all(admin, `/tickets/${ticket}/${what}`);
const says = (ticket, text) => ({ id: newId(), ticket_id: ticket, visibility: "internal", text, written_at: moment() });
const lasts = (ticket, minutes) => ({ id: newId(), ticket_id: ticket, kind: "on_site", minutes, visible_to_client: true });
const moves = (ticket, to) => ({ id: newId(), ticket_id: ticket, to_status: to, occurred_at: moment() });

const scenarios = {
  async "pages of any size hold what WatermelonDB is told"() {
    const { changes } = await left.session.call("GET", "/sync/pull?last_pulled_at=0");
    for (const [table, { updated }] of Object.entries(changes)) {
      const found = [];
      let asked = { seq: 0, limit: 7 };
      for (;;) {
        const page = await left.session.call("GET", `/sync/rx/${table}/pull?${new URLSearchParams(asked)}`);
        found.push(...page.documents);
        if (page.documents.length < 7) break;
        asked = { seq: page.checkpoint.seq, limit: 7, ...(page.checkpoint.after && { after: page.checkpoint.after }) };
      }
      const byId = (one, other) => (one.id < other.id ? -1 : 1);
      const told = updated.map((row) => ({ ...row, _deleted: false }));
      assert.deepEqual(found.filter((row) => !row._deleted).sort(byId), told.sort(byId), table);
    }
  },

  async "what one tab writes the other hears of"() {
    const { id } = await given();
    const note = await left.database.comments.insert(says(id, "Ролик стёрт"));
    const there = await comes("the comment", () => right.find("comments", note.id));
    assert.equal(there.text, "Ролик стёрт");
    assert.equal(there.author_id, left.user.id);
  },

  async "a job closes: moves come after the work they depend on"() {
    const { id, device } = await given({ kind: repair });
    await comes("the list", async () => (await left.on("checklist_items", id)).length > 0);
    // All at once, the moves first.
    const writes = ["en_route", "in_progress", "done"].map((to) => left.database.status_changes.insert(moves(id, to)));
    writes.push(left.database.time_entries.insert(lasts(id, 40)));
    writes.push(left.database.scans.insert({ id: newId(), ticket_id: id, code: device.code, scanned_at: moment() }));
    for (const item of await left.on("checklist_items", id)) {
      const answer = { check: true, number: "12.5", text: "хорошо", choice: JSON.parse(item.choices_json)[0] }[item.kind];
      writes.push(item.patch({ answer_json: JSON.stringify(answer), answered_at: moment() }));
    }
    await Promise.all(writes);
    await left.inSync();
    assert.deepEqual((await left.database.sync_issues.find().exec()).map((issue) => issue.message), []);
    assert.equal((await left.find("tickets", id)).status, "done");
    assert.equal((await admin.call("GET", `/tickets/${id}`)).status.code, "done");
  },

  async "two people, two columns: both stay"() {
    const { id } = await given();
    left.spoil = (method, path) => path.startsWith("/sync/rx/tickets");
    await (await left.find("tickets", id)).patch({ subject: "Picks two sheets" });
    await pause(100);
    left.spoil = () => false;
    await left.inSync();
    // Now while the tab cannot hear: nothing is pulled before the push.
    const mine = await left.find("tickets", id);
    await left.replication.states.get("tickets").pause();
    await dispatcher.call("PATCH", `/tickets/${id}`, { priority: "high" });
    await mine.getLatest().patch({ subject: "Picks three sheets" });
    await left.replication.states.get("tickets").start();
    await left.inSync();
    const ticket = await admin.call("GET", `/tickets/${id}`);
    assert.deepEqual([ticket.subject, ticket.priority], ["Picks three sheets", "high"]);
    const local = await left.find("tickets", id);
    assert.deepEqual([local.subject, local.priority], ["Picks three sheets", "high"]);
  },

  async "what is refused goes, and its reason is there"() {
    const { id } = await given();
    const wrong = await left.database.time_entries.insert(lasts(id, 5_000));
    const stray = await left.database.comments.insert(says(newId(), "nobody's"));
    await left.inSync();
    assert.equal(await left.find("time_entries", wrong.id), null);
    assert.equal(await left.find("comments", stray.id), null);
    const [issue] = await left.issues(wrong.id);
    assert.equal(issue.code, "validation_failed");
    assert.equal(JSON.parse(issue.pushed_json).minutes, 5_000);
    assert.equal((await left.issues(stray.id))[0].code, "id_unavailable");
    for (const seen of await left.database.sync_issues.find().exec()) await seen.remove();
    await left.inSync();
    await right.inSync();
    assert.deepEqual(await right.database.sync_issues.find().exec(), []);
  },

  async "an edit that is refused comes back as it was"() {
    const { id } = await given();
    const there = await left.find("tickets", id);
    await there.patch({ priority: "whenever" });
    await left.inSync();
    assert.equal((await left.find("tickets", id)).priority, "normal");
    assert.equal((await left.issues(id)).length, 1);
    // A column that only the server writes.
    await there.getLatest().patch({ number: 999_999 });
    await left.inSync();
    assert.notEqual((await left.find("tickets", id)).number, 999_999);
    for (const seen of await left.database.sync_issues.find().exec()) await seen.remove();
    await left.inSync();
  },

  async "answers that get lost double nothing"() {
    const { id } = await given();
    let lost = 0;
    left.spoil = (method) => method === "POST" && (lost += 1) < 6;
    for (const text of ["one", "two", "three"]) await left.database.comments.insert(says(id, text));
    await left.database.time_entries.insert(lasts(id, 15));
    await left.inSync();
    left.spoil = () => false;
    assert.ok(lost >= 3, `${lost} answers were lost`);
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text).sort(), ["one", "three", "two"]);
    assert.deepEqual((await kept(id, "time-entries")).map(({ minutes }) => minutes), [15]);
    assert.deepEqual(await left.database.sync_issues.find().exec(), []);
  },

  async "what its author takes off is off everywhere"() {
    const { id } = await given();
    const entry = await left.database.time_entries.insert(lasts(id, 25));
    await left.inSync();
    await comes("the entry", () => right.find("time_entries", entry.id));
    await (await left.find("time_entries", entry.id)).remove();
    await left.inSync();
    assert.deepEqual(await kept(id, "time-entries"), []);
    await comes("the deletion", async () => !(await right.find("time_entries", entry.id)));
  },

  async "nobody reaches for a colleague's ticket"() {
    const { id } = await given();
    const other = await openTab("technician2", ["tickets"]);
    assert.equal(await other.find("tickets", id), null);
    const wish = { newDocumentState: { id, subject: "mine", _deleted: false }, assumedMasterState: { id, subject: "x" } };
    const random = { ...wish, newDocumentState: { ...wish.newDocumentState, id: newId() } };
    for (const write of [wish, { newDocumentState: { id, _deleted: true }, assumedMasterState: { id } }]) {
      const told = await other.session.call("POST", "/sync/rx/tickets/push", [write]);
      assert.ok(told.every((row) => row._deleted && Object.keys(row).length === 2), JSON.stringify(told));
    }
    const [gone] = await other.session.call("POST", "/sync/rx/tickets/push", [random]);
    assert.equal(gone._deleted, true);
    assert.notEqual((await admin.call("GET", `/tickets/${id}`)).subject, "mine");
    await other.replication.stop();
  },

  async "a ticket that goes to somebody else may only be read"() {
    const { id } = await given();
    const users = await all(admin, "/users");
    const second = users.find((user) => user.login === "technician2");
    await dispatcher.call("POST", `/tickets/${id}/assignee`, { user_id: second.id });
    await comes("the change", async () => (await left.find("tickets", id))?.access === "read_only");
  },

  async "after a restore all is sent once more"() {
    const { id } = await given();
    await left.database.comments.insert(says(id, "before the backup"));
    await left.inSync();
    await server.putAside();
    await left.database.comments.insert(says(id, "after the backup"));
    await left.database.time_entries.insert(lasts(id, 20));
    await left.inSync();
    await left.replication.stop();
    await server.bringBack();
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text), ["before the backup"]);
    left.epoch = newId();
    await left.start();
    await left.inSync();
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text).sort(), ["after the backup", "before the backup"]);
    assert.deepEqual((await kept(id, "time-entries")).map(({ minutes }) => minutes), [20]);
    assert.deepEqual((await left.database.sync_issues.find().exec()).map((issue) => [issue.table_name, issue.code]), []);
  },
};

/** Both tabs hold what a new one would be given. */
const areRight = async () => {
  for (const tab of [left, right]) {
    await tab.inSync();
    const { changes } = await tab.session.call("GET", "/sync/pull?last_pulled_at=0");
    for (const table of Object.keys(tab.database.collections)) {
      const there = (await tab.database[table].find().exec()).map((row) => row.toJSON()).sort((one, other) => (one.id < other.id ? -1 : 1));
      const told = changes[table].updated.sort((one, other) => (one.id < other.id ? -1 : 1));
      assert.deepEqual(there.map(({ id }) => id), told.map(({ id }) => id), table);
    }
  }
};

let failed = 0;
const wanted = process.argv[2];
for (const [name, play] of Object.entries(scenarios)) {
  if (wanted && !name.includes(wanted)) continue;
  const began = Date.now();
  try {
    await Promise.race([play(), pause(90_000, null, { ref: false }).then(() => { throw new Error("it took too long"); })]);
    await areRight();
    console.log(`ok   RxDB: ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL RxDB: ${name}\n${error.stack}`);
    for (const tab of [left, right]) tab.spoil = () => false;
  }
}
await server.remove();
process.exit(failed === 0 ? 0 : 1);
