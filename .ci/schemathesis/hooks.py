"""What the run must not do to itself, and one check of our own."""

import os
import re

import schemathesis
from schemathesis import GenerationMode

# The session and the user that the run is signed in with.
OWN = {os.environ["NARYAD_SESSION"], os.environ["NARYAD_USER"]}

# What the document's types, formats, lengths and ranges can tell beforehand. Other refusals depend on other fields and
# records, and on lists that no document spells out: references, gates, time zones, the size of a label. U+0000 is refused
# wherever it stands, even in the name of a member that is ignored: a schema would have to say so at every text.
FORESEEABLE = {
    "unknown_field",
    "wrong_type",
    "not_one_of",
    "too_long",
    "too_short",
    "too_many",
    "out_of_range",
    "not_an_id",
    "not_a_moment",
    "not_a_day",
    "not_a_decimal",
    "not_a_sha256",
    "not_an_email",
    "not_a_login",
}

# Bounds that the paper, the printer's kind, the batch or another day in the same request sets, and that no schema can tell.
SET_BY_OTHERS = re.compile(
    r"/?(printer_id|start_at|batch/(from|to)|from|to|left_mark|top_mark|(media/)?(sheet|roll)/\w+|offset_mm/[xy]|offset_[xy])$"
)

# Bytes like any others.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def filter_case(context, case) -> bool:
    """Ids that answers tell are tried in later requests: the run would end its own session, or archive its own user."""
    return case.method == "GET" or OWN.isdisjoint(str(value) for value in (case.path_parameters or {}).values())


def set_by_others(error: dict[str, str]) -> bool:
    # Which statuses there are is data of the company's; what a party may decide depends on the party.
    if error["code"] == "not_one_of":
        return error["pointer"] in ("to", "/to", "/outcome")
    return error["code"] == "out_of_range" and SET_BY_OTHERS.match(error["pointer"]) is not None


@schemathesis.check
def the_document_told_it(ctx, response, case) -> None:
    """A request that keeps to the document may be refused, but not for what the document could have said."""
    meta = case.meta
    if meta is None or meta.generation.mode != GenerationMode.POSITIVE or response.status_code not in (400, 422):
        return
    problem = response.json()
    # The protocol of phones is another's: the document names its tables, not the form of every row.
    if problem["code"] == "sync_malformed":
        return
    untold = [error for error in problem["errors"] if error["code"] in FORESEEABLE and not set_by_others(error)]
    if problem["code"] == "bad_json" or untold:
        raise AssertionError(f"The document allows what is refused with {problem['code']}: {untold}")
