"""Prints labels on sheets and rolls, and reads every one of them back.

Whole pages are read by zxing-cpp, single labels by zbarimg as well; stained ones by zxing-cpp.
"""

import collections
import json
import math
import os
import random
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw

# From a few large labels to many small ones, with and without gaps.
SHEETS = [
    ("Avery", "L7651"), ("Avery", "7160"), ("Avery", "L7654"), ("Zweckform", "3474"), ("Herma", "4614"),
    ("Herma", "4221"), ("Herma", "4606"), ("Rayfilm", "0203"),
]


def ask(path: str, token: str | None = None, body: object = None) -> bytes:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["NARYAD_URL"] + "/api/v1" + path, data, headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def pages(pdf: bytes, dpi: int) -> list[Image.Image]:
    """A document as a printer of this resolution blackens it."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "labels.pdf")
        document.write_bytes(pdf)
        subprocess.run(["qpdf", "--check", str(document)], check=True, capture_output=True, timeout=120)
        command = ["pdftoppm", "-r", str(dpi), "-gray", "-png", str(document), f"{folder}/page"]
        subprocess.run(command, check=True, timeout=300)
        pictures = sorted(Path(folder).glob("page*.png"))
        return [Image.open(picture).copy() for picture in pictures]


def read(page: Image.Image) -> list[str]:
    codes = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in codes if code.valid]


def must_hold(page: Image.Image, wanted: list[str], what: str) -> None:
    found = collections.Counter(read(page))
    if found != collections.Counter(wanted):
        raise SystemExit(f"{what}: {sum(found.values())} of {len(wanted)} labels were read")


def zbar(label: Image.Image) -> str:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "label.png")
        label.save(picture)
        command = ["zbarimg", "--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1", str(picture)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()


def stained(label: Image.Image, share: float, chance: random.Random, anywhere: bool) -> Image.Image:
    """The label with a round stain over a share of its code's area: anywhere on it, or off its three corner squares.

    Without a corner square no reader finds a code at all: that is no matter of error correction.
    """
    code = zxingcpp.read_barcode(label, formats=zxingcpp.BarcodeFormat.QRCode)
    left, top = code.position.top_left.x, code.position.top_left.y
    side = code.position.bottom_right.x - left
    corner = 7 * side / (17 + 4 * int(code.extra["Version"]))
    radius = side * math.sqrt(share / math.pi)

    def off(x: float, y: float) -> float:
        """How far a point is from the nearest corner square."""
        squares = [(left, top), (left + side - corner, top), (left, top + side - corner)]
        far = lambda at, low: max(low - at, 0, at - low - corner)
        return min(math.hypot(far(x, square[0]), far(y, square[1])) for square in squares)

    while True:
        x, y = left + chance.uniform(radius, side - radius), top + chance.uniform(radius, side - radius)
        if anywhere or off(x, y) >= radius:
            break
    spoilt = label.copy()
    ImageDraw.Draw(spoilt).ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.choice([0, 110, 255]))
    return spoilt


def main() -> None:
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = json.loads(ask("/auth/login", body=login))["access_token"]
    assets = [asset for asset in json.loads(ask("/assets?limit=200", token))["data"] if asset["label_url"]]
    media = json.loads(ask("/label-media?kind=sheet", token))["data"]
    measures = {(medium["brand"], medium["part"]): medium for medium in media}

    crops = []
    for brand, part in SHEETS:
        sheet = measures[brand, part]
        chosen = [assets[index % len(assets)] for index in range(sheet["labels"])]
        body = {"asset_ids": [asset["id"] for asset in chosen], "sheet": {"brand": brand, "part": part}}
        [page] = pages(ask("/label-sheets", token, body), 300)
        must_hold(page, [asset["label_url"] for asset in chosen], f"{brand} {part}")
        dots = 300 / 25.4
        for index in (0, len(chosen) - 1):
            column, row = index % sheet["nx"], index // sheet["nx"]
            x, y = (sheet["x0"] + column * sheet["dx"]) * dots, (sheet["y0"] + row * sheet["dy"]) * dots
            crop = page.crop((round(x), round(y), round(x + sheet["w"] * dots), round(y + sheet["h"] * dots)))
            crops.append((f"{brand} {part}", crop, chosen[index]["label_url"]))
        print(f"ok  {brand} {part}: all {len(chosen)} codes read from the whole sheet at 300 dpi")

    for what, crop, wanted in crops:
        if zbar(crop) != wanted:
            raise SystemExit(f"zbarimg does not read a label of {what}")
    print(f"ok  zbarimg reads {len(crops)} labels by themselves")

    some = assets[:40]
    roll = {"asset_ids": [asset["id"] for asset in some], "roll": {"preset": "58x40"}, "format": "pdf", "dpi": 203}
    for asset, page in zip(some, pages(ask("/label-rolls", token, roll), 203), strict=True):
        must_hold(page, [asset["label_url"]], "58x40 at 203 dpi")
        if zbar(page) != asset["label_url"]:
            raise SystemExit("zbarimg does not read a label of 58x40 at 203 dpi")
    print(f"ok  58x40: all {len(some)} labels read at 203 dpi, by both readers")

    roll = roll | {"level": "Q"}
    labels = list(zip(some, pages(ask("/label-rolls", token, roll), 300), strict=True))
    for anywhere in (False, True):
        chance, survived, tried = random.Random(7), 0, 0
        for asset, page in labels:
            for _ in range(8):
                tried += 1
                survived += read(stained(page, 0.07, chance, anywhere)) == [asset["label_url"]]
        where = "anywhere, corner squares too" if anywhere else "off the corner squares"
        print(f"ok  level Q, a stain over 7 % of the code {where}: {survived} of {tried} are read")
        if not anywhere and survived * 4 < tried * 3:
            raise SystemExit("fewer than three of four")


main()
