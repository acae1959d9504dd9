#!/usr/bin/env python3
"""Checks a signed act with programs that did not make it.

    check.py SIGNED PROGRAM

Needs NARYAD_URL of the server that sealed it.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

# Where a byte is changed: all over the file, so many times.
SAMPLES = 24


def run(*command: str, fails: bool = False) -> str:
    """What a program prints. Nothing may take minutes."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def ask(path: str, data: bytes | None = None, **headers: str) -> bytes:
    request = urllib.request.Request(os.environ["NARYAD_URL"] + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def certificates() -> list[x509.Certificate]:
    found = pem.unarmor(ask("/verify/certificates.pem"), multiple=True)
    return [x509.Certificate.load(der) for _, _, der in found]


def status(document: bytes, roots: list[x509.Certificate]):
    """What pyHanko says, strictly; nothing when the file does not even have the shape of a signed one."""
    reader = PdfFileReader(io.BytesIO(document), strict=True)
    (signature,) = reader.embedded_signatures
    trust = ValidationContext(trust_roots=roots, allow_fetching=False)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
    return signature, validate_pdf_signature(signature, trust, key_usage_settings=usage)


def sound(document: bytes, roots: list[x509.Certificate]) -> None:
    signature, found = status(document, roots)
    if signature.sig_object["/SubFilter"] != "/ETSI.CAdES.detached":
        raise SystemExit(f"not PAdES: {signature.sig_object['/SubFilter']}")
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    if attributes != {"content_type", "message_digest", "signing_certificate_v2"}:
        raise SystemExit(f"not level B-B: {attributes}")
    if not (found.intact and found.valid and found.trusted and found.bottom_line):
        raise SystemExit(f"pyHanko: {found.pretty_print_details()}")
    if found.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise SystemExit(f"pyHanko: the seal covers {found.coverage}")


def holds(document: bytes, roots: list[x509.Certificate]) -> bool:
    try:
        return status(document, roots)[1].bottom_line
    except Exception:  # noqa: BLE001 - a file that is broken enough fails anywhere, and that is what is wanted
        return False


def changed(document: bytes) -> list[bytes]:
    places = range(7, len(document), len(document) // SAMPLES)
    flipped = [document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :] for place in places]
    return [*flipped, document + b"\n% more\n"]


def verdict(document: bytes) -> str:
    edge = "naryad-edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = head.encode() + document + f"\r\n--{edge}--\r\n".encode()
    kind = f"multipart/form-data; boundary={edge}"
    return json.loads(ask("/verify", body, **{"Content-Type": kind, "Accept": "application/json"}))["verdict"]


def evidence(path: Path, document: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run("pdfdetach", "-savefile", "evidence.json", "-o", f"{folder}/evidence.json", str(path))
        told = json.loads(Path(folder, "evidence.json").read_text())
    frozen = document[: told["document"]["bytes"]]
    if hashlib.sha256(frozen).hexdigest() != told["document"]["sha256"] or not frozen.rstrip().endswith(b"%%EOF"):
        raise SystemExit("the act within the signed copy is not the one that was issued")


def main() -> None:
    path, program = Path(sys.argv[1]), sys.argv[2]
    document, roots = path.read_bytes(), certificates()
    run("qpdf", "--check", str(path))
    sound(document, roots)
    print("ok  pyHanko: intact, valid, trusted, over the entire file, PAdES B-B")
    said = run("pdfsig", "-nocert", str(path))
    for phrase in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached"):
        if phrase not in said:
            raise SystemExit(f"pdfsig does not say «{phrase}», but: {said}")
    print("ok  pdfsig: valid, the total document signed")
    evidence(path, document)
    print("ok  pdfdetach: evidence.json names the act that the file begins with")
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "own.pem")
        own.write_bytes(ask("/verify/certificates.pem"))
        run(program, "verify", str(path), "--certificate", str(own))
        if verdict(document) != "authentic":
            raise SystemExit("the server does not know its own file")
        forged = Path(folder, "forged.pdf")
        for number, other in enumerate(changed(document)):
            forged.write_bytes(other)
            if holds(other, roots) and not other.startswith(document):
                raise SystemExit(f"pyHanko takes change {number} for the original")
            run(program, "verify", str(forged), "--certificate", str(own), fails=True)
            if verdict(other) not in ("altered", "unknown"):
                raise SystemExit(f"the server takes change {number} for the original")
    print(f"ok  {SAMPLES} changed bytes and one addition are noticed by pyHanko, by naryad verify and by the server")


main()
