// The public pages, as somebody meets them who has scanned a label with a small phone.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.env.NARYAD_URL;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.NARYAD_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), "naryad-pages-"));
mkdirSync(pictures, { recursive: true });

const api = async (method, path, body, token) => {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
};

const login = { login: process.env.NARYAD_LOGIN, password: process.env.NARYAD_PASSWORD };
const token = (await api("POST", "/auth/login", login)).access_token;
const assets = (await api("GET", "/assets?limit=20", undefined, token)).data;
const kinds = (await api("GET", "/ticket-types", undefined, token)).data;
const codes = assets.map((asset) => asset.code);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // On machines of one user the sandbox of the browser has nobody to change to.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"],
});
const words = {
  ru: { open: "Сообщить о неисправности", text: "Что случилось?", send: "Отправить", lost: "Здесь ничего нет", photo: "Фотографии" },
  uk: { open: "Повідомити про несправність", text: "Що сталося?", send: "Надіслати", lost: "Тут нічого немає", photo: "Фотографії" },
  en: { open: "Report a fault", text: "What is wrong?", send: "Send", lost: "Nothing here", photo: "Photos" },
};
const photo = { name: "photo.png", mimeType: "image/png", buffer: Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==", "base64") };

let looked = 0;
/** Nothing wider than the screen, nothing refused by the page's own policy, nothing serious to axe; and a picture of it. */
const look = async (page, twin, name, problems) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name}: ${wide} pixels wider than the screen`);
  const small = await page.evaluate(() => [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), textarea")]
    .filter((one) => one.checkVisibility() && !one.closest("[aria-hidden=true]"))
    .filter((one) => one.getBoundingClientRect().height < 48 || one.getBoundingClientRect().width < 48)
    .map((one) => one.outerHTML));
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  // axe waits for timers, and a browser without scripts has none: it looks at the same page in one that has them.
  await twin.setContent(await page.content());
  await twin.evaluate(axe);
  const found = await twin.evaluate(() => globalThis.axe.run());
  const serious = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), [], name);
  assert.deepEqual(problems, [], name);
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  looked += 1;
};

const visit = async ({ language, scheme = "light", width = 360, scripts = false }, journey) => {
  const screen = {
    viewport: { width, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: language, colorScheme: scheme,
  };
  const context = await browser.newContext({ ...screen, javaScriptEnabled: scripts });
  const beside = await browser.newContext(screen);
  const [page, twin] = [await context.newPage(), await beside.newPage()];
  const problems = [];
  page.on("console", (message) => {
    // A page that says "not taken" with a status of its own is no fault of the page.
    if (message.type() === "error" && !message.text().includes("the server responded with a status of")) problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) problems.push(request.url());
  });
  const seen = (name) => look(page, twin, `${language}-${scheme}-${width}-${name}`, problems);
  await journey(page, seen, words[language]);
  await context.close();
  await beside.close();
};

const tracks = {};
for (const [index, language] of ["ru", "uk", "en"].entries()) {
  const code = codes[index];
  await visit({ language }, async (page, seen, say) => {
    await page.goto(`${base}/q/${code.toLowerCase()}`);
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await seen("1-device");
    await page.getByText(say.open).tap();
    await seen("2-form");
    // As long as a person would take.
    await page.waitForTimeout(3_100);
    await page.getByLabel(say.text).fill("Не печатает, мигает красная лампа.\nПробовали выключить и включить.");
    await page.locator("#phone").fill("12");
    await page.getByLabel(say.photo).setInputFiles([photo]);
    await page.getByRole("button", { name: say.send, exact: true }).tap();
    await page.locator("#phone-wrong").waitFor();
    await seen("3-corrected");
    await page.locator("#phone").fill(`+7 921 555-01-0${index}`);
    await page.getByLabel(say.photo).setInputFiles([photo, photo]);
    await page.getByRole("button", { name: say.send, exact: true }).tap();
    await page.waitForURL(/\/t\//);
    assert.match(await page.locator("h1").innerText(), /R-\d{6}/);
    tracks[language] = page.url();
    await seen("4-report");
    await page.goto(`${base}/Q/0000000000`);
    await page.getByText(say.lost).waitFor();
    await seen("6-nothing");
  });
  // The next person with the same device, in the evening.
  await visit({ language, scheme: "dark" }, async (page, seen, say) => {
    await page.goto(`${base}/Q/${code}`);
    await seen("5-known");
    await page.locator("summary").tap();
    await seen("2-form");
    await page.goto(tracks[language]);
    await seen("4-report");
    await page.goto(`${base}/Q/${codes[3 + index]}`);
    await page.getByText(say.open).waitFor();
    await seen("1-device");
  });
}

// A dispatcher decides; two of three people see a ticket, one that there is none.
const { data: waiting } = await api("GET", "/reports?state=new", undefined, token);
const [third, second, first] = waiting;
assert.equal(first.photos.length, 2);
await api("POST", `/reports/${first.id}/ticket`, { type_id: kinds[0].id }, token);
await api("POST", `/reports/${second.id}/dismissal`, { reason: "кабель" }, token);
await visit({ language: "ru" }, async (page, seen) => {
  await page.goto(tracks.ru);
  await seen("7-accepted");
  await page.goto(`${base}/Q/${codes[0]}`);
  await seen("8-in-work");
});
await visit({ language: "uk" }, async (page, seen) => {
  await page.goto(tracks.uk);
  await seen("7-dismissed");
});
// "I have noticed it too", with a large screen and with scripts, that change nothing.
await visit({ language: "en", width: 1280, scripts: true }, async (page, seen) => {
  await page.goto(`${base}/Q/${codes[2]}`);
  await seen("5-known");
  await page.getByRole("button", { name: "I have noticed it too" }).tap();
  await page.waitForURL(tracks.en);
  await seen("4-report");
});
assert.equal((await api("GET", `/reports/${third.id}`, undefined, token)).same_count, 1);
// Whether a document is genuine: by its code, and by its file.
const [act] = (await api("GET", "/acts?status=signed", undefined, token)).data;
const signed = Buffer.from(await (await fetch(`${base}/api/v1/acts/${act.id}/signed.pdf`, {
  headers: { authorization: `Bearer ${token}` },
})).arrayBuffer());
const altered = Buffer.from(signed);
altered[signed.length >> 1] ^= 1;
const papers = {
  ru: { file: "Файл акта", check: "Проверить", genuine: "Документ подлинный", altered: "Файл изменён", unknown: "Документ не найден" },
  uk: { file: "Файл акта", check: "Перевірити", genuine: "Документ справжній", altered: "Файл змінено", unknown: "Документ не знайдено" },
  en: { file: "File of the certificate", check: "Check", genuine: "The document is genuine", altered: "The file was altered", unknown: "No such document" },
};
for (const [language, say] of Object.entries(papers)) {
  const pdf = (buffer) => ({ name: "act.pdf", mimeType: "application/pdf", buffer });
  const checked = async (page, buffer, heading) => {
    await page.goto(`${base}/verify`);
    await page.getByLabel(say.file).setInputFiles([pdf(buffer)]);
    await page.getByRole("button", { name: say.check, exact: true }).first().tap();
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  };
  await visit({ language }, async (page, seen) => {
    await page.goto(`${base}/verify`);
    await seen("v1-form");
    await checked(page, signed, say.genuine);
    await seen("v2-genuine-file");
    await checked(page, altered, say.altered);
    await seen("v3-altered");
    await checked(page, Buffer.from("nothing"), say.unknown);
    await seen("v4-unknown-file");
    await page.goto(`${base}/verify?code=V12`);
    await page.locator("#code-wrong").waitFor();
    await seen("v5-mistyped");
    await page.locator("#code").fill(act.verification_code.toLowerCase());
    await page.getByRole("button", { name: say.check, exact: true }).last().tap();
    await page.waitForURL(new RegExp(act.verification_code));
    await page.getByRole("heading", { name: say.genuine, level: 1 }).waitFor();
    await seen("v6-genuine-code");
  });
  await visit({ language, scheme: "dark", width: 280 }, async (page, seen) => {
    await page.goto(`${base}/VERIFY/${act.verification_code}`);
    await seen("v6-genuine-code");
    await page.goto(`${base}/verify/V000000000000000`);
    await page.getByRole("heading", { name: say.unknown, level: 1 }).waitFor();
    await seen("v7-unknown-code");
    await checked(page, altered, say.altered);
    await seen("v3-altered");
  });
}
// An act is read and signed by a link: drawn with a finger, typed with a keyboard, refused; and a link that has ended.
const said = {
  ru: { accept: "Работы принимаю", remarks: "Принимаю с замечаниями", refuse: "Отказываюсь подписать", name: "Фамилия, имя, отчество", position: "Должность",
    write: "Подписать именем", agree: "Я прочитал", send: "Отправить решение", draw: "Распишитесь в поле", done: "Работы приняты", why: "Замечания или причина отказа", refused: "Отказ записан", nothing: "Ссылка не открывается",
    code: "Код подтверждения", ask: "Прислать код", again: "Прислать новый код" },
  uk: { accept: "Роботи приймаю", remarks: "Приймаю із зауваженнями", refuse: "Відмовляюся підписати", name: "Прізвище, ім’я, по батькові", position: "Посада",
    write: "Підписати ім’ям", agree: "Я прочитав", send: "Надіслати рішення", draw: "Розпишіться в полі", done: "Роботи прийнято", why: "Зауваження або причина відмови", refused: "Відмову записано", nothing: "Посилання не відкривається",
    code: "Код підтвердження", ask: "Надіслати код", again: "Надіслати новий код" },
  en: { accept: "I accept the work", remarks: "I accept it with remarks", refuse: "I refuse to sign", name: "Your full name", position: "Your position",
    write: "Sign with my name", agree: "I have read", send: "Send my decision", draw: "Draw your signature", done: "The work is accepted", why: "Remarks, or the reason for refusing", refused: "Your refusal is recorded", nothing: "This link does not open",
    code: "Confirmation code", ask: "Send me the code", again: "Send me a new code" },
};
const company = (await api("GET", "/companies?limit=1", undefined, token)).data[0];
const plain = await api("POST", "/ticket-types", { name: "Signed by a link", gates: [] }, token);
/** A company whose agreement asks for codes. */
const guarded = await api("POST", "/companies", { name: "Ромашка" }, token);
await api("POST", "/agreements", { company_id: guarded.id, number: "17", starts_on: "2020-01-01", signing_code_required: true }, token);
/** An act that waits, and the address of a link to it. */
const linked = async (how = {}, client = company) => {
  const ticket = await api("POST", "/tickets", { type_id: plain.id, company_id: client.id, priority: "low", subject: "Замена ролика" }, token);
  await api("POST", `/tickets/${ticket.id}/work-lines`, { name: "Ролик захвата бумаги", unit: "шт", price: "899.90", quantity: "1.5" }, token);
  const act = await api("POST", `/tickets/${ticket.id}/acts`, { show_prices: true }, token);
  const link = await api("POST", `/acts/${act.id}/links`, how, token);
  const told = async () => (await api("GET", `/acts/${act.id}/links`, undefined, token)).data[0];
  return { url: base + new URL(link.url).pathname, link, act, told };
};
/** What a finger draws: two strokes across the pad. */
const drawn = async (page) => {
  await page.locator("#canvas").scrollIntoViewIfNeeded();
  const box = await page.locator("#canvas").boundingBox();
  const finger = await page.context().newCDPSession(page);
  for (const [from, to] of [[0.2, 0.55], [0.45, 0.85]]) {
    const at = (part, turn) => [{ x: box.x + box.width * part, y: box.y + box.height * (0.5 + 0.3 * Math.sin(turn)) }];
    await finger.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from, 0) });
    for (let step = 1; step <= 12; step += 1) {
      await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(from + ((to - from) * step) / 12, step) });
    }
    await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }
};
for (const [language, say] of Object.entries(said)) {
  await visit({ language, scripts: true }, async (page, seen) => {
    const { url, act, told } = await linked();
    await page.goto(url);
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await page.locator(".sheet img").first().evaluate((image) => image.decode());
    await seen("s1-act");
    // Half a minute of reading would do as well.
    await page.waitForTimeout(1_500);
    assert.equal((await told()).state, "viewed");
    await page.getByText(say.accept).tap();
    await page.getByLabel(say.name).fill("Ґалаґан Їжак Ёлкин");
    await page.getByLabel(say.position).fill("бухгалтер");
    await page.getByText(say.agree).tap();
    await page.getByRole("button", { name: say.send }).tap();
    await page.getByText(say.draw).first().waitFor();
    await drawn(page);
    await seen("s2-drawn");
    await page.getByRole("button", { name: say.send }).tap();
    await page.getByRole("heading", { name: say.done, level: 1 }).waitFor();
    await seen("s3-signed");
    const { data: [signature] } = await api("GET", `/acts/${act.id}/signatures`, undefined, token);
    assert.deepEqual([signature.channel, signature.method, signature.signer_name], ["link", "drawn", "Ґалаґан Їжак Ёлкин"]);
  });
  // With a keyboard, on a very narrow screen, in the evening; first with something forgotten.
  await visit({ language, scheme: "dark", width: 280, scripts: true }, async (page, seen) => {
    const { url, act } = await linked();
    await page.goto(url);
    await page.evaluate(() => document.getElementById("sign").noValidate = true);
    await page.getByLabel(say.remarks).focus();
    await page.keyboard.press("Space");
    await page.getByLabel(say.name).fill("Елена");
    await page.getByLabel(say.write).focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: say.send }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#remarks-wrong").waitFor();
    await seen("s4-corrected");
    await page.getByLabel(say.why).fill("Шумит");
    await page.getByLabel(say.position).fill("директор");
    await page.getByLabel(say.agree).focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: say.send }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".verdict.authentic").waitFor();
    await seen("s5-typed");
    const { data: [signature] } = await api("GET", `/acts/${act.id}/signatures`, undefined, token);
    assert.deepEqual([signature.method, signature.outcome], ["typed", "accepted_with_remarks"]);
  });
  // Where the agreement asks for a code: asked for by somebody who has filled in all the rest, with scripts and without.
  for (const scripts of [true, false]) {
    await visit({ language, scripts, scheme: scripts ? "light" : "dark" }, async (page, seen) => {
      const { url } = await linked({ email: `${language}-${scripts}@example.org` }, guarded);
      await page.goto(url);
      await page.getByLabel(say.accept, { exact: true }).check();
      await page.getByLabel(say.name).fill("Ґалаґан Їжак Ёлкин");
      await page.getByLabel(say.position).fill("бухгалтер");
      await page.getByLabel(say.agree).check();
      if (scripts) await drawn(page);
      await seen(`s9-code-${scripts}`);
      await page.getByRole("button", { name: say.ask, exact: true }).tap();
      await page.getByRole("button", { name: say.again, exact: true }).waitFor();
      assert.equal(await page.getByLabel(say.name).inputValue(), "Ґалаґан Їжак Ёлкин");
      assert.equal(await page.getByLabel(say.agree).isChecked(), true);
      if (scripts) assert.match(await page.locator("#ink").inputValue(), /groups/);
      await seen(`s10-sent-${scripts}`);
      // The key that sends sends the decision, and asks for no other code.
      await page.getByLabel(say.code).fill("000000");
      await page.getByLabel(say.code).press("Enter");
      await page.locator("#code-wrong").waitFor();
      await seen(`s11-wrong-${scripts}`);
    });
  }
  // A large screen without scripts refuses; then somebody takes a link back.
  await visit({ language, width: 1280 }, async (page, seen) => {
    const { url, act, told } = await linked();
    await page.goto(url);
    await page.getByLabel(say.refuse).check();
    await page.getByLabel(say.why).fill("Не работает");
    await page.getByLabel(say.name).fill("Олена");
    await page.getByLabel(say.position).fill("директор");
    await page.getByLabel(say.agree).check();
    await seen("s6-refusing");
    assert.equal((await told()).state, "open");
    await page.getByRole("button", { name: say.send }).tap();
    await page.getByRole("heading", { name: say.refused, level: 1 }).waitFor();
    await seen("s7-refused");
    assert.equal((await api("GET", `/acts/${act.id}`, undefined, token)).status, "refused");
    const other = await linked();
    await api("POST", `/acts/${other.act.id}/links/${other.link.id}/revocation`, {}, token);
    await page.goto(other.url);
    await page.getByRole("heading", { name: say.nothing, level: 1 }).waitFor();
    await seen("s8-nothing");
  });
}
// A very narrow phone, with a language chosen on the page.
await visit({ language: "en", width: 280 }, async (page, seen) => {
  await page.goto(`${base}/Q/${codes[4]}`);
  await page.getByRole("link", { name: "Укр" }).tap();
  await page.getByText(words.uk.open).tap();
  await seen("2-form");
});
await browser.close();
console.log(`${looked} pages looked at; pictures in ${pictures}`);
