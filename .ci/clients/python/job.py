"""The heart of the main job by a generated Python client: gates refuse, work is done, an act is signed, an invoice made.

Every value goes through the generated models, so a record that the document describes wrongly does not parse here.
It may run on a server that has seen other work: whatever it asserts is about the records it made itself.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

import httpx
from naryad_client import AuthenticatedClient, Client
from naryad_client.api.acts import get_act, get_signed_copy, issue_act, sign_act
from naryad_client.api.assets import add_asset, scan
from naryad_client.api.clients import add_agreement, add_company, add_contact, add_site
from naryad_client.api.invoices import billing_queue, make_out_invoice
from naryad_client.api.prices import add_price_item, add_price_list
from naryad_client.api.provider import put_provider
from naryad_client.api.rules_of_work import add_checklist_template, add_ticket_type
from naryad_client.api.session import login, logout, me
from naryad_client.api.tickets import (
    add_work_line,
    answer_item,
    assign_ticket,
    change_status,
    get_checklist,
    get_completion,
    log_time,
    open_ticket,
    scan_on_ticket,
)
from naryad_client.api.users import add_user
from naryad_client.models.act_status import ActStatus
from naryad_client.models.answer_kind import AnswerKind
from naryad_client.models.assign import Assign
from naryad_client.models.change_status import ChangeStatus
from naryad_client.models.coverage import Coverage
from naryad_client.models.covers import Covers
from naryad_client.models.currency import Currency
from naryad_client.models.gate import Gate
from naryad_client.models.ink import Ink
from naryad_client.models.ink_point import InkPoint
from naryad_client.models.item_kind import ItemKind
from naryad_client.models.language import Language
from naryad_client.models.login_request import LoginRequest
from naryad_client.models.new_act import NewAct
from naryad_client.models.new_agreement import NewAgreement
from naryad_client.models.new_asset import NewAsset
from naryad_client.models.new_checklist_template import NewChecklistTemplate
from naryad_client.models.new_company import NewCompany
from naryad_client.models.new_contact import NewContact
from naryad_client.models.new_invoice import NewInvoice
from naryad_client.models.new_price_item import NewPriceItem
from naryad_client.models.new_price_list import NewPriceList
from naryad_client.models.new_signature import NewSignature
from naryad_client.models.new_site import NewSite
from naryad_client.models.new_ticket import NewTicket
from naryad_client.models.new_ticket_type import NewTicketType
from naryad_client.models.new_time_entry import NewTimeEntry
from naryad_client.models.new_user import NewUser
from naryad_client.models.new_work_line import NewWorkLine
from naryad_client.models.outcome import Outcome
from naryad_client.models.party import Party
from naryad_client.models.priority import Priority
from naryad_client.models.problem import Problem
from naryad_client.models.put_answer import PutAnswer
from naryad_client.models.put_provider import PutProvider
from naryad_client.models.role import Role
from naryad_client.models.scan_request import ScanRequest
from naryad_client.models.signer import Signer
from naryad_client.models.signing_authority import SigningAuthority
from naryad_client.models.status_kind import StatusKind
from naryad_client.models.stroke import Stroke
from naryad_client.models.template_item import TemplateItem
from naryad_client.models.ticket_field import TicketField
from naryad_client.models.time_kind import TimeKind
from naryad_client.models.unmet import Unmet
from naryad_client.models.vat import Vat
from naryad_client.models.vat_mode import VatMode
from naryad_client.types import File, Response, Unset

T = TypeVar("T")

BASE_URL = os.environ["NARYAD_URL"]
# Logins and names are told apart by it when the script runs again on the same server.
RUN = secrets.token_hex(4)


def good(status: int, answer: Response[Problem | T]) -> T:
    """What a request answered that must go well, with exactly this status."""
    if answer.status_code != status or answer.parsed is None or isinstance(answer.parsed, Problem):
        raise SystemExit(f"{int(answer.status_code)} instead of {status}: {answer.content.decode(errors='replace')}")
    return answer.parsed


def refused(status: int, code: str, answer: Response[Problem | T]) -> Problem:
    """The problem of a request that must be refused, with exactly this status and code."""
    problem = answer.parsed
    if answer.status_code != status or not isinstance(problem, Problem) or problem.code != code:
        said = answer.content.decode(errors="replace")
        raise SystemExit(f"{int(answer.status_code)} instead of {status} {code}: {said}")
    return problem


def same(found: object, promised: object, what: str) -> None:
    if found != promised:
        raise SystemExit(f"{what}: {found!r} instead of {promised!r}")


def there(value: T | Unset | None, what: str) -> T:
    if value is None or isinstance(value, Unset):
        raise SystemExit(f"missing: {what}")
    return value


def gates(unmet: Iterable[Unmet]) -> list[Gate]:
    return sorted(one.gate for one in unmet)


def sign_in(name: str, password: str) -> AuthenticatedClient:
    """Somebody to whom an answer that the document does not know is an error."""
    body = LoginRequest(login=name, password=password)
    tokens = good(200, login.sync_detailed(client=Client(base_url=BASE_URL, timeout=httpx.Timeout(60)), body=body))
    same(tokens.token_type, "Bearer", "the kind of token")
    return AuthenticatedClient(
        base_url=BASE_URL, token=tokens.access_token, timeout=httpx.Timeout(60), raise_on_unexpected_status=True
    )


admin = sign_in(os.environ["NARYAD_LOGIN"], os.environ["NARYAD_PASSWORD"])
same(good(200, me.sync_detailed(client=admin)).role, Role.ADMIN, "who is signed in")

# The company, its people, prices and rules.
provider = PutProvider(
    legal_name="ООО «Сервис-ИТ»",
    language=Language.RU,
    currency=Currency.RUB,
    time_zone="Europe/Moscow",
    vat=Vat(mode=VatMode.INCLUDED, rate="22"),
)
same(good(200, put_provider.sync_detailed(client=admin, body=provider)).currency, Currency.RUB, "the currency")
company = good(201, add_company.sync_detailed(client=admin, body=NewCompany(name=f"Ромашка {RUN}")))
site = good(201, add_site.sync_detailed(client=admin, body=NewSite(company_id=company.id, name="Офис")))
contact = good(
    201,
    add_contact.sync_detailed(
        client=admin,
        body=NewContact(
            company_id=company.id, name="Белова Ирина Юрьевна", signing_authority=SigningAuthority.ROUTINE
        ),
    ),
)
password = secrets.token_hex(12)
people = {
    role: good(
        201,
        add_user.sync_detailed(
            client=admin,
            body=NewUser(login=f"{role}-{RUN}", password=password, role=role, name="Ёлкин Иван Петрович"),
        ),
    )
    for role in (Role.TECHNICIAN, Role.MANAGER)
}
technician, manager = (sign_in(people[role].login, password) for role in (Role.TECHNICIAN, Role.MANAGER))
prices = good(
    201,
    add_price_list.sync_detailed(client=admin, body=NewPriceList(name=f"Прайс-лист {RUN}", currency=Currency.RUB)),
)
cleaning, roller = (
    good(
        201,
        add_price_item.sync_detailed(
            prices.id, client=admin, body=NewPriceItem(code=code, name=name, kind=kind, unit="шт", price=price)
        ),
    )
    for code, name, kind, price in (
        ("Р-01", "Техническое обслуживание", ItemKind.WORK, "1500.00"),
        ("М-07", "Ролик захвата бумаги", ItemKind.MATERIAL, "1890.00"),
    )
)
agreement = NewAgreement(
    company_id=company.id,
    number=f"С-{RUN}",
    starts_on=date(2020, 1, 1),
    covers=Covers(price_item_ids=[cleaning.id]),
)
good(201, add_agreement.sync_detailed(client=admin, body=agreement))
template = NewChecklistTemplate(
    name=f"ТО {RUN}",
    items=[
        TemplateItem(text="Ролики очищены", kind=AnswerKind.CHECK, required=True),
        TemplateItem(text="Счётчик страниц", kind=AnswerKind.NUMBER, required=True),
    ],
)
checklist = good(201, add_checklist_template.sync_detailed(client=admin, body=template))
kind = good(
    201,
    add_ticket_type.sync_detailed(
        client=admin,
        body=NewTicketType(
            name=f"Ремонт {RUN}",
            required_fields=[TicketField.SITE_ID],
            checklist_template_ids=[checklist.id],
            gates=[Gate.TIME_LOGGED, Gate.CHECKLIST_COMPLETE, Gate.ACT_SIGNED, Gate.ASSET_SCANNED],
            signing_authority=SigningAuthority.ROUTINE,
        ),
    ),
)
asset = good(
    201, add_asset.sync_detailed(client=admin, body=NewAsset(company_id=company.id, site_id=site.id, name="Принтер"))
)
code = there(asset.code, "the code of the device")
same(good(200, scan.sync_detailed(code, client=technician)).asset.id, asset.id, "the device on the card")
print("ok  described the company")

# The job, and the gates that hold it.
opening = NewTicket(
    type_id=kind.id, company_id=company.id, subject="Принтер жуёт бумагу", priority=Priority.HIGH, asset_codes=[code]
)
refused(422, "gates_closed", open_ticket.sync_detailed(client=admin, body=opening))
opening.site_id = site.id
ticket = good(201, open_ticket.sync_detailed(client=admin, body=opening)).id
assignment = Assign(user_id=people[Role.TECHNICIAN].id)
good(200, assign_ticket.sync_detailed(ticket, client=admin, body=assignment))
for status in ("en_route", "in_progress"):
    good(200, change_status.sync_detailed(ticket, client=technician, body=ChangeStatus(to=status)))
problem = refused(
    422, "gates_closed", change_status.sync_detailed(ticket, client=technician, body=ChangeStatus(to="done"))
)
promised = sorted([Gate.ASSET_SCANNED, Gate.CHECKLIST_COMPLETE, Gate.CHECKLIST_COMPLETE, Gate.TIME_LOGGED])
same(gates(there(problem.unmet, "the unmet gates of the refusal")), promised, "what the refusal names")
completion = good(200, get_completion.sync_detailed(ticket, client=technician, to="done"))
same((completion.ready, gates(completion.unmet)), (False, promised), "what is left to do")
print("ok  completion was refused, with every unmet gate named")

good(200, scan_on_ticket.sync_detailed(ticket, client=technician, body=ScanRequest(code=code)))
for item in good(200, get_checklist.sync_detailed(ticket, client=technician)).data:
    answer = True if item.kind == AnswerKind.CHECK else "48211.5"
    kept = good(200, answer_item.sync_detailed(ticket, item.id, client=technician, body=PutAnswer(answer=answer)))
    same(kept.answer, answer, "the answer that was kept")
entry = NewTimeEntry(kind=TimeKind.ON_SITE, duration="1 ч 20 м")
same(good(201, log_time.sync_detailed(ticket, client=technician, body=entry)).minutes, 80, "the minutes of 1 ч 20 м")
covered, extra = (
    good(201, add_work_line.sync_detailed(ticket, client=technician, body=NewWorkLine(price_item_id=of.id, quantity="1")))
    for of in (cleaning, roller)
)
same(covered.coverage, Coverage.COVERED, "the work of the agreement")
same((extra.coverage, extra.amount, extra.vat), (Coverage.EXTRA, "1890.00", "340.82"), "the material outside of it")
done = good(200, change_status.sync_detailed(ticket, client=technician, body=ChangeStatus(to="done")))
same(done.status.kind, StatusKind.DONE, "the status")
print("ok  worked: scan, checklist, time, works, done")

# The act, its signature, the invoice.
act = good(201, issue_act.sync_detailed(ticket, client=technician, body=NewAct(show_prices=True)))
same((act.status, act.total, act.currency), (ActStatus.ISSUED, "1890.00", Currency.RUB), "the act")
refused(409, "act_not_signed", get_signed_copy.sync_detailed(act.id, client=technician))
points = [InkPoint(x=20.0 + 6 * step, y=60.0 + step % 7, time=16.0 * step, pressure=0.5) for step in range(40)]
signature = NewSignature(
    party=Party.CLIENT,
    document_sha256=act.document_sha256,
    signer=Signer(contact_id=contact.id),
    outcome=Outcome.ACCEPTED,
    ink=Ink(width=300.0, height=120.0, groups=[Stroke(points=points)]),
)
signed = good(201, sign_act.sync_detailed(act.id, client=technician, body=signature))
same(signed.contact_id, contact.id, "who signed")
act = good(200, get_act.sync_detailed(act.id, client=technician))
same(act.status, ActStatus.SIGNED, "the act after the signature")
copy: File = good(200, get_signed_copy.sync_detailed(act.id, client=technician))
content = copy.payload.read()
same(content[:5], b"%PDF-", "the beginning of the signed act")
same(hashlib.sha256(content).hexdigest(), act.signed_document_sha256, "the SHA-256 of the signed act")
good(200, change_status.sync_detailed(ticket, client=manager, body=ChangeStatus(to="closed")))
queue = good(200, billing_queue.sync_detailed(client=manager, company_id=company.id)).data
same([(one.act_id, one.extra_total) for one in queue], [(act.id, "1890.00")], "the billing queue")
invoice = good(201, make_out_invoice.sync_detailed(client=manager, body=NewInvoice(act_ids=[act.id])))
same((invoice.net, invoice.vat, invoice.gross), ("1549.18", "340.82", "1890.00"), "the invoice")
refused(409, "already_billed", make_out_invoice.sync_detailed(client=manager, body=NewInvoice(act_ids=[act.id])))
print(f"ok  act {act.number} signed, invoice {invoice.number} for {invoice.gross} {invoice.currency}")

same(logout.sync_detailed(client=technician).status_code, 204, "signing out")
refused(401, "session_revoked", me.sync_detailed(client=technician))
print("ok  signed out")
