// The main job, from an empty company to an invoice, by a client that knows nothing but the generated types.
// It may run on a server that has seen other work: whatever it asserts is about the records it made itself.

import { randomBytes } from "node:crypto";
import createClient from "openapi-fetch";
import { good, pdf, refused, same, sha256, silent, there, truth } from "./check.js";
import type { components, paths } from "./generated/api.js";

type Schemas = components["schemas"];

const setting = (name: string) => there(process.env[name], `the environment variable ${name}`);
const baseUrl = setting("NARYAD_URL");
const adminLogin = setting("NARYAD_LOGIN");
const adminPassword = setting("NARYAD_PASSWORD");

// Logins and codes are unique in the company; this keeps the runs on one server apart.
const run = randomBytes(4).toString("hex");
const password = randomBytes(12).toString("hex");

const stranger = createClient<paths>({ baseUrl });
type Client = typeof stranger;

async function signIn(login: string, secret: string): Promise<{ client: Client; tokens: Schemas["Tokens"] }> {
  const device = { id: `phone-${run}`, name: "The phone of a test" };
  const body = { login, password: secret, device };
  const tokens = good(200, await stranger.POST("/api/v1/auth/login", { body }));
  same(tokens.token_type, "Bearer", "the kind of token");
  truth(tokens.expires_in > 0 && tokens.refresh_token.length > 0, "a session can be kept up");
  const headers = { authorization: `Bearer ${tokens.access_token}`, "accept-language": "en" };
  return { client: createClient<paths>({ baseUrl, headers }), tokens };
}

/** A UUID v7, as an app makes one before it has seen the server. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const step = (what: string) => console.log(`ok  ${what}`);

// ---- Session ----

const { client: admin, tokens } = await signIn(adminLogin, adminPassword);
refused(401, "login_failed", await stranger.POST("/api/v1/auth/login", { body: { login: adminLogin, password: "wrong" } }));
refused(401, "unauthenticated", await stranger.GET("/api/v1/me"));
const me = good(200, await admin.GET("/api/v1/me"));
same([me.id, me.role], [tokens.user.id, "admin"], "who is signed in");
const next = good(200, await stranger.POST("/api/v1/auth/refresh", { body: { refresh_token: tokens.refresh_token } }));
same([next.session_id, next.user.id], [tokens.session_id, tokens.user.id], "the session goes on after a refresh");
step("signed in, refreshed, and was refused without a token");

// ---- Set-up ----

const provider = good(200, await admin.PUT("/api/v1/provider", {
  body: {
    legal_name: "ООО «Сервис-ИТ»",
    tax_id: "7707083893",
    tax_code: "770701001",
    address: "109012, г. Москва, ул. Никольская, д. 10",
    language: "ru",
    currency: "RUB",
    time_zone: "Europe/Moscow",
    vat: { mode: "included", rate: "22" },
    bank: { name: "ПАО Сбербанк", bic: "044525225", account: "40702810438000060473", correspondent_account: "30101810400000000225" },
    director: { name: "Орлов Пётр Сергеевич", position: "Генеральный директор" },
  },
}));
same([provider.currency, provider.vat.mode, provider.vat.rate], ["RUB", "included", "22"], "the provider");

const company_id = newId();
const company = { id: company_id, name: `Ромашка ${run}`, legal_name: "ООО «Ромашка»", tax_id: "7728168971" };
same(good(201, await admin.POST("/api/v1/companies", { body: company })).id, company_id, "the client's own id");
same(good(200, await admin.POST("/api/v1/companies", { body: company })).id, company_id, "the same request once more");
const site = good(201, await admin.POST("/api/v1/sites", {
  body: { company_id, name: "Главный офис", address: "г. Москва, пр. Мира, д. 10", time_zone: "Europe/Moscow" },
}));
async function contact(name: string, signing_authority: Schemas["SigningAuthority"]): Promise<Schemas["Contact"]> {
  const body = { company_id, site_id: site.id, name, position: "Сотрудник", signing_authority };
  return good(201, await admin.POST("/api/v1/contacts", { body }));
}
const accountant = await contact("Белова Ирина Юрьевна", "routine");
const guard = await contact("Цой Виктор Робертович", "none");

async function user(role: Schemas["Role"]): Promise<{ id: string; client: Client }> {
  const login = `${role}-${run}`;
  const body = { login, password, role, name: "Ёлкин Иван Петрович" };
  const made = good(201, await admin.POST("/api/v1/users", { body }));
  same([made.login, made.role], [login, role], "the user");
  truth(!("password" in made), "a password is never told");
  return { id: made.id, client: (await signIn(login, password)).client };
}
const { client: dispatcher } = await user("dispatcher");
const { client: manager } = await user("manager");
const { client: technician, id: technician_id } = await user("technician");
refused(403, "forbidden", await technician.POST("/api/v1/companies", { body: { name: "Василёк" } }));

const list = good(201, await admin.POST("/api/v1/price-lists", { body: { name: `Прайс-лист ${run}`, currency: "RUB" } }));
async function item(code: string, kind: "work" | "material", price: string): Promise<Schemas["PriceItem"]> {
  const body = { code, name: `Позиция ${code}`, kind, unit: "шт", price };
  return good(201, await admin.POST("/api/v1/price-lists/{id}/items", { params: { path: { id: list.id } }, body }));
}
const cleaning = await item("Р-01", "work", "1500.00");
const roller = await item("М-07", "material", "1890.00");
const agreement = good(201, await admin.POST("/api/v1/agreements", {
  body: { company_id, number: `С-${run}`, starts_on: "2020-01-01", covers: { price_item_ids: [cleaning.id] } },
}));
const checklist = good(201, await admin.POST("/api/v1/checklist-templates", {
  body: {
    name: `ТО принтера ${run}`,
    items: [
      { text: "Ролики захвата очищены", kind: "check", required: true },
      { text: "Счётчик страниц", kind: "number", required: true },
      { text: "Качество пробной печати", kind: "choice", required: true, choices: ["хорошее", "с дефектами"] },
      { text: "Рекомендации", kind: "text", required: false },
    ],
  },
}));
const type = good(201, await admin.POST("/api/v1/ticket-types", {
  body: {
    name: `Ремонт ${run}`,
    required_fields: ["site_id"],
    checklist_template_ids: [checklist.id],
    gates: ["time_logged", "checklist_complete", "act_signed", "asset_scanned"],
    signing_authority: "routine",
  },
}));
step("described the company: provider, client, people, prices, rules");

// ---- Assets and labels ----

const asset = good(201, await admin.POST("/api/v1/assets", {
  body: {
    company_id, site_id: site.id, name: "Принтер HP", kind: "printer", manufacturer: "HP", model: "LaserJet Pro M404dn",
    serial_number: `SN-${run}`, inventory_number: `IN-${run}`, attributes: { room: "101" },
  },
}));
const code = there(asset.code, "the code of the device");
same(code.length, 10, "the length of a code");
truth(there(asset.label_url, "what the QR code holds").includes(code), "the label leads to the code");
const ofAsset = { path: { id: asset.id }, query: { width_mm: 58, height_mm: 40, dpi: 203 } };
const png = await admin.GET("/api/v1/assets/{id}/label.png", { params: ofAsset, parseAs: "arrayBuffer" });
same(Buffer.from(good(200, png)).subarray(0, 8).toString("hex"), "89504e470d0a1a0a", "the beginning of label.png");
same(png.response.headers.get("content-type"), "image/png", "the media type of label.png");
const svg = good(200, await admin.GET("/api/v1/assets/{id}/label.svg", { params: ofAsset, parseAs: "text" }));
truth(svg.includes("<svg"), "label.svg is a picture");
const zpl = good(200, await admin.GET("/api/v1/assets/{id}/label.zpl", { params: ofAsset, parseAs: "text" }));
truth(zpl.startsWith("^XA") && zpl.trimEnd().endsWith("^XZ"), "label.zpl is one label");
pdf(good(200, await admin.GET("/api/v1/assets/{id}/label.pdf", { params: ofAsset, parseAs: "arrayBuffer" })), "label.pdf");
pdf(good(200, await admin.POST("/api/v1/label-sheets", {
  body: { asset_ids: [asset.id], sheet: { brand: "Avery", part: "L7651" }, start_at: 3, offset_mm: { x: 0.5, y: 0 } },
  parseAs: "arrayBuffer",
})), "the sheet of labels");

const card = good(200, await technician.GET("/api/v1/scan/{code}", { params: { path: { code } } }));
same([card.asset.id, card.company.id, card.site?.id], [asset.id, company_id, site.id], "the card of a scan");
same([card.open_tickets, card.recent_acts], [[], []], "the card before any work");
same([card.coverage.covered, card.coverage.agreement_number], [true, agreement.number], "the agreement on the card");
truth(card.coverage.reason.includes(agreement.number), "the card says why the device is covered");
refused(404, "code_not_found", await technician.GET("/api/v1/scan/{code}", { params: { path: { code: "0000000000" } } }));
step(`labelled and scanned the device ${code}`);

// ---- Ticket ----

const opening = { type_id: type.id, company_id, priority: "high" as const, subject: "Принтер жуёт бумагу", asset_codes: [code] };
const siteless = refused(422, "gates_closed", await dispatcher.POST("/api/v1/tickets", { body: opening }));
same(unmetOf(siteless).map((unmet) => [unmet.gate, unmet.field]), [["required_fields", "site_id"]], "what opening lacks");
const ticket = good(201, await dispatcher.POST("/api/v1/tickets", {
  body: { ...opening, site_id: site.id, contact_id: accountant.id },
}));
same([ticket.status.kind, ticket.priority, ticket.assets.length], ["new", "high", 1], "the new ticket");
truth(Number.isInteger(ticket.number) && ticket.number >= 1, "the ticket has a number");
const here = { params: { path: { id: ticket.id } } };
const assigned = good(200, await dispatcher.POST("/api/v1/tickets/{id}/assignee", { ...here, body: { user_id: technician_id } }));
same(assigned.assignee_id, technician_id, "the assignee");

const to = (client: Client, status: string) =>
  client.POST("/api/v1/tickets/{id}/status", { ...here, body: { to: status } });
for (const status of ["en_route", "in_progress"]) {
  same(good(200, await to(technician, status)).status.code, status, "the status");
}
refused(409, "transition_refused", await to(technician, "closed"));

/** The closed gates a refusal names: typed by the document, not by us. */
function unmetOf(problem: Schemas["Problem"]): Schemas["Unmet"][] {
  return there(problem.unmet, "the list of unmet gates in the refusal");
}
const gates = (unmet: Schemas["Unmet"][]) => unmet.map((one) => one.gate).sort();
const promised: Schemas["Gate"][] = ["asset_scanned", "checklist_complete", "checklist_complete", "checklist_complete", "time_logged"];
const unmet = unmetOf(refused(422, "gates_closed", await to(technician, "done")));
same(gates(unmet), promised, "the gates that keep the ticket from being done");
const toDone = { params: { path: { id: ticket.id }, query: { to: "done" } } };
const completion = good(200, await technician.GET("/api/v1/tickets/{id}/completion", toDone));
same([completion.to, completion.ready], ["done", false], "what is left to do");
same(completion.unmet, unmet, "the refusal and the completion tell the same");
const remedy = there(unmet.find((one) => one.gate === "time_logged"), "the gate time_logged").remedy;
same([remedy.method, remedy.path], ["POST", `/api/v1/tickets/${ticket.id}/time-entries`], "the remedy");
same(good(200, await technician.GET("/api/v1/tickets/{id}", here)).status.code, "in_progress", "a refused move moves nothing");
step("completion was refused, with every unmet gate named");

const scanned = good(200, await technician.POST("/api/v1/tickets/{id}/scans", {
  ...here, body: { code, scanned_at: new Date().toISOString(), place: { lat: 55.7807, lon: 37.6335, accuracy_m: 12 } },
}));
same(scanned.assets.map((one) => [one.id, typeof one.scanned_at]), [[asset.id, "string"]], "the devices after the scan");

const items = good(200, await technician.GET("/api/v1/tickets/{id}/checklist", here)).data;
same(items.map((one) => [one.kind, one.required, one.answer]),
  [["check", true, null], ["number", true, null], ["choice", true, null], ["text", false, null]], "the checklist");
const answer = (item_id: string, value: Schemas["Answer"]) =>
  technician.PUT("/api/v1/tickets/{id}/checklist/{item_id}", { params: { path: { id: ticket.id, item_id } }, body: { answer: value } });
const answers: Schemas["Answer"][] = [true, "48211.5", "хорошее", "Заменить ролик отделения через 10 000 страниц"];
refused(422, "validation_failed", await answer(there(items[2], "the choice").id, "никакое"));
for (const [place, one] of items.entries()) {
  const value = there(answers[place], "an answer");
  const kept = good(200, await answer(one.id, value));
  same([kept.answer, kept.answered_by], [value, technician_id], "the answer that was kept");
}

const hour = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString();
const time = (body: Schemas["NewTimeEntry"]) => technician.POST("/api/v1/tickets/{id}/time-entries", { ...here, body });
const entry = good(201, await time({ kind: "on_site", started_at: hour(3), ended_at: hour(2) }));
same(entry.minutes, 60, "the minutes between two moments");
const overlap = refused(409, "time_overlap", await time({ kind: "travel", started_at: hour(2.5), ended_at: hour(1.5) }));
same(there(overlap.conflicting_entry, "the other entry").id, entry.id, "the entry in the way");
same(good(201, await time({ kind: "remote", duration: "1 ч 20 м", note: "Настройка" })).minutes, 80, "the minutes of 1 ч 20 м");

const work = async (body: Schemas["NewWorkLine"]) =>
  good(201, await technician.POST("/api/v1/tickets/{id}/work-lines", { ...here, body }));
const covered = await work({ price_item_id: cleaning.id, quantity: "1" });
same([covered.coverage, covered.list_price, covered.vat_rate, covered.amount], ["covered", "1500.00", "22", "1500.00"], "the covered work");
const extra = await work({ price_item_id: roller.id, quantity: "2" });
same([extra.coverage, extra.price, extra.amount, extra.net, extra.vat], ["extra", "1890.00", "3780.00", "3098.36", "681.64"], "the extra material");
// 333.33 × 1.5 = 499.995: half a kopeck goes away from zero, and a float would not know it is one.
const free = await work({ name: "Пусконаладка", unit: "ч", price: "333.33", quantity: "1.5" });
same([free.coverage, free.quantity, free.amount, free.net, free.vat], ["extra", "1.5", "500.00", "409.84", "90.16"], "the work by hand");
truth([covered, extra, free].every((line) => line.coverage_reason.length > 0), "every line says why it is covered or not");

same(good(200, await technician.GET("/api/v1/tickets/{id}/completion", toDone)).ready, true, "everything is done");
const done = good(200, await to(technician, "done")).status;
same([done.code, done.kind], ["done", "done"], "the status");
step("worked: scan, checklist, time, works, done");

// ---- Act and signature ----

const act = good(201, await technician.POST("/api/v1/tickets/{id}/acts", { ...here, body: { language: "ru", show_prices: true } }));
same([act.version, act.status, act.total, act.currency], [1, "issued", "4280.00", "RUB"], "the act");
const ofAct = { params: { path: { id: act.id } } };
const frozen = pdf(good(200, await technician.GET("/api/v1/acts/{id}/document.pdf", { ...ofAct, parseAs: "arrayBuffer" })), "the act");
same(sha256(frozen), act.document_sha256, "the SHA-256 of the act's bytes");
refused(409, "act_not_signed", await technician.GET("/api/v1/acts/{id}/signed.pdf", ofAct));
same(gates(unmetOf(refused(422, "gates_closed", await to(manager, "closed")))), ["act_signed"], "what keeps the ticket from being closed");

// As signature_pad's toData() gives it, with the pen's own members.
const pen = { penColor: "black", dotSize: 0, minWidth: 0.5, maxWidth: 2.5, velocityFilterWeight: 0.7, compositeOperation: "source-over" };
const ink = {
  width: 300,
  height: 120,
  groups: [0, 1].map((stroke) => ({
    ...pen,
    points: Array.from({ length: 40 }, (_, point) => ({
      x: 20 + point * 6, y: 60 + 30 * Math.sin(point / 5 + stroke), time: 1_700_000_000_000 + stroke * 900 + point * 16, pressure: 0.5,
    })),
  })),
};
const signature: Schemas["NewSignature"] = {
  party: "client", document_sha256: act.document_sha256, signer: { contact_id: accountant.id }, outcome: "accepted", ink,
};
const sign = (change: Partial<Schemas["NewSignature"]>) =>
  technician.POST("/api/v1/acts/{id}/signatures", { ...ofAct, body: { ...signature, ...change } });
refused(409, "document_changed", await sign({ document_sha256: "0".repeat(64) }));
refused(422, "signature_empty", await sign({ ink: { ...ink, groups: [] } }));
refused(422, "authority_insufficient", await sign({ signer: { contact_id: guard.id } }));
const signed = good(201, await sign({}));
same([signed.party, signed.outcome, signed.contact_id, signed.document_sha256],
  ["client", "accepted", accountant.id, act.document_sha256], "the signature");
truth(!Number.isNaN(Date.parse(signed.recorded_at)), "the moment of the signature");
refused(409, "already_signed", await sign({}));
same(good(200, await technician.GET("/api/v1/acts/{id}", ofAct)).status, "signed", "the act after the signature");
same(good(200, await technician.GET("/api/v1/tickets/{id}", here)).status.code, "done", "signing does not move the ticket");
const copy = pdf(good(200, await technician.GET("/api/v1/acts/{id}/signed.pdf", { ...ofAct, parseAs: "arrayBuffer" })), "the signed act");
truth(sha256(copy) !== act.document_sha256, "the signed copy carries a signature");
const again = good(200, await technician.GET("/api/v1/acts/{id}/document.pdf", { ...ofAct, parseAs: "arrayBuffer" }));
same(sha256(Buffer.from(again)), act.document_sha256, "the act stays frozen");
same(good(200, await to(manager, "closed")).status.kind, "closed", "the status");
step(`act ${act.number} issued, signed, and the ticket closed`);

// ---- Invoice ----

const queue = good(200, await manager.GET("/api/v1/billing-queue", { params: { query: { company_id } } })).data;
same(queue.map((one) => [one.act_id, one.act_number, one.ticket_number, one.extra_total, one.currency, one.age_days]),
  [[act.id, act.number, ticket.number, "4280.00", "RUB", 0]], "the billing queue");
const invoice = good(201, await manager.POST("/api/v1/invoices", { body: { act_ids: [act.id] } }));
same([invoice.net, invoice.vat, invoice.gross, invoice.currency, invoice.status],
  ["3508.20", "771.80", "4280.00", "RUB", "issued"], "the invoice");
same(invoice.lines.map((line) => [line.work_line_id, line.gross]), [[extra.id, "3780.00"], [free.id, "500.00"]], "its lines");
const ofInvoice = { params: { path: { id: invoice.id } } };
const bill = pdf(good(200, await manager.GET("/api/v1/invoices/{id}/document.pdf", { ...ofInvoice, parseAs: "arrayBuffer" })), "the invoice");
same(sha256(bill), invoice.document_sha256, "the SHA-256 of the invoice's bytes");
refused(409, "already_billed", await manager.POST("/api/v1/invoices", { body: { act_ids: [act.id] } }));
same(good(200, await manager.GET("/api/v1/billing-queue", { params: { query: { company_id } } })).data, [], "the queue afterwards");
step(`invoice ${invoice.number} for ${invoice.gross} ${invoice.currency}`);

silent(await technician.POST("/api/v1/auth/logout"));
refused(401, "session_revoked", await technician.GET("/api/v1/me"));
step("signed out");
