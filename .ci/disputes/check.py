"""Dispute packs as somebody outside sees them: unpacked by zipfile, hashed by sha256sum, read by qpdf, poppler and openpyxl,
and every event proved by pymerkle."""

import datetime
import hashlib
import json
import os
import subprocess
import tempfile
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath

import openpyxl
import rfc8785
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_inclusion
from pymerkle.hasher import MerkleHasher

BASE = os.environ["NARYAD_URL"] + "/api/v1"
HASHER = MerkleHasher("sha256", security=True)


def call(path, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers)) as answer:
        return answer.read()


def run(*command, cwd=None):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


def unpack(archive, folder):
    """As a careful person would: every name stays within the folder, and every file is what the list says."""
    with zipfile.ZipFile(archive) as pack:
        assert pack.testzip() is None
        for name in pack.namelist():
            path = PurePosixPath(name)
            assert not path.is_absolute() and ".." not in path.parts and "\\" not in name, name
        pack.extractall(folder)
        listed = {line.split("  ", 1)[1] for line in (folder / "manifest.sha256").read_text().splitlines()}
        assert listed == set(pack.namelist()) - {"manifest.sha256"}, listed
    run("sha256sum", "--check", "--strict", "--quiet", "manifest.sha256", cwd=folder)


def entry_hash(entry):
    return HASHER.hash_buff(bytes.fromhex(entry["prev_hash"]) + entry["canonical"].encode())


def rule(index, size):
    """Which way each hash of a path is taken up: pymerkle computes it from the numbers alone."""
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(number.to_bytes(8, "big"))
    return tree.prove_inclusion(index, size).rule


def prove(entry, root):
    own = entry_hash(entry)
    assert own.hex() == entry["hash"], entry
    leaf = HASHER.hash_buff(own)
    index, size = entry["leaf_index"] + 1, root["tree_size"]
    path = [leaf] + [bytes.fromhex(beside) for beside in entry["path"]]
    proof = InclusionProof("sha256", True, size, index, rule(index, size), path)
    verify_inclusion(leaf, bytes.fromhex(root["root"]), proof, index=index, size=size)


def proved(folder):
    """All events lead to the root; what was said in them is what the chain holds; a forgery is found."""
    history = json.loads((folder / "history.json").read_text())
    told = 0
    for entry in history["entries"]:
        canonical = json.loads(entry["canonical"])
        assert rfc8785.dumps(canonical) == entry["canonical"].encode()
        prove(entry, history["root"])
        if entry["facts"] is not None:
            said = hashlib.sha256(bytes.fromhex(entry["facts_salt"]) + entry["facts"].encode()).hexdigest()
            assert said == canonical["facts_hash"], entry
            told += 1
    victim = history["entries"][0]
    for changed in (
        {**victim, "leaf_index": victim["leaf_index"] ^ 1},
        {**victim, "path": victim["path"][::-1]},
    ):
        try:
            prove(changed, history["root"])
        except InvalidProof:
            continue
        raise AssertionError(f"a forgery passed: {changed}")
    return len(history["entries"]), told


def says(document, *words):
    run("qpdf", "--check", str(document))
    text = " ".join(run("pdftotext", "-layout", str(document), "-").split())
    for word in words:
        assert word in text, f"{document.name} does not say «{word}», but: {text}"


def workbook(path, ticket):
    book = openpyxl.load_workbook(path)
    table = book.worksheets[0]
    rows = [row for row in table.iter_rows(min_row=2) if row[0].value == ticket["number"]]
    assert len(rows) == 1, rows
    (row,) = rows
    assert isinstance(row[1].value, datetime.datetime), row[1].value
    assert isinstance(row[9].value, (int, float)) and row[9].value > 0, row[9].value
    assert all(cell.data_type != "f" for sheet in book.worksheets for line in sheet.iter_rows() for cell in line)


def main():
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = json.loads(call("/auth/login", login))["access_token"]
    act = next(act for act in json.loads(call("/acts", token=token))["data"] if act["signed_at"])
    ticket = json.loads(call(f"/tickets/{act['ticket_id']}", token=token))
    title = {"ru": "Что произошло", "uk": "Що сталося", "en": "What happened"}
    with tempfile.TemporaryDirectory() as place:
        for audience in ("internal", "client"):
            for language, phrase in title.items():
                folder = Path(place) / f"{audience}-{language}"
                folder.mkdir()
                archive = folder.with_suffix(".zip")
                path = f"/tickets/{act['ticket_id']}/dispute-pack?audience={audience}&language={language}"
                archive.write_bytes(call(path, token=token))
                unpack(archive, folder)
                says(folder / "cover.pdf", phrase, act["number"], act["document_sha256"])
                stem = f"acts/{act['number']}-v{act['version']}"
                for name in (f"{stem}.pdf", f"{stem}-signed.pdf"):
                    run("qpdf", "--check", str(folder / name))
                assert json.loads((folder / f"{stem}-evidence.json").read_text())["act"]["id"] == act["id"]
            events, told = proved(folder)
            print(f"ok  pack of ticket {ticket['number']}, {audience}: {events} events proved, the facts of {told} told")
        folder = Path(place) / "period"
        folder.mkdir()
        archive = folder.with_suffix(".zip")
        today = datetime.datetime.now(datetime.timezone.utc).date()
        first, last = today - datetime.timedelta(days=2), today + datetime.timedelta(days=2)
        path = f"/companies/{act['company_id']}/dispute-pack?from={first}&to={last}&language=en"
        archive.write_bytes(call(path, token=token))
        unpack(archive, folder)
        says(folder / "work-report.pdf", "Work report", "Time by person", act["number"])
        workbook(folder / "work-report.xlsx", ticket)
        print(f"ok  pack of {first} to {last}: {proved(folder)[0]} events of acts proved, paper and workbook read")


main()
