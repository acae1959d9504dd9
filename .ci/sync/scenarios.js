// The real WatermelonDB client, written as the document says, against the running program: what a phone lives through.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { actNumber, actText, around, sha256 } from "./generated/act.js";
import { gates } from "./generated/screen.js";
import { moment, newId } from "./generated/client.js";
import { demonstration } from "./server.js";
import { Lost, all, diagnose, signInTo, takePhone } from "./phone.js";

const server = await demonstration();
const { base } = server;
const [admin, dispatcher] = await Promise.all([signInTo(base, "admin"), signInTo(base, "dispatcher")]);
const [first, second] = [await takePhone(base, "technician"), await takePhone(base, "technician2")];
second.limit = 25;
for (const phone of [first, second]) await phone.sync();
const kinds = await all(admin, "/ticket-types");
const repair = kinds.find((kind) => kind.checklist_template_ids.length > 0);
const advice = kinds.find((kind) => kind.checklist_template_ids.length === 0);
const devices = (await all(admin, "/assets")).filter((asset) => asset.site_id && asset.code);
const places = new Map((await all(admin, "/sites")).map((site) => [site.id, site]));
const items = await all(admin, `/price-lists/${(await all(admin, "/price-lists"))[0].id}/items`);
let turn = 0;
/** A ticket about the next device, given to the owner of a phone. */
const given = async (phone, { kind = advice, ...more } = {}) => {
  const device = devices[(turn += 1) % devices.length];
  const ticket = await dispatcher.call("POST", "/tickets", {
    id: newId(), type_id: kind.id, company_id: places.get(device.site_id).company_id, site_id: device.site_id,
    priority: "normal", subject: `Offline ${turn}`, asset_codes: [device.code], ...more,
  });
  await dispatcher.call("POST", `/tickets/${ticket.id}/assignee`, { user_id: phone.user.id });
  await phone.sync();
  return { id: ticket.id, device };
};
const kept = (ticket, what) => all(admin, `/tickets/${ticket}/${what}`);
const stands = async (ticket) => (await admin.call("GET", `/tickets/${ticket}`)).status.code;
const says = (ticket, text) => ({ ticket_id: ticket, visibility: "internal", text, written_at: moment() });
const lasts = (ticket, minutes) => ({ ticket_id: ticket, kind: "on_site", minutes, visible_to_client: true });
const moves = (ticket, to) => ({ ticket_id: ticket, to_status: to, occurred_at: moment() });
const goes = async (phone, ticket, ...ways) => {
  for (const to of ways) await phone.write("status_changes", moves(ticket, to));
};
const outcomes = (phone, table) => phone.results().filter((row) => row.table === table).map((row) => [row.status, row.code]);
const issues = async (phone, row) => (await phone.rows("sync_issues")).filter((issue) => issue.row_id === row.id);
const acknowledged = async (phone) => {
  for (const issue of await phone.rows("sync_issues")) await phone.remove(issue);
  await phone.sync();
  assert.deepEqual((await phone.rows("sync_issues")).map(({ _raw }) => _raw), []);
};

/** Issues an act on the phone, and has somebody sign it there. */
const signed = async (phone, ticket, { language = "ru", showPrices = false } = {}) => {
  const row = await phone.find("tickets", ticket);
  const text = await actText(phone.database, row, { language, showPrices, me: phone.user });
  const number = await actNumber(phone.database, row, phone.device);
  const shown = { shown_text: text, shown_sha256: await sha256(text), occurred_at: moment(), told_number: number };
  const act = await phone.write("acts", { ticket_id: ticket, language, show_prices: showPrices, ...shown });
  const ink = { width: 300, height: 100, groups: [{ points: [{ x: 10, y: 20, time: 1 }, { x: 120, y: 60.5, time: 9 }] }] };
  const signature = await phone.write("signatures", {
    act_id: act.id, ticket_id: ticket, party: "client", signer_name: "Сменщик", signer_position: "кассир", outcome: "accepted",
    ink_json: JSON.stringify(ink), shown_sha256: shown.shown_sha256, signed_at: moment(),
  });
  return { act, signature, text };
};
/** What the server freezes of an act, as text. */
const textOf = async (act) => {
  const { access_token: token } = await admin.signIn("admin", "naryad-demo");
  return (await fetch(`${base}/api/v1/acts/${act}/text.txt`, { headers: { Authorization: `Bearer ${token}` } })).text();
};

const scenarios = {
  async "the second sync is empty"() {
    await first.sync();
    const before = first.seen.length;
    await first.sync();
    const calls = first.seen.slice(before);
    assert.deepEqual(calls.map(({ path }) => path), ["/sync/pull"]);
    const { changes } = JSON.parse(calls[0].text);
    for (const [table, { created, updated, deleted }] of Object.entries(changes)) {
      assert.deepEqual([created, updated, deleted], [[], [], []], table);
    }
  },

  async "pages hold what one answer holds"() {
    const whole = await first.session.call("GET", "/sync/pull?last_pulled_at=0&limit=0");
    let page = await first.session.call("GET", "/sync/pull?last_pulled_at=0&limit=7");
    const found = Object.fromEntries(Object.keys(whole.changes).map((table) => [table, []]));
    let pages = 1;
    for (;; pages += 1) {
      assert.equal(page.timestamp, whole.timestamp);
      for (const [table, { updated }] of Object.entries(page.changes)) found[table].push(...updated);
      if (!page.next_page) break;
      page = await first.session.call("GET", `/sync/pull?page=${page.next_page}`);
    }
    assert.ok(pages > 5, `${pages} pages`);
    for (const [table, rows] of Object.entries(found)) {
      const byId = (one, other) => (one.id < other.id ? -1 : 1);
      assert.deepEqual(rows.sort(byId), whole.changes[table].updated.sort(byId), table);
    }
  },

  async "pages while the office works: with the next pull nothing is missing and nothing too much"() {
    const { id } = await given(first, { kind: repair });
    await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1" });
    await first.sync();
    const held = {};
    const take = ({ changes }) => {
      for (const [table, { updated, deleted }] of Object.entries(changes)) {
        held[table] ??= new Map();
        for (const row of updated) held[table].set(row.id, row);
        for (const gone of deleted) held[table].delete(gone);
      }
    };
    const work = [
      () => dispatcher.call("PATCH", `/tickets/${id}`, { priority: "low" }),
      async () => admin.call("DELETE", `/work-lines/${(await kept(id, "work-lines"))[0].id}`),
      () => dispatcher.call("POST", `/tickets/${id}/comments`, { text: "between pages", visibility: "internal" }),
      () => given({ ...first, sync: () => {} }),
      () => dispatcher.call("PATCH", `/tickets/${id}`, { subject: "Another word" }),
    ];
    let page = await first.session.call("GET", "/sync/pull?last_pulled_at=0&limit=9");
    for (;;) {
      take(page);
      if (!page.next_page) break;
      await work.shift()?.();
      page = await first.session.call("GET", `/sync/pull?page=${page.next_page}`);
    }
    assert.equal(work.length, 0);
    take(await first.session.call("GET", `/sync/pull?last_pulled_at=${page.timestamp}`));
    const { changes } = await first.session.call("GET", "/sync/pull?last_pulled_at=0");
    for (const [table, { updated }] of Object.entries(changes)) {
      assert.deepEqual(held[table], new Map(updated.map((row) => [row.id, row])), table);
    }
  },

  async "a job in the basement closes in one push"() {
    const { id, device } = await given(first, { kind: repair });
    await first.write("comments", says(id, "Ролик стёрт"));
    await first.write("scans", { ticket_id: id, code: device.code, scanned_at: moment() });
    for (const item of await first.on("checklist_items", id)) {
      const answer = { check: true, number: "12.5", text: "хорошо", choice: JSON.parse(item.choices_json)[0] }[item.kind];
      await first.edit(item, { answer_json: JSON.stringify(answer), answered_at: moment() });
    }
    await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1.5", asset_id: device.id });
    await first.write("time_entries", lasts(id, 35));
    await goes(first, id, "en_route", "in_progress", "done");
    const before = first.pushes();
    await first.sync();
    assert.equal(first.pushes(), before + 1);
    assert.deepEqual([...new Set(first.results().map(({ status }) => status))], ["applied"]);
    assert.equal(await stands(id), "done");
    assert.equal((await kept(id, "time-entries")).length, 1);
    assert.equal((await kept(id, "work-lines"))[0].quantity, "1.5");
    assert.ok((await kept(id, "checklist")).every((item) => item.answer !== null && item.answered_by === first.user.id));
    const [comment] = await first.on("comments", id);
    assert.ok(comment.recorded_at > 0 && comment.author_id === first.user.id);
    assert.equal((await first.find("tickets", id)).status_kind, "done");
  },

  async "an act is issued and signed in the basement: the signer reads what is frozen, in every language"() {
    for (const language of ["ru", "uk", "en"]) {
      const { id, device } = await given(first, { kind: repair, description: "in the cellar" });
      await first.write("scans", { ticket_id: id, code: device.code, scanned_at: moment() });
      for (const item of await first.on("checklist_items", id)) {
        const answer = { check: true, number: "12.5", text: "хорошо,  да", choice: JSON.parse(item.choices_json)[0] }[item.kind];
        await first.edit(item, { answer_json: JSON.stringify(answer), answered_at: moment() });
      }
      // Prices are the server's: with them only what it knows already is shown.
      await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1.50", asset_id: device.id });
      await first.write("work_lines", { ticket_id: id, name: "Cable", unit: "m", quantity: "2", price: "10.00", kind: "material" });
      const showPrices = language === "en";
      if (showPrices) await first.sync();
      const at = Date.UTC(2026, 1, 10, 8) + turn * 7_200_000;
      await first.write("time_entries", { ticket_id: id, kind: "travel", started_at: at, ended_at: at + 1_234_567, visible_to_client: false });
      await first.write("time_entries", { ...lasts(id, 35), note: "тихо\nи быстро" });
      await first.write("attachments", {
        ticket_id: id, visibility: "public", name: "a.jpg", media_type: "image/jpeg", size: 5, original_sha256: await sha256("photo"),
      });
      const { act, signature, text } = await signed(first, id, { language, showPrices });
      assert.deepEqual(await gates(first.database, await first.find("tickets", id), "closed"), []);
      await goes(first, id, "en_route", "in_progress", "done");
      first.spoil = (method, path) => (path === "/sync/push" ? "answer" : null);
      await assert.rejects(first.sync(), Lost);
      first.spoil = () => null;
      await first.sync();
      const told = await textOf(act.id);
      assert.equal(text, told);
      assert.deepEqual([act.status, act.shown_as, signature.shown_as], ["signed", "same_text", "same_text"]);
      assert.equal(await stands(id), "done");
      assert.equal(await first.unsent(), false);
    }
  },

  async "an answer to a push is lost: the repeat changes nothing"() {
    const { id } = await given(first);
    await first.write("comments", says(id, "one"));
    await first.write("time_entries", lasts(id, 5));
    await first.write("work_lines", { ticket_id: id, name: "Cable", unit: "m", quantity: "2", price: "10.00", kind: "material" });
    await goes(first, id, "en_route", "in_progress", "done");
    first.spoil = (method, path) => (path === "/sync/push" ? "answer" : null);
    await assert.rejects(first.sync(), Lost);
    const past = await kept(id, "history");
    await assert.rejects(first.sync(), Lost);
    first.spoil = () => null;
    assert.equal(await first.unsent(), true);
    await first.sync();
    assert.deepEqual([...new Set(first.results().map(({ status }) => status))], ["noop"]);
    assert.deepEqual(await kept(id, "history"), past);
    for (const what of ["comments", "time-entries", "work-lines"]) assert.equal((await kept(id, what)).length, 1, what);
    assert.equal(await stands(id), "done");
  },

  async "an answer to a push is lost, and the row is edited meanwhile"() {
    const { id } = await given(first);
    await first.write("time_entries", lasts(id, 5));
    first.spoil = (method, path) => (path === "/sync/push" ? "answer" : null);
    await assert.rejects(first.sync(), Lost);
    first.spoil = () => null;
    const [entry] = await first.on("time_entries", id);
    await first.edit(entry, { minutes: 50 });
    await first.sync();
    assert.deepEqual((await kept(id, "time-entries")).map(({ minutes }) => minutes), [50]);
  },

  async "an answer to a pull is lost"() {
    await first.sync();
    first.spoil = (method, path) => (path === "/sync/pull" ? "answer" : null);
    const { id } = await given({ ...first, sync: () => {} });
    await assert.rejects(first.sync(), Lost);
    await assert.rejects(first.sync(), Lost);
    first.spoil = () => null;
    await first.sync();
    assert.equal((await first.on("ticket_assets", id)).length, 1);
  },

  async "two people edit one ticket: each keeps their column"() {
    const { id } = await given(first);
    await first.edit(await first.find("tickets", id), { description: "Сломан лоток" });
    // The office is a moment faster: between the phone's pull and its push.
    let meanwhile = true;
    const call = first.session.call;
    first.session.call = async (method, path, body) => {
      if (path.startsWith("/sync/push") && meanwhile) {
        meanwhile = false;
        await dispatcher.call("PATCH", `/tickets/${id}`, { priority: "critical" });
      }
      return call(method, path, body);
    };
    const before = first.pushes();
    await first.sync();
    first.session.call = call;
    const pushes = first.seen.filter(({ path }) => path === "/sync/push").slice(before);
    assert.deepEqual(pushes.map(({ status }) => status), [409, 200]);
    assert.equal(JSON.parse(pushes[0].text).conflicts[0].id, id);
    const ticket = await admin.call("GET", `/tickets/${id}`);
    assert.deepEqual([ticket.priority, ticket.description], ["critical", "Сломан лоток"]);
    assert.equal((await first.find("tickets", id)).priority, "critical");
  },

  async "a gate that is shut: refused with what is missing, the rest is kept"() {
    const { id } = await given(first, { kind: repair });
    await goes(first, id, "en_route", "in_progress", "done");
    await first.write("comments", says(id, "kept all the same"));
    await first.sync();
    assert.equal(await stands(id), "in_progress");
    assert.equal((await kept(id, "comments")).length, 1);
    const moved = (await first.on("status_changes", id)).map((row) => row.to_status).sort();
    assert.deepEqual(moved, ["en_route", "in_progress"]);
    const [issue] = (await first.rows("sync_issues")).filter((one) => one.ticket_id === id);
    assert.deepEqual([issue.table_name, issue.status, issue.code], ["status_changes", "refused", "gates_closed"]);
    const missing = JSON.parse(issue.details_json).unmet.map(({ gate }) => gate);
    assert.deepEqual(missing, (await admin.call("GET", `/tickets/${id}/completion?to=done`)).unmet.map(({ gate }) => gate));
    assert.equal(JSON.parse(issue.pushed_json).to_status, "done");
    await acknowledged(first);
  },

  async "a ticket is not done without the work it was done for"() {
    const { id } = await given(first);
    await first.write("time_entries", lasts(id, 10));
    await first.write("work_lines", { ticket_id: id, price_item_id: newId(), quantity: "1" });
    await goes(first, id, "en_route", "in_progress", "done");
    await first.sync();
    assert.equal(await stands(id), "in_progress");
    const codes = (await first.rows("sync_issues")).filter((issue) => issue.ticket_id === id).map(({ code }) => code);
    assert.deepEqual(codes.sort(), ["validation_failed", "work_refused"]);
    await goes(first, id, "done");
    await acknowledged(first);
    assert.equal(await stands(id), "done");
  },

  async "the phone tells what is missing as the server does"() {
    const { id, device } = await given(first, { kind: repair });
    const agree = async (to) => {
      await first.sync();
      const told = (await admin.call("GET", `/tickets/${id}/completion?to=${to}`)).unmet;
      const own = await gates(first.database, await first.find("tickets", id), to);
      const words = ({ gate, item_id, asset_id, field }) => [gate, item_id ?? null, asset_id ?? null, field ?? null].join(" ");
      const plain = (list) => list.map(words).sort();
      assert.deepEqual(plain(own), plain(told), to);
      return told.length;
    };
    await goes(first, id, "en_route", "in_progress");
    assert.ok(await agree("done") >= 4);
    await agree("waiting");
    await first.write("time_entries", lasts(id, 5));
    await agree("done");
    await first.write("scans", { ticket_id: id, code: device.code, scanned_at: moment() });
    await agree("done");
    for (const item of await first.on("checklist_items", id)) {
      await first.edit(item, { answer_json: JSON.stringify({ check: true, number: "1" }[item.kind] ?? JSON.parse(item.choices_json)[0] ?? "x") });
    }
    assert.equal(await agree("done"), 0);
    await goes(first, id, "done");
    assert.equal(await agree("closed"), 1);
  },

  async "a column that is the server's comes back as it is"() {
    const { id } = await given(first);
    const ticket = await first.find("tickets", id);
    const { number, status } = ticket;
    await first.edit(ticket, { number: 999_999, status: "closed" });
    await first.sync();
    await first.sync();
    assert.deepEqual([ticket.number, ticket.status], [number, status]);
    assert.equal(await stands(id), status);
  },

  async "times that overlap: the second is refused and told with the first"() {
    const { id } = await given(first);
    const at = Date.UTC(2026, 0, 10, 8) + turn * 7_200_000;
    const span = { ticket_id: id, kind: "on_site", started_at: at, ended_at: at + 3_600_000 };
    const own = await first.write("time_entries", span);
    await first.sync();
    const late = await first.write("time_entries", { ...span, started_at: at + 1_800_000 });
    await first.sync();
    assert.deepEqual(outcomes(first, "time_entries"), [["refused", "time_overlap"]]);
    assert.deepEqual((await first.on("time_entries", id)).map((row) => row.id), [own.id]);
    const [issue] = await issues(first, late);
    assert.equal(issue.code, "time_overlap");
    assert.ok(JSON.stringify(JSON.parse(issue.details_json)).includes(own.id));
    await acknowledged(first);
  },

  async "a ticket goes to a colleague: late work is taken, and a manager sees it"() {
    const { id } = await given(first);
    await goes(first, id, "en_route", "in_progress");
    await first.sync();
    const comment = await first.write("comments", says(id, "written in the basement"));
    const entry = await first.write("time_entries", lasts(id, 25));
    await goes(first, id, "done");
    await dispatcher.call("POST", `/tickets/${id}/assignee`, { user_id: second.user.id });
    await first.sync();
    assert.deepEqual(outcomes(first, "comments"), [["quarantined", "late_work"]]);
    assert.deepEqual(outcomes(first, "time_entries"), [["quarantined", "late_work"]]);
    assert.equal(outcomes(first, "status_changes")[0][0], "refused");
    assert.equal((await first.find("tickets", id)).access, "read_only");
    assert.equal(await stands(id), "in_progress");
    const late = (await all(await signInTo(base, "manager"), `/sync/late-work?ticket_id=${id}`)).map((work) => work.row_id);
    assert.deepEqual(late.sort(), [comment.id, entry.id].sort());
    await second.sync();
    assert.equal((await second.find("tickets", id)).access, "full");
    assert.deepEqual((await second.on("comments", id)).map((row) => row.text), ["written in the basement"]);
    assert.deepEqual((await second.on("time_entries", id)).map((row) => row.user_id), [first.user.id]);
    await acknowledged(first);
  },

  async "a ticket goes away and comes back"() {
    const { id } = await given(first);
    await first.write("comments", says(id, "mine"));
    await first.sync();
    await dispatcher.call("POST", `/tickets/${id}/assignee`, { user_id: second.user.id });
    await second.sync();
    await second.write("comments", says(id, "the colleague's"));
    await second.sync();
    await dispatcher.call("POST", `/tickets/${id}/assignee`, { user_id: first.user.id });
    await first.sync();
    assert.equal((await first.find("tickets", id)).access, "full");
    assert.deepEqual((await first.on("comments", id)).map(({ text }) => text).sort(), ["mine", "the colleague's"]);
    await goes(first, id, "en_route");
    await first.sync();
    assert.equal(await stands(id), "en_route");
  },

  async "the tickets of one's team, and no longer when one leaves it"() {
    const team = await admin.call("POST", "/teams", { name: `Team ${newId()}`, member_ids: [first.user.id, second.user.id] });
    const kind = await admin.call("POST", "/ticket-types", { name: `Of a team ${newId()}`, team_id: team.id, gates: [] });
    const { id } = await given(first, { kind });
    await second.sync();
    assert.equal((await second.find("tickets", id)).access, "full");
    assert.equal((await second.on("ticket_assets", id)).length, 1);
    await admin.call("PATCH", `/teams/${team.id}`, { member_ids: [first.user.id] });
    await second.sync();
    assert.equal((await second.find("tickets", id)).access, "read_only");
  },

  async "a row is corrected: a longer time, and no note any more"() {
    const { id } = await given(first);
    const entry = await first.write("time_entries", { ...lasts(id, 10), note: "to be forgotten" });
    await first.sync();
    await first.edit(entry, { minutes: 90, note: null });
    await first.sync();
    const [{ minutes, note }] = await kept(id, "time-entries");
    assert.deepEqual([minutes, note, entry.minutes, entry.note], [90, null, 90, null]);
    const item = await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1" });
    await first.sync();
    await first.edit(item, { quantity: "2,5" });
    await first.sync();
    assert.equal((await kept(id, "work-lines"))[0].quantity, item.quantity);
  },

  async "what cannot be right is refused with the field, and nothing else suffers"() {
    const { id } = await given(first);
    const wrong = [
      ["time_entries", { ticket_id: id, kind: "on_site", minutes: -5, visible_to_client: true }],
      ["time_entries", { ticket_id: id, kind: "asleep", minutes: 5, visible_to_client: true }],
      ["time_entries", { ticket_id: id, kind: "on_site", minutes: 1e9, visible_to_client: true }],
      ["comments", { ticket_id: id, visibility: "internal", text: "" }],
      ["comments", { ticket_id: id, visibility: "secret", text: "x", written_at: 1e300 }],
      ["comments", { ticket_id: "no-id", visibility: "internal", text: "x" }],
      ["work_lines", { ticket_id: id, price_item_id: newId(), quantity: "1" }],
      ["work_lines", { ticket_id: id, name: "x", unit: "h", price: "1e9", quantity: "many" }],
      ["scans", { ticket_id: id, code: "0000000000", scanned_at: moment() }],
      ["status_changes", { ticket_id: id, to_status: "heaven", occurred_at: moment() }],
    ];
    for (const [table, row] of wrong) await first.write(table, row);
    const [right] = [await first.write("comments", says(id, "right"))];
    await first.sync();
    const told = first.results().filter(({ id: row }) => row !== right.id).map(({ status }) => status);
    assert.deepEqual(told, wrong.map(() => "refused"), JSON.stringify(first.results()));
    assert.deepEqual((await first.on("comments", id)).map(({ text }) => text), ["right"]);
    assert.deepEqual([await first.on("time_entries", id), await first.on("work_lines", id)], [[], []]);
    const fields = (await first.rows("sync_issues")).filter(({ code }) => code === "validation_failed");
    assert.ok(fields.length >= 6);
    for (const issue of fields) assert.ok(JSON.parse(issue.details_json).errors[0].pointer.startsWith("/"), issue.details_json);
    await acknowledged(first);
  },

  async "an id of somebody else's tells nothing"() {
    const { id } = await given(first);
    const own = await first.write("comments", says(id, "private"));
    await first.sync();
    const known = await second.find("tickets", id);
    assert.equal(known, undefined);
    const push = async (changes) => (await second.session.call("POST", "/sync/push?last_pulled_at=1", changes)).results;
    const created = (table, row) => ({ [table]: { created: [row], updated: [], deleted: [] } });
    const tell = ({ status, code }) => [status, code];
    for (const ticket of [id, newId()]) {
      assert.deepEqual((await push(created("comments", { id: newId(), ...says(ticket, "x") }))).map(tell), [["refused", "id_unavailable"]]);
      assert.deepEqual((await push({ tickets: { updated: [{ id: ticket, subject: "mine" }] } })).map(({ status }) => status), ["refused"]);
    }
    const { id: mine } = await given(second);
    const taken = (await push(created("comments", { id: own.id, ...says(mine, "over") }))).map(tell);
    assert.deepEqual(taken, [["refused", "id_unavailable"]]);
    // To change or delete what is somebody else's answers as to change or delete what nobody has; and nothing comes of it.
    await first.write("time_entries", lasts(id, 5));
    await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1" });
    await first.sync();
    const foreign = {
      comments: own.id, tickets: id, time_entries: (await kept(id, "time-entries"))[0].id, work_lines: (await kept(id, "work-lines"))[0].id,
      checklist_items: (await first.rows("checklist_items"))[0].id, acts: (await first.rows("acts"))[0].id,
      assets: (await first.rows("assets"))[0].id, scans: (await first.rows("scans"))[0].id, code_claims: newId(),
    };
    for (const [table, target] of Object.entries(foreign)) {
      await push({ [table]: { updated: [{ id: target, text: "x", quantity: "9", minutes: 9, answer_json: "true" }] } });
      const [theirs, nobodys] = [await push({ [table]: { deleted: [target] } }), await push({ [table]: { deleted: [newId()] } })];
      assert.deepEqual(theirs.map(tell), nobodys.map(tell), `${table} deleted`);
    }
    assert.deepEqual([(await kept(id, "time-entries"))[0].minutes, (await kept(id, "work-lines"))[0].quantity], [5, "1"]);
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text), ["private"]);
    await second.sync();
    assert.equal(await second.find("comments", own.id), undefined);
    await acknowledged(second);
  },

  async "what one deletes is gone, and what one may not delete comes back"() {
    const { id } = await given(first);
    await first.write("time_entries", lasts(id, 5));
    await first.write("comments", says(id, "stays"));
    await first.sync();
    await first.remove((await first.on("time_entries", id))[0]);
    await first.remove((await first.on("comments", id))[0]);
    await first.sync();
    assert.deepEqual([(await kept(id, "time-entries")).length, (await kept(id, "comments")).length], [0, 1]);
    assert.deepEqual((await first.on("comments", id)).map(({ text }) => text), ["stays"]);
    assert.deepEqual(await first.on("time_entries", id), []);
    await acknowledged(first);
  },

  async "what the office takes off goes from the phone"() {
    const { id, device } = await given(first);
    await first.write("work_lines", { ticket_id: id, price_item_id: items[0].id, quantity: "1" });
    await first.sync();
    await admin.call("DELETE", `/work-lines/${(await kept(id, "work-lines"))[0].id}`);
    await admin.call("DELETE", `/tickets/${id}/assets/${device.id}`);
    await first.sync();
    assert.deepEqual([await first.on("work_lines", id), await first.on("ticket_assets", id)], [[], []]);
  },

  async "a ticket is opened on the phone, with work on it at once"() {
    const [site] = await first.rows("sites");
    const ticket = await first.write("tickets", {
      type_id: advice.id, company_id: site.company_id, site_id: site.id, priority: "normal", subject: "Seen in passing",
    });
    await first.write("comments", says(ticket.id, "while I am here"));
    await first.write("time_entries", lasts(ticket.id, 15));
    await first.sync();
    assert.ok(ticket.number > 0 && ticket.status_kind === "new", JSON.stringify(ticket._raw));
    assert.equal((await kept(ticket.id, "comments")).length, 1);
    assert.equal((await kept(ticket.id, "time-entries")).length, 1);
  },

  async "two phones of one person"() {
    const other = await takePhone(base, "technician");
    await other.sync();
    const { id } = await given(first);
    await other.sync();
    await Promise.all([first.write("comments", says(id, "from one")), other.write("comments", says(id, "from the other"))]);
    await Promise.all([first.sync(), other.sync()]);
    await first.sync();
    await other.sync();
    for (const phone of [first, other]) {
      assert.deepEqual((await phone.on("comments", id)).map(({ text }) => text).sort(), ["from one", "from the other"]);
    }
    await diagnose(other);
  },

  async "a blank label gets a new device in a cellar, and a colleague was late with the same one"() {
    const batch = await admin.call("POST", "/label-batches", { name: `Cellar ${newId()}`, count: 2 });
    const [blank] = await all(admin, `/label-batches/${batch.id}/codes`);
    const claimed = async (phone) => {
      const { device: beside } = await given(phone);
      const device = { id: newId(), company_id: beside.company_id, site_id: beside.site_id, name: "Switch in the cellar" };
      const claim = await phone.write("code_claims", { code: blank.code, asset_json: JSON.stringify(device), claimed_at: moment() });
      await phone.sync();
      return [claim.outcome, (await phone.find("assets", device.id)).code === blank.code];
    };
    assert.deepEqual(await claimed(first), ["won", true]);
    assert.deepEqual(await claimed(second), ["lost", false]);
  },

  async "characters that a database cannot hold"() {
    const { id } = await given(first);
    await first.write("comments", says(id, "a\u0000b 😀 \u2028 \"quoted\" \\ <b>"));
    await first.sync();
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text.replace(/\s+/g, " ")), ["ab 😀 \"quoted\" \\ <b>"]);
  },

  async "a table that an app has newly learnt is told whole"() {
    const { timestamp } = await first.session.call("GET", "/sync/pull?last_pulled_at=0");
    const migration = encodeURIComponent(JSON.stringify({ from: 1, tables: ["comments"], columns: [{ table: "assets", columns: ["code"] }] }));
    const { changes } = await first.session.call("GET", `/sync/pull?last_pulled_at=${timestamp}&migration=${migration}`);
    assert.equal(changes.comments.updated.length, (await first.rows("comments")).length);
    assert.equal(changes.assets.updated.length, (await first.rows("assets")).length);
    assert.equal(changes.tickets.updated.length, 0);
  },

  async "what is not the protocol is told so"() {
    const wrong = [["/sync/push", { comments: [] }], ["/sync/push", { comments: { created: [1] } }], ["/sync/push?last_pulled_at=x", {}]];
    for (const [path, body] of wrong) {
      await assert.rejects(first.session.call("POST", path, body), { status: 400, code: "sync_malformed" });
    }
  },

  async "packed both ways"() {
    const { id } = await given(first);
    const { access_token: token } = await admin.call("POST", "/auth/login", { login: "technician", password: "naryad-demo" });
    const row = { id: newId(), ...says(id, "packed") };
    const pushed = await fetch(`${base}/api/v1/sync/push?last_pulled_at=1`, {
      method: "POST", body: gzipSync(JSON.stringify({ comments: { created: [row], updated: [], deleted: [] } })),
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Content-Encoding": "gzip" },
    });
    assert.deepEqual((await pushed.json()).results?.map(({ status }) => status), ["applied"]);
    const pulled = await fetch(`${base}/api/v1/sync/pull?last_pulled_at=0`, {
      headers: { Authorization: `Bearer ${token}`, "Accept-Encoding": "gzip" },
    });
    assert.equal(pulled.headers.get("Content-Encoding"), "gzip");
    await first.sync();
    assert.deepEqual((await first.on("comments", id)).map(({ text }) => text), ["packed"]);
  },

  async "phones are for our own side"() {
    const client = await signInTo(base, "client");
    for (const [method, path] of [["GET", "/sync/pull?last_pulled_at=0"], ["POST", "/sync/push?last_pulled_at=1"], ["GET", "/sync/schema"]]) {
      await assert.rejects(client.call(method, path, method === "POST" ? {} : undefined), { status: 403 });
    }
    await assert.rejects(first.session.call("GET", "/sync/late-work"), { status: 403 });
  },

  async "an app that is too old is told so, and gets rid of its work"() {
    const { access_token: token } = await admin.call("POST", "/auth/login", { login: "technician", password: "naryad-demo" });
    const ask = (method, path) => fetch(`${base}/api/v1/sync/${path}`, {
      method, headers: { Authorization: `Bearer ${token}`, "X-App-Version": "1.9.12", "Content-Type": "application/json" },
      ...(method === "POST" && { body: "{}" }),
    });
    const refused = await ask("GET", "pull?last_pulled_at=0");
    assert.deepEqual([refused.status, (await refused.json()).min_version], [426, "2.0"]);
    assert.equal((await ask("POST", "push?last_pulled_at=1")).status, 200);
  },

  async "seven hundred rows in one push"() {
    const { id } = await given(first);
    await first.database.write(() => first.database.batch(Array.from({ length: 700 }, (_, index) =>
      first.database.get("comments").prepareCreate((row) => Object.assign(row, says(id, `note ${index}`))))));
    await first.sync();
    assert.equal((await kept(id, "comments")).length, 700);
    assert.equal(await first.unsent(), false);
  },

  async "a phone keeps numbers for its acts: two in the basement have those that were told, and the rest is accounted for"() {
    const tickets = [await given(first), await given(first), await given(first)];
    const block = (await first.session.call("POST", "/reserved-act-numbers", { count: 3 })).data.map(({ number }) => number);
    assert.equal(new Set(block).size, 3);
    await first.sync();
    const acts = [];
    for (const { id } of tickets.slice(0, 2)) acts.push((await signed(first, id)).act);
    assert.deepEqual(acts.map((act) => act.told_number), block.slice(0, 2));
    // The answer gets lost: the same acts once more have the same numbers.
    first.spoil = (method, path) => (path === "/sync/push" ? "answer" : null);
    await assert.rejects(first.sync(), Lost);
    first.spoil = () => null;
    await first.sync();
    assert.deepEqual(acts.map((act) => [act.number, act.status]), block.slice(0, 2).map((number) => [number, "signed"]));
    assert.deepEqual((await first.rows("act_numbers")).map(({ number }) => number), block.slice(2));
    assert.equal(await actNumber(first.database, await first.find("tickets", tickets[0].id), first.device), block[0]);
    // The phone is put away; an act that tells one of its numbers all the same gets another.
    await first.session.call("POST", "/reserved-act-numbers/release", {});
    const { act } = await signed(first, tickets[2].id);
    await first.sync();
    assert.equal(act.told_number, block[2]);
    assert.notEqual(act.number, block[2]);
    const [void_] = (await all(admin, "/reserved-act-numbers?state=void")).filter(({ number }) => number === block[2]);
    assert.deepEqual([void_.void_reason, void_.voided_by, void_.device_id], ["released", first.user.id, first.device.id]);
    assert.deepEqual(await first.rows("act_numbers"), []);
    // What stands around the text is on the phone, too.
    const { no_claims: claims, consent, outcomes } = await around(first.database, "ru");
    assert.match(claims, /претензий/);
    assert.match(consent, /прочитал/);
    assert.deepEqual(Object.values(outcomes), ["Работы принимаю", "Принимаю с замечаниями", "Отказываюсь подписать"]);
  },

  async "the server is restored from a backup: what it had confirmed is sent once more"() {
    const { id, device } = await given(first, { kind: repair });
    await first.write("comments", says(id, "before the backup"));
    await first.sync();
    await server.putAside();
    await first.write("comments", says(id, "after the backup"));
    await first.write("time_entries", lasts(id, 20));
    await first.write("scans", { ticket_id: id, code: device.code, scanned_at: moment() });
    const [item] = (await first.on("checklist_items", id)).filter(({ kind }) => kind === "check");
    await first.edit(item, { answer_json: "true", answered_at: moment() });
    const { act, signature } = await signed(first, id);
    const photo = await first.write("attachments", {
      ticket_id: id, visibility: "public", name: "a.jpg", media_type: "image/jpeg", size: 5, original_sha256: await sha256("photo"),
    });
    await goes(first, id, "en_route", "in_progress");
    await first.sync();
    assert.equal(await stands(id), "in_progress");
    assert.deepEqual([act.status, signature.shown_as, photo.status], ["signed", "same_text", "expected"]);
    await server.bringBack();
    assert.equal(await stands(id), "assigned");
    for (const phone of [first, second]) phone.epoch = newId();
    await first.sync();
    assert.deepEqual((await kept(id, "comments")).map(({ text }) => text).sort(), ["after the backup", "before the backup"]);
    assert.deepEqual((await kept(id, "time-entries")).map(({ minutes }) => minutes), [20]);
    assert.equal((await kept(id, "checklist")).find((one) => one.id === item.id).answer, true);
    assert.ok((await admin.call("GET", `/tickets/${id}`)).assets.every(({ scanned_at: at }) => at));
    assert.equal(await stands(id), "in_progress");
    const again = (await kept(id, "acts")).map(({ id: one, status, shown_as: shown }) => [one, status, shown]);
    assert.deepEqual(again, [[act.id, "signed", "same_text"]]);
    assert.deepEqual((await kept(id, "attachments")).map((file) => file.id), [photo.id]);
    assert.deepEqual(await first.rows("sync_issues"), []);
  },
};

let failed = 0;
const wanted = process.argv[2];
for (const [name, play] of Object.entries(scenarios)) {
  if (wanted && !name.includes(wanted)) continue;
  const began = Date.now();
  try {
    await play();
    for (const phone of [first, second]) await diagnose(phone);
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
    for (const phone of [first, second]) phone.spoil = () => null;
  }
}
await server.remove();
process.exit(failed === 0 ? 0 : 1);
