"""Every event of a running server is proved against its root by pymerkle, and what was changed is not."""

import json
import os
import subprocess
import sys
import urllib.request

import rfc8785
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_inclusion
from pymerkle.hasher import MerkleHasher

BINARY, DATA = sys.argv[1:]
BASE = os.environ["NARYAD_URL"] + "/api/v1"
HASHER = MerkleHasher("sha256", security=True)


def call(path, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers)) as answer:
        return json.load(answer)


def everything(path, token):
    cursor, rows = "", []
    while cursor is not None:
        page = call(f"{path}?limit=200" + (f"&cursor={cursor}" if cursor else ""), token=token)
        rows += page["data"]
        cursor = page["next_cursor"]
    return rows


def root_now():
    """The root as an operator keeps it: printed by the command, beside the server."""
    done = subprocess.run([BINARY, "audit", "root", "--data", DATA], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def entry_hash(entry):
    """What the chain's next entry holds, and the tree's leaf: SHA-256(0x00, hash before, canonical JSON)."""
    return HASHER.hash_buff(bytes.fromhex(entry["prev_hash"]) + entry["canonical"].encode())


def prove(entry, root, tree):
    leaf = HASHER.hash_buff(entry_hash(entry))
    index, size = entry["leaf_index"] + 1, root["tree_size"]
    rule = tree.prove_inclusion(index, size).rule
    path = [leaf] + [bytes.fromhex(beside) for beside in entry["path"]]
    proof = InclusionProof("sha256", True, size, index, rule, path)
    verify_inclusion(leaf, bytes.fromhex(root["root"]), proof, index=index, size=size)


def grew(growth):
    """RFC 9162 2.1.4.2."""
    old, new = growth["from"], growth["to"]
    path = [bytes.fromhex(beside) for beside in growth["path"]]
    if old["tree_size"] & (old["tree_size"] - 1) == 0:
        path.insert(0, bytes.fromhex(old["root"]))
    place, last = old["tree_size"] - 1, new["tree_size"] - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for beside in path[1:]:
        assert last != 0
        if place & 1 or place == last:
            before, after = HASHER.hash_pair(beside, before), HASHER.hash_pair(beside, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = HASHER.hash_pair(after, beside)
        place, last = place >> 1, last >> 1
    assert last == 0
    assert before.hex() == old["root"] and after.hex() == new["root"]


def main():
    login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
    token = call("/auth/login", login)["access_token"]
    first = root_now()
    for number in range(3):
        call("/companies", {"name": f"Свидетель {number}"}, token)
    second = root_now()
    assert second["tree_size"] > first["tree_size"]
    roots = everything("/audit/roots", token)
    assert first in roots and second in roots, roots

    proofs = [call(f"/audit/proof?event={event['id']}", token=token) for event in everything("/events", token)]
    assert all(proof["root"] == second for proof in proofs)
    entries = sorted((entry for proof in proofs for entry in proof["entries"]), key=lambda entry: entry["leaf_index"])
    entries = [entry for entry in entries if entry["leaf_index"] < second["tree_size"]]
    assert [entry["leaf_index"] for entry in entries] == list(range(second["tree_size"]))

    # The chain, from zeros to the head.
    before = bytes(32)
    for entry in entries:
        assert entry["prev_hash"] == before.hex(), entry
        assert rfc8785.dumps(json.loads(entry["canonical"])) == entry["canonical"].encode(), entry
        before = entry_hash(entry)
        assert entry["hash"] == before.hex(), entry
    assert second["head"] == before.hex()

    # The tree, built anew.
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(bytes.fromhex(entry["hash"]))
    for root in (first, second):
        assert tree.get_root(root["tree_size"]).hex() == root["root"], root
    for entry in entries:
        prove(entry, second, tree)
    grew(call(f"/audit/consistency?from={first['tree_size']}&to={second['tree_size']}", token=token))

    # What was changed is not proved.
    victim = entries[len(entries) // 2]
    for changed in (
        {**victim, "canonical": victim["canonical"].replace("-7", "-8", 1)},
        {**victim, "path": victim["path"][::-1]},
        {**victim, "leaf_index": victim["leaf_index"] ^ 1},
        {**victim, "prev_hash": victim["hash"]},
    ):
        try:
            prove(changed, second, tree)
        except InvalidProof:
            continue
        raise AssertionError(f"a forgery passed: {changed}")

    said = subprocess.run([BINARY, "audit", "verify", "--data", DATA], check=True, capture_output=True, text=True).stdout
    assert said.startswith("OK"), said
    print(f"{len(entries)} events are proved against the root {second['root']}; four forgeries are not")


main()
