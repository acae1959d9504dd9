#!/usr/bin/env python3
"""Link by mail, page, code by mail, signature, signed act by mail.

    check.py PROGRAM

Takes the part of whoever is to sign: knows nothing but what comes by mail. The mail server is aiosmtpd; letters are read by
Python's own email package, the signed act by pdfsig. At the end the log of the server is searched for what nobody may read there.
"""

import email
import email.policy
import html
import json
import logging
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import warnings
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

PATIENCE = 60
# A password without TLS, on this machine only: the mail server need not say each time what it thinks of that.
warnings.filterwarnings("ignore", message="Requiring AUTH")
logging.getLogger("mail").setLevel(logging.CRITICAL)
USER, WORD = "desk", "p@ss/word"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Box:
    """What came, by address. The first letter to each address is put off once: everybody is tried again."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, email.message.EmailMessage]] = []
        self.put_off: set[str] = set()
        self.lock = threading.Lock()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802, ANN001, ANN201
        if address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 once more, please"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ANN001, ANN201
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.lock:
            self.letters += [(address, letter) for address in envelope.rcpt_tos]
        return "250 OK"

    def wait(self, address: str, number: int) -> email.message.EmailMessage:
        deadline = time.monotonic() + PATIENCE
        while True:
            with self.lock:
                found = [letter for to, letter in self.letters if to == address]
            if len(found) >= number:
                return found[number - 1]
            if time.monotonic() > deadline:
                raise SystemExit(f"letter {number} to {address} did not come; there are {[to for to, _ in self.letters]}")
            time.sleep(0.05)


class PasswordServer(Controller):
    """A mail server that wants a user and a password."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, authenticator=self.known, auth_required=True, auth_require_tls=False)

    @staticmethod
    def known(server, session, envelope, mechanism, data):  # noqa: ANN001, ANN205
        right = data.login == USER.encode() and data.password == WORD.encode()
        return AuthResult(success=right, handled=True)


class Api:
    def __init__(self, base: str) -> None:
        self.base, self.token = base, ""
        self.token = self("POST", "/auth/login", {"login": "admin", "password": "long enough"})["access_token"]

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def __call__(self, method: str, path: str, body: object = None):  # noqa: ANN204
        return json.loads(self.ask(method, path, body) or b"null")


def form(url: str, fields: dict[str, str]) -> str:
    """Sends a form as browsers do, follows where it leads, and gives the page."""
    edge = "----edge-of-the-check"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    body = ("".join(parts) + f"--{edge}--\r\n").encode()
    request = urllib.request.Request(url, body, {"content-type": f"multipart/form-data; boundary={edge}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def texts(letter: email.message.EmailMessage) -> tuple[str, str]:
    """What a letter says as plain text and as HTML. Nothing in it comes from elsewhere."""
    plain = letter.get_body(("plain",)).get_content()
    page = letter.get_body(("html",)).get_content()
    assert not re.search(r"<(img|link|script|iframe|object)|url\(|@import", page), page
    assert not letter.defects, letter.defects
    return plain, page


def play(api: Api, box: Box, folder: str) -> list[str]:
    """Gives everything that must not stand in a log."""
    provider = {"legal_name": "ТОВ «Сервіс-ІТ»", "language": "uk", "currency": "UAH", "time_zone": "Europe/Kyiv",
                "vat": {"mode": "included", "rate": "20"}, "email": "desk@service.example"}
    api("PUT", "/provider", provider)
    company = api("POST", "/companies", {"name": "Ромашка"})["id"]
    contact = api("POST", "/contacts", {"company_id": company, "name": "Ґалаґан Їжак", "position": "директор",
                                        "email": "maria@client.example", "signing_authority": "official"})["id"]
    api("POST", "/agreements", {"company_id": company, "number": "17", "starts_on": "2020-01-01", "signing_code_required": True})
    kind = api("POST", "/ticket-types", {"name": "Ремонт", "gates": []})["id"]
    ticket = api("POST", "/tickets", {"type_id": kind, "company_id": company, "priority": "low", "subject": "Не друкує"})["id"]
    api("POST", f"/tickets/{ticket}/work-lines", {"name": "Ролик", "unit": "шт", "price": "899.90", "quantity": "1.5"})
    act = api("POST", f"/tickets/{ticket}/acts", {"show_prices": True})
    ours = {"party": "provider", "document_sha256": act["document_sha256"], "outcome": "accepted",
            "signer": {"name": "Іван Іванов", "position": "інженер"},
            "ink": {"width": 300, "height": 100, "groups": [{"points": [{"x": 10, "y": 20}, {"x": 120, "y": 60}]}]}}
    api("POST", f"/acts/{act['id']}/signatures", ours)
    made = api("POST", f"/acts/{act['id']}/links", {"contact_id": contact, "send_by": "email"})
    assert "url" not in made and "qr_svg" not in made, made

    letter = box.wait("maria@client.example", 1)
    plain, page = texts(letter)
    assert letter["subject"] == f"Акт № {act['number']} на підпис", letter["subject"]
    assert letter["to"].addresses[0].display_name == "Ґалаґан Їжак", letter["to"]
    assert letter["from"].addresses[0].addr_spec == "desk@service.example", letter["from"]
    url = re.search(r"http://\S+/sign/\S+", plain)[0]
    assert url in html.unescape(page), page
    token = url.rsplit("/", 1)[1]
    print(f"the link came by mail: {letter['subject']}")

    with urllib.request.urlopen(url, timeout=60) as answer:
        shown = answer.read().decode()
    sha256 = re.search(r'name="document_sha256" value="([0-9a-f]{64})"', shown)[1]
    assert sha256 == act["document_sha256"] and "m***@client.example" in shown, shown
    fields = {"document_sha256": sha256, "outcome": "accepted", "remarks": "", "way": "type", "ink": "", "consent": "1"}
    assert "Введіть шість цифр" in form(f"{url}?lang=uk", fields), "signed without a code"
    assert "Код надіслано на адресу m***@client.example" in form(f"{url}/code?lang=uk", fields)
    letter = box.wait("maria@client.example", 2)
    plain, page = texts(letter)
    code = re.search(r"^\s+(\d{6})\s*$", plain, re.MULTILINE)[1]
    assert code in page, page
    wrong = "000000" if code != "000000" else "000001"
    assert "Це не той код" in form(f"{url}?lang=uk", fields | {"code": wrong})
    assert "Роботи прийнято" in form(f"{url}?lang=uk", fields | {"code": code})
    print("the code came by mail, and the act is signed with it")

    copies = []
    for address, number in (("maria@client.example", 3), ("desk@service.example", 1)):
        letter = box.wait(address, number)
        texts(letter)
        (enclosure,) = letter.iter_attachments()
        assert enclosure.get_content_type() == "application/pdf", enclosure.get_content_type()
        assert enclosure.get_filename() == f"act-{act['number']}-v1-signed.pdf", enclosure.get_filename()
        copies.append(enclosure.get_content())
    assert copies[0] == copies[1] == api.ask("GET", f"/acts/{act['id']}/signed.pdf"), "the copies differ"
    file = Path(folder, "signed.pdf")
    file.write_bytes(copies[0])
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, timeout=60).stdout
    assert "Signature is Valid" in said and "Total document signed" in said, said
    words = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, timeout=60).stdout
    assert "m***@client.example" in words and code not in words and "maria@" not in words, words
    print("both parties got the same signed act, and pdfsig says that it is valid")

    messages = api("GET", f"/messages?act_id={act['id']}")["data"]
    assert [one["state"] for one in messages] == ["sent"] * 4, messages
    assert sum(one["tries"] for one in messages) == 4 + len(box.put_off), "each address was put off once"
    told = json.dumps(messages) + json.dumps(api("GET", "/events?limit=200"))
    assert token not in told and code not in told, "the API tells a secret"
    return [token, code, WORD, urllib.parse.quote(WORD, safe="")]


def main() -> None:
    program = sys.argv[1]
    box = Box()
    post = PasswordServer(box, hostname="127.0.0.1", port=free_port())
    post.start()
    with tempfile.TemporaryDirectory() as folder:
        data, port = str(Path(folder, "data")), free_port()
        adding = [program, "user", "add", "--login", "admin", "--role", "admin", "--name", "A", "--data", data]
        subprocess.run(adding, input=b"long enough\n", check=True, timeout=60, stderr=subprocess.DEVNULL)
        smtp = f"smtp://{USER}:{urllib.parse.quote(WORD, safe='')}@127.0.0.1:{post.port}"
        command = [program, "serve", "--data", data, "--listen", f"127.0.0.1:{port}", "--log", "debug",
                   "--smtp-url", smtp, "--mail-from", "«Сервіс» <desk@service.example>"]
        log = Path(folder, "log")
        with log.open("wb") as out:
            server = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or server.poll() is not None:
                        raise SystemExit(log.read_text()) from None
                    time.sleep(0.05)
            secrets = play(Api(f"http://127.0.0.1:{port}"), box, folder)
        finally:
            server.terminate()
            server.wait(timeout=60)
            post.stop()
        lines = log.read_text()
        assert "request" in lines, lines
        for secret in secrets:
            assert secret not in lines, "a secret is in the log"
        print(f"{lines.count(chr(10))} lines of the log, at its most talkative, tell neither link nor code nor password")


main()
