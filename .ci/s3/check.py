"""Files in a store that speaks S3: the main job, a file that is gone, a backup from there and a restore back into it.

    check.py PROGRAM
"""

import hashlib
import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

# Each request of the store's is of no interest.
logging.getLogger("werkzeug").setLevel(logging.ERROR)

PROGRAM = sys.argv[1]
BUCKET = "naryad"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


store = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
store.start()
endpoint = "http://%s:%s" % store.get_host_and_port()
os.environ |= {
    "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true",
}
objects = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
objects.create_bucket(Bucket=BUCKET)


def kept(prefix: str) -> dict[str, bytes]:
    """What lies in the store below a prefix."""
    names = [entry["Key"] for page in objects.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix + "/")
             for entry in page.get("Contents", [])]
    return {name: objects.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names}


def run(*words: str) -> str:
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise SystemExit(f"{words[0]}: {done.stderr}")
    return done.stdout + done.stderr


class Server:
    """The program with its database in a folder and its files in the store, until the block ends."""

    def __init__(self, command: str, folder: Path, prefix: str) -> None:
        self.port, self.log = free_port(), folder.with_suffix(".log")
        self.words = [PROGRAM, command, "--data", str(folder), "--listen", f"127.0.0.1:{self.port}",
                      "--files-url", f"s3://{BUCKET}/{prefix}"]

    def __enter__(self) -> "Server":
        self.running = subprocess.Popen(self.words, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 90
        while not (self.answers() and ("demo" not in self.words or "Serving on" in self.log.read_text())):
            if time.monotonic() > deadline or self.running.poll() is not None:
                raise SystemExit(self.log.read_text())
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.running.terminate()
        self.running.wait(30)

    def answers(self) -> bool:
        try:
            return bool(self.ask("/healthz", api=""))
        except OSError:
            return False

    def ask(self, path: str, body: object = None, token: str = "", api: str = "/api/v1") -> bytes:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{api}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def papers(self) -> dict[str, bytes]:
        """Every act as it was issued."""
        login = {"login": "admin", "password": "naryad-demo"}
        token = json.loads(self.ask("/auth/login", login))["access_token"]
        acts = json.loads(self.ask("/acts", token=token))["data"]
        return {act["number"]: self.ask(f"/acts/{act['id']}/document.pdf", token=token) for act in acts}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data, restored, backups = (Path(temporary, name) for name in ("data", "restored", "backups"))
        with Server("demo", data, "first") as server:
            papers = server.papers()
            assert papers, "the demonstration issued no act"
            print(f"ok  the main job with files in the store: {len(kept('first'))} objects")
            found = kept("first")
            for name, content in found.items():
                assert name.rsplit("/", 1)[1] == hashlib.sha256(content).hexdigest(), f"{name} is not named by its hash"
            assert set(papers.values()) <= set(found.values()), "an act is not in the store as it is served"
            beside = [path for path in (data / "files").rglob("*") if path.is_file()] if (data / "files").exists() else []
            assert not beside, f"files were written beside the store: {beside}"
            print("ok  every object is named by its hash, acts are served byte for byte, nothing lies in the data folder")

            run("backup", "--data", str(data), "--files-url", f"s3://{BUCKET}/first", "--to", str(backups))
        run("verify-backup", str(backups))
        run("restore", str(backups), "--into", str(restored), "--files-url", f"s3://{BUCKET}/second")
        assert set(kept("second").values()) <= set(found.values()) and kept("second"), "the files did not come back"
        with Server("serve", restored, "second") as server:
            assert server.papers() == papers, "an act came back changed"
            print("ok  a backup from the store, verified, restored into another place of it: acts are the same")
            [gone] = [name for name, content in kept("second").items() if content == next(iter(papers.values()))]
            objects.delete_object(Bucket=BUCKET, Key=gone)
            try:
                server.papers()
            except urllib.error.HTTPError as refused:
                problem = json.loads(refused.read())
                assert problem["code"], problem
                print(f"ok  a file that somebody deleted from the store is told: {refused.code} {problem['code']}")
            else:
                raise SystemExit("a file that is gone was served")


try:
    main()
finally:
    store.stop()
