#!/usr/bin/env python3
"""Looks at the documents that `naryad demo` wrote, with programs that did not make them.

    check.py FOLDER

Needs qpdf, poppler-utils and zbar-tools; and NARYAD_URL, NARYAD_LOGIN and NARYAD_PASSWORD of the demonstration, to know
what the labels must say.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

# What a reader must find, words apart by any white space.
WORDS = {
    "labels.pdf": ["Сервис-ИТ", "LaserJet Pro M404dn", "000001", "000025"],
    "act.pdf": ["Сервис-ИТ", "Ромашка", "Принтер", "Ролик захвата бумаги HP RM2-5741"],
    "act-signed.pdf": ["Сервис-ИТ", "Ромашка", "Ролик захвата бумаги HP RM2-5741", "Белова"],
    "invoice.pdf": ["Сервис-ИТ", "Ромашка", "044525225", "40702810438000060473", "Ролик захвата бумаги HP RM2-5741", "1 890,00"],
}


def run(*command: str, fine: tuple[int, ...] = (0,)) -> str:
    """What a program prints. Nothing may take minutes, and a refusal ends the check."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode not in fine:
        raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def sound(document: Path) -> None:
    """The structure of the file; qpdf answers 3 when it only has warnings, and that is not clean either."""
    run("qpdf", "--check", str(document))


def says(document: Path, words: list[str]) -> None:
    text = " ".join(run("pdftotext", "-layout", str(document), "-").split())
    for word in words:
        if " ".join(word.split()) not in text:
            raise SystemExit(f"{document.name} does not say «{word}», but: {text}")


def readable(document: Path) -> int:
    """Every font travels with the document and can be copied from. Gives how many there are."""
    fonts = run("pdffonts", str(document)).splitlines()[2:]
    if not fonts:
        raise SystemExit(f"{document.name} has no fonts")
    for font in fonts:
        # The columns at the end: embedded, subset, unicode map, and the two of the object.
        embedded, _, unicode_map = font.split()[-5:-2]
        if (embedded, unicode_map) != ("yes", "yes"):
            raise SystemExit(f"{document.name}: embedded {embedded}, unicode map {unicode_map}: {font}")
    return len(fonts)


def sharp(document: Path) -> int:
    """What is drawn in dots must bear being printed. Gives how many pictures there are."""
    pictures = run("pdfimages", "-list", str(document)).splitlines()[2:]
    for picture in pictures:
        x_ppi, y_ppi = (int(column) for column in picture.split()[-4:-2])
        if min(x_ppi, y_ppi) < 150:
            raise SystemExit(f"{document.name}: a picture of {x_ppi} × {y_ppi} dots an inch: {picture}")
    return len(pictures)


def scanned(document: Path) -> list[str]:
    """The QR codes of a document as a phone would read them off a print of 300 dots an inch."""
    with tempfile.TemporaryDirectory() as folder:
        run("pdftoppm", "-r", "300", "-gray", "-png", str(document), f"{folder}/page")
        pages = [str(page) for page in sorted(Path(folder).iterdir())]
        # It answers 4 when there was a page without a code.
        reader = ("zbarimg", "--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1")
        return run(*reader, *pages, fine=(0, 4)).splitlines()


def ask(path: str, token: str | None = None, body: object = None) -> dict:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["NARYAD_URL"] + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def label_urls() -> list[str]:
    """What the labels of the office must hold, as the API tells it."""
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = ask("/api/v1/auth/login", body=login)["access_token"]
    assets = ask("/api/v1/assets?limit=200", token)["data"]
    # The demonstration prints the labels of the first client's devices, and numbers them first.
    printed = {f"{number:06}" for number in range(1, 26)}
    return [asset["label_url"] for asset in assets if asset["inventory_number"] in printed]


def verification_url() -> str:
    """What the act's code must hold, as the API tells it."""
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = ask("/api/v1/auth/login", body=login)["access_token"]
    (act,) = [act for act in ask("/api/v1/acts", token)["data"] if act["status"] == "signed"]
    return f"{os.environ['NARYAD_URL']}/verify/{act['verification_code']}".upper()


def payment_code() -> str:
    """What the invoice's code must hold, as the API tells it."""
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = ask("/api/v1/auth/login", body=login)["access_token"]
    (invoice,) = ask("/api/v1/invoices", token)["data"]
    return invoice["payment_qr"]["text"]


def main() -> None:
    folder = Path(sys.argv[1])
    for name, words in WORDS.items():
        document = folder / name
        sound(document)
        says(document, words)
        print(f"ok  {name}: clean, {readable(document)} fonts embedded and readable, {sharp(document)} pictures")
    found, promised = sorted(scanned(folder / "labels.pdf")), sorted(label_urls())
    if not promised or found != promised:
        raise SystemExit(f"labels.pdf: {len(found)} codes read: {found}\ninstead of {len(promised)}: {promised}")
    url = verification_url()
    for name, codes in (("act.pdf", 1), ("act-signed.pdf", 2)):
        if (found_on_act := scanned(folder / name)) != [url] * codes:
            raise SystemExit(f"{name}: {found_on_act} instead of {codes} times {url}")
    print("ok  act.pdf, act-signed.pdf: their QR codes lead to the page of verification")
    if (found_on_invoice := scanned(folder / "invoice.pdf")) != [payment_code()]:
        raise SystemExit(f"invoice.pdf: {found_on_invoice} instead of {payment_code()}")
    print(f"ok  invoice.pdf: its QR code says {found_on_invoice[0]}")
    print(f"ok  labels.pdf: all {len(found)} QR codes read at 300 dpi, each is its device's label_url")


main()
