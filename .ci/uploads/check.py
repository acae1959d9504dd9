"""Twenty photos over a line that breaks at random bytes, while the server is killed and started again.

    check.py PROGRAM

Ten are sent by tus-js-client, ten by tuspy, five of these with a checksum for each chunk. Every one must arrive whole, once.
"""

import asyncio
import concurrent.futures
import hashlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path

from PIL import Image
from tusclient import client

PHOTOS = 20
KILLS = 3
# A line carries so many bytes before it breaks.
CARRIED = (30_000, 900_000)
# One that was killed right after it took an upload up keeps it for a quarter of a minute.
PATIENCE = 90

seed = int(os.environ.get("NARYAD_SEED") or random.SystemRandom().randrange(1 << 32))
chance = random.Random(seed)
print(f"seed {seed} (NARYAD_SEED={seed} repeats the cuts)", flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The program on a folder of its own."""

    def __init__(self, program: str, folder: str) -> None:
        self.program, self.folder, self.port = program, folder, free_port()
        self.base = f"http://127.0.0.1:{self.port}/api/v1"
        self.running: subprocess.Popen[bytes] | None = None
        adding = [program, "user", "add", "--login", "admin", "--role", "admin", "--name", "A", "--data", folder]
        subprocess.run(adding, input=b"long enough\n", check=True, timeout=60, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        command = [self.program, "serve", "--data", self.folder, "--listen", f"127.0.0.1:{self.port}", "--log", "warn"]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit("the server does not answer") from None
                time.sleep(0.02)

    def kill(self) -> None:
        if self.running:
            self.running.send_signal(signal.SIGKILL)
            self.running.wait()
            self.running = None


class Line:
    """A proxy whose connections break after a random number of bytes that were sent to the server."""

    def __init__(self, port: int) -> None:
        self.target, self.port, self.cuts = port, 0, 0
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.tasks: set[asyncio.Task[None]] = set()

        def run() -> None:
            asyncio.set_event_loop(self.loop)
            server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        ready.wait()

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            back.transport.abort()
            return
        left = [chance.randint(*CARRIED)]

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, counts: bool) -> None:
            try:
                while data := await source.read(16_384):
                    if counts:
                        data = data[: left[0]]
                        left[0] -= len(data)
                    sink.write(data)
                    await sink.drain()
                    if counts and left[0] <= 0:
                        self.cuts += 1
                        break
            except OSError:
                pass
            # Whichever way it ended, both ends notice, one as a clean end and the other as a reset.
            back.transport.abort()
            there.close()

        both = [asyncio.create_task(carry(near, there, True)), asyncio.create_task(carry(far, back, False))]
        self.tasks.update(both)
        for task in both:
            task.add_done_callback(self.tasks.discard)


def ask(base: str, method: str, path: str, body: object = None, token: str | None = None) -> bytes:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def photo(number: int) -> bytes:
    """A small picture with a long tail, as some phones add a film to a photo: most of its bytes cost nothing to look at."""
    size = chance.choice([(400, 300), (500, 400), (640, 480)])
    noise = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = f"photo {number}"
    noise.save(out, "JPEG", quality=60, exif=exif)
    return out.getvalue() + chance.randbytes(chance.randint(200_000, 1_400_000))


def by_tuspy(endpoint: str, token: str, file: dict[str, str], checked: bool) -> int:
    """Sends one file, as often as the library gives up; says how often it did."""
    speaker = client.TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
    metadata = {"attachment_id": file["id"], "sha256": file["sha256"]}
    for attempt in range(300):
        try:
            with open(file["path"], "rb") as stream:
                speaker.uploader(
                    file_stream=stream, metadata=metadata, chunk_size=20_000 if checked else 400_000,
                    retries=20, retry_delay=0.05, upload_checksum=checked,
                ).upload()
            return attempt
        except Exception as error:  # The library lets the errors of several others through.
            if "401" in str(error) or "422" in str(error):
                raise
            time.sleep(0.1)
    raise SystemExit("tuspy did not get through")


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(sys.argv[1], f"{folder}/data")
        server.start()
        try:
            check(server, Path(folder), started)
        finally:
            server.kill()


def check(server: Server, folder: Path, started: float) -> None:
    login = {"login": "admin", "password": "long enough"}
    token = json.loads(ask(server.base, "POST", "/auth/login", login))["access_token"]

    def call(method: str, path: str, body: object = None) -> dict:
        return json.loads(ask(server.base, method, path, body, token))

    call("PUT", "/provider", {"legal_name": "A", "language": "en", "currency": "EUR", "time_zone": "Europe/Kyiv",
                              "vat": {"mode": "not_payer"}})
    company = call("POST", "/companies", {"name": "B"})["id"]
    kind = call("POST", "/ticket-types", {"name": "C"})["id"]
    ticket = call("POST", "/tickets", {"type_id": kind, "company_id": company, "priority": "low", "subject": "D"})["id"]
    files = []
    for number in range(PHOTOS):
        bytes_, path = photo(number), folder / f"{number}.jpg"
        path.write_bytes(bytes_)
        file = {"id": str(uuid.uuid4()), "path": str(path), "sha256": hashlib.sha256(bytes_).hexdigest()}
        told = {"id": file["id"], "name": path.name, "media_type": "image/jpeg", "size": len(bytes_),
                "sha256": file["sha256"]}
        call("POST", f"/tickets/{ticket}/attachments/expected", told)
        files.append(file)

    line = Line(server.port)
    endpoint = f"http://127.0.0.1:{line.port}/api/v1/uploads"
    node = subprocess.Popen(["node", "send.js", endpoint, token], stdin=subprocess.PIPE)
    node.stdin.write(json.dumps(files[:10]).encode())
    node.stdin.close()
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        sends = [pool.submit(by_tuspy, endpoint, token, file, at % 2 == 0) for at, file in enumerate(files[10:])]
        kills = 0
        while node.poll() is None or not all(send.done() for send in sends):
            # Killed when something is surely under way: at the beginning, and now and then.
            time.sleep(chance.uniform(0.4, 1.2))
            if kills < KILLS:
                server.kill()
                time.sleep(0.2)
                server.start()
                kills += 1
        given_up = sum(send.result() for send in sends)
    if node.returncode != 0:
        raise SystemExit(f"tus-js-client did not get through: {node.returncode}")
    sent = time.monotonic() - started

    deadline = time.monotonic() + PATIENCE
    while True:
        there = call("GET", f"/tickets/{ticket}/attachments?limit=200")["data"]
        waiting = [file for file in there if file["status"] == "expected"]
        if not waiting:
            break
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(waiting)} files are still expected: {waiting[:3]}")
        time.sleep(0.2)
    assert sorted(file["id"] for file in there) == sorted(file["id"] for file in files), "not each of them once"
    for file in files:
        kept = ask(server.base, "GET", f"/attachments/{file['id']}/original", token=token)
        assert kept == Path(file["path"]).read_bytes(), f"{file['id']} did not arrive whole"
        assert b"photo " not in ask(server.base, "GET", f"/attachments/{file['id']}/content", token=token)[:4_096]
    assert call("GET", "/events/verification")["intact"]
    left = list((folder / "data/files/unfinished").glob("*/*"))
    assert line.cuts >= 5 and kills == KILLS, f"hardly a test: {line.cuts} cuts, {kills} kills"
    print(f"{PHOTOS} photos arrived whole, once: {line.cuts} cuts, {kills} kills, {given_up} times tuspy gave up; "
          f"sent after {sent:.1f} s, looked at after {time.monotonic() - started:.1f} s; {len(left)} stray pieces")


main()
