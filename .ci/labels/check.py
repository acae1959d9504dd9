"""Prints labels on sheets and rolls, and reads every one of them back.

Whole pages are read by zxing-cpp, single labels by zbarimg as well. A stained one must be read by one of the two: each finds
the corner squares in its own way.
"""

import collections
import itertools
import json
import math
import os
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw

# From a few large labels to many small ones, with and without gaps.
SHEETS = [
    ("Avery", "L7651"), ("Avery", "7160"), ("Avery", "L7654"), ("Zweckform", "3474"), ("Herma", "4614"),
    ("Herma", "4221"), ("Herma", "4606"), ("Rayfilm", "0203"),
]
# The share of a code's area that a stain covers.
STAIN = 0.07


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


def glances(label: Image.Image) -> Iterator[Image.Image]:
    """The label as a phone's camera sees it while it is held over it: straight, then turned, nearer and farther."""
    yield label
    for turn in (0, 5, -8, 14, -20, 30, 45, 60, 90, 180):
        turned = label.rotate(turn, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
        for near in (1, 0.7, 0.5, 0.35):
            yield turned.resize((round(turned.width * near), round(turned.height * near)), Image.Resampling.BILINEAR)


def stained(label: Image.Image, across: float, down: float, ink: int) -> tuple[Image.Image, bool]:
    """The label with a round stain over 7 % of its code's area, lying wholly on the code, at a place that goes from 0 to 1
    either way; and whether it touches one of the three corner squares that readers find a code by.
    """
    code = zxingcpp.read_barcode(label, formats=zxingcpp.BarcodeFormat.QRCode)
    left, top = code.position.top_left.x, code.position.top_left.y
    side = code.position.bottom_right.x - left
    corner = 7 * side / (17 + 4 * int(code.extra["Version"]))
    radius = side * math.sqrt(STAIN / math.pi)
    x, y = left + radius + across * (side - 2 * radius), top + radius + down * (side - 2 * radius)

    def gap(low_x: float, low_y: float) -> float:
        return math.hypot(max(low_x - x, 0, x - low_x - corner), max(low_y - y, 0, y - low_y - corner))

    squares = [(left, top), (left + side - corner, top), (left, top + side - corner)]
    touches = min(gap(*square) for square in squares) < radius
    spoilt = label.copy()
    ImageDraw.Draw(spoilt).ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return spoilt, touches


def survives(label: Image.Image, wanted: str) -> bool:
    """Whether a reader makes out the label; zbarimg turns it by itself."""
    straight = itertools.islice(glances(label), 5)
    return any(read(glance) == [wanted] for glance in glances(label)) or any(zbar(glance) == wanted for glance in straight)


def survive_stains(labels: list[tuple[dict, Image.Image]]) -> None:
    """Stains in every place of a grid and of three colours: three of four must be read wherever they lie."""
    places = [(across / 11, down / 11, ink) for across in range(12) for down in range(12) for ink in (0, 110, 255)]
    outcomes = collections.defaultdict(list)
    for place, (asset, label) in zip(places, itertools.cycle(labels)):
        spoilt, touches = stained(label, *place)
        outcomes[touches].append(survives(spoilt, asset["label_url"]))
    every = outcomes[True] + outcomes[False]
    print(f"ok  level Q, a stain over 7 % of the code: {sum(every)} of {len(every)} are read, "
          f"{sum(outcomes[False])} of {len(outcomes[False])} when it leaves the corner squares alone")
    if sum(every) * 4 < len(every) * 3:
        raise SystemExit("fewer than three of four")


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
    survive_stains(labels)


main()
