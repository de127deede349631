"""Every page and operation that lists asks the database as often for forty rows as for ten.

The lists are taken from the addresses themselves: one that is in no table here fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from recoup.api.models import Delivery, WebHook
from recoup.api.tokens import PREFIX, make_token
from recoup.apps.arrangements.models import Promise
from recoup.apps.cases import actions as cases
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Case
from recoup.apps.closing.models import Night
from recoup.apps.complaints.actions import Intake, name_owner, take_in
from recoup.apps.compliance.actions import record_export, request_approval
from recoup.apps.compliance.models import Reveal
from recoup.apps.contacts.actions import Intended, ask_gate
from recoup.apps.contacts.models import (
    AgreedHours,
    Consent,
    Contact,
    GateDecision,
    Message,
    PostalLetter,
    PrintBatch,
    ReplyReceived,
    StopRequest,
)
from recoup.apps.evidence.models import Seal, SealKey
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.models import Absence, Branch, Duty, Role, Staff, Team
from recoup.apps.people.permissions import MACHINE, Actor
from recoup.apps.people.queries import actor_of
from recoup.apps.people.roles import ROOMS, VERBS
from recoup.apps.portfolio.models import (
    CollateralItem,
    ContactPoint,
    Contract,
    Guarantor,
    Hold,
    Publication,
)
from recoup.apps.quality.models import (
    Finding,
    FindingStep,
    Sample,
    SampleWeek,
    ScoredReview,
)
from recoup.apps.visits.models import Visit, VisitPhoto, VisitPlan, VisitStop
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
FEW, MANY = 10, 40
#: No page may ask more often than this, however few its rows are.
MOST = 60
ROLES = ("supervisor", "compliance_officer", "administrator")


@dataclass
class House:
    """A bank that grows, as one person with many roles sees it."""

    reader: Staff
    at: datetime
    make_staff: Callable[..., Staff]
    make_contract: Callable[..., Contract]
    secret: str = PREFIX + "of the budgets"
    page: Client = field(default_factory=Client)
    debtor_id: str = ""
    contract_id: str = ""
    complaint: str = ""

    @property
    def actor(self) -> Actor:
        """The reader, as an actor."""
        return actor_of(staff_id=self.reader.pk, at=self.at)

    def loan(self) -> Contract:
        """Make one more person with a loan and a number."""
        made = self.make_contract(dpd=47, overdue_principal_minor=790_000)
        ContactPoint.objects.create(
            debtor=made.debtor, kind="phone", value=made.debtor.phone, source="contract"
        )
        return made

    def decision(self) -> GateDecision:
        """An answer of the gate about the first person."""
        return GateDecision.objects.create(
            debtor_id=self.debtor_id,
            at=self.at,
            channel="letter",
            party="debtor",
            purpose="collect",
            permitted=True,
            facts={},
        )

    def brought(self, *, spread: bool) -> None:
        """Bring the people into cases, and give these to collectors."""
        bring_all(Day(on=AS_OF, at=self.at, strategy=strategy()))
        if spread:
            cases.spread(actor=MACHINE, at=self.at)

    def questions(self, address: str) -> int:
        """Yield how many queries a page takes; the first request of a session writes it."""
        asked = address.format(
            debtor=self.debtor_id, contract=self.contract_id, complaint=self.complaint
        )
        headers = {"Authorization": f"Bearer {self.secret}"} if asked.startswith("api/") else {}
        client = Client() if headers else self.page
        for _ in range(2):
            with CaptureQueriesContext(connection) as counted:
                answer = client.get(f"/{asked}", headers=headers)
            assert answer.status_code == 200, f"{asked}: {answer.status_code}"
        return len(counted)


@pytest.fixture
def house(
    make_staff: Callable[..., Staff],
    make_contract: Callable[..., Contract],
    night_result: Path,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    """The house at ten on the business date, with one person in arrears and a case."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    monkeypatch.setattr("recoup.site.api.now", lambda: at)
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the budgets",
        is_current=True,
    )
    reader = make_staff("collector", name="reader", scope=("bank", ""))
    for role in ROLES:
        reader.roles.add(make_staff(role).roles.get())
    every = frozenset(f"{verb} {room}" for verb in VERBS for room in ROOMS)
    make_token(
        staff_id=reader.pk,
        name="t",
        scopes=every,
        secret="of the budgets",
        days=9,
        at=at - timedelta(days=1),
    )
    made = House(reader=reader, at=at, make_staff=make_staff, make_contract=make_contract)
    made.page.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    made.page.cookies["django_language"] = "en"
    first = made.loan()
    made.brought(spread=False)
    made.debtor_id, made.contract_id = first.debtor_id, first.pk
    return made


def _cases(house: House, numbers: range) -> None:
    for _ in numbers:
        house.loan()
    house.brought(spread=True)


def _pool(house: House, numbers: range) -> None:
    for number in numbers:
        house.make_staff("collector", name=f"c{number}")
        house.loan()
    house.brought(spread=False)


def _staff(house: House, numbers: range) -> None:
    for number in numbers:
        staff = house.make_staff("collector", name=f"s{number}", team=f"T{number}")
        Absence.objects.create(staff=staff, from_on=AS_OF, until_on=AS_OF + timedelta(days=3))


def _roles(house: House, numbers: range) -> None:
    for number in numbers:
        role = Role.objects.create(code=f"r{number}", name_zh="角色", name_en="role")
        Duty.objects.create(role=role, verb="view", room="cases")


def _places(house: House, numbers: range) -> None:
    for number in numbers:
        branch = Branch.objects.create(code=f"b{number}", name="b")
        Team.objects.create(code=f"t{number}", name="t", branch=branch)


def _promises(house: House, numbers: range) -> None:
    for number in numbers:
        for debtor_id in (house.debtor_id, house.loan().debtor_id):
            Promise.objects.create(
                promise_id=f"P{number}-{debtor_id}",
                debtor_id=debtor_id,
                currency="CNY",
                amount_minor=100,
                made_on=AS_OF,
                due_on=AS_OF + timedelta(days=number % 5),
                lapses_on=AS_OF + timedelta(days=9),
                made_by=house.make_staff("collector"),
            )


def _receipts(house: House, numbers: range) -> None:
    for number in numbers:
        for contract_id in (house.contract_id, house.loan().pk):
            post_receipt(
                actor=house.actor,
                idempotency_key=f"{number}-{contract_id}",
                contract_id=contract_id,
                paid_on=AS_OF,
                amount_minor=100,
                channel="card",
                at=house.at,
            )


def _contacts(house: House, numbers: range) -> None:
    for _ in numbers:
        for debtor_id in (house.debtor_id, house.loan().debtor_id):
            Contact.objects.create(
                debtor_id=debtor_id,
                at=house.at,
                channel="call",
                direction="out",
                party="debtor",
                outcome="no_answer",
                made_by=house.make_staff("collector"),
                recorded_at=house.at,
                breaches=[{"rule": "r", "source": "s", "zh": "不可", "en": "no", "origin": "pack"}],
            )


def _answers(house: House, numbers: range) -> None:
    for _ in numbers:
        ask_gate(
            actor=actor_of(staff_id=house.make_staff("supervisor").pk, at=house.at),
            intended=Intended(debtor_id=house.loan().debtor_id, channel="call"),
            at=house.at,
        )


def _replies(house: House, numbers: range) -> None:
    for number in numbers:
        ReplyReceived.objects.create(
            key=f"k{number}",
            channel="sms",
            provider="p",
            address=f"1390000{number:04d}",
            text="您好",
            at=house.at,
            recorded_at=house.at,
        )


def _papers(house: House, numbers: range) -> None:
    for number in numbers:
        batch = PrintBatch.objects.create(
            made_at=house.at, made_by=house.make_staff("supervisor"), pdf_sha256="x", letters=1
        )
        for place, state in enumerate(("queued", "stopped", "sent")):
            row = Message.objects.create(
                message_id=f"m{number}-{place}",
                debtor_id=house.debtor_id,
                decision=house.decision(),
                channel="letter",
                language="en",
                body="x",
                state=state,
                next_try_at=house.at,
                queued_at=house.at,
                made_by=house.make_staff("collector"),
            )
            PostalLetter.objects.create(
                message=row,
                debtor_id=house.debtor_id,
                file_number=f"n{number}-{place}",
                recipient="r",
                address="a",
                content={},
                sha256="x",
                pages=1,
                made_at=house.at,
                batch=batch if state == "sent" else None,
            )


def _stops(house: House, numbers: range) -> None:
    plan, _ = VisitPlan.objects.get_or_create(
        staff=house.reader, on=AS_OF, defaults={"made_at": house.at}
    )
    for number in numbers:
        debtor_id = house.loan().debtor_id
        VisitStop.objects.create(
            plan=plan, debtor_id=debtor_id, place=number, address="a", is_permitted=True
        )
        other = house.make_staff("loan_officer")
        VisitPlan.objects.create(staff=other, on=AS_OF, made_at=house.at)
        for who in (house.reader, other):
            key = f"{number:016d}-{who.pk}"
            Visit.objects.create(
                client_key=key,
                debtor_id=debtor_id,
                contact_id=2 * number + (who == other),
                made_by=who,
                arrived_at=house.at,
                recorded_at=house.at,
            )
            VisitPhoto.objects.create(
                client_key=key,
                visit_key=key,
                debtor_id=debtor_id,
                proof_id=2 * number + (who == other),
                sha256="x",
                made_by=who,
                received_at=house.at,
            )
    house.brought(spread=False)


def _own_cases(house: House, numbers: range) -> None:
    _cases(house, numbers)
    Case.objects.update(collector=house.reader)


def _register(house: House, numbers: range) -> None:
    person = {"debtor_id": house.debtor_id, "recorded_at": house.at}
    for number in numbers:
        person["recorded_by"] = house.make_staff("collector")
        Consent.objects.create(**person, channel="sms", given_at=house.at, proof=f"p{number}")
        AgreedHours.objects.create(**person, begins=time(9), ends=time(21), proof=f"p{number}")
        asked = {"asked_at": house.at, "words": f"w{number}", "lifted_at": house.at}
        StopRequest.objects.create(**person, party="debtor", channel="portal", **asked)


def _reviews(house: House, numbers: range) -> None:
    week, _ = SampleWeek.objects.get_or_create(
        begins=AS_OF - timedelta(days=AS_OF.weekday()),
        defaults={"drawn_at": house.at, "plan": {"seed": "s"}},
    )
    for number in numbers:
        staff, debtor_id = house.make_staff("collector"), house.loan().debtor_id
        for who in (staff, house.reader):
            sample = Sample.objects.create(
                week=week,
                contact_id=2 * number + (who == staff),
                debtor_id=debtor_id,
                staff=who,
                channel="call",
                contact_at=house.at,
                why="share",
                digest="x",
                due_on=AS_OF,
                missing=1,
            )
            ScoredReview.objects.create(
                sample=sample,
                reviewer=house.make_staff("supervisor"),
                sheet_version=1,
                answers={"record": "yes"},
                passed=True,
                made_at=house.at,
            )
            told = Finding.objects.create(
                sample=sample, staff=who, feedback="f", made_by=house.reader, made_at=house.at
            )
            FindingStep.objects.create(
                finding=told, kind="told", by=house.reader, at=house.at, text="f"
            )


def _approvals(house: House, numbers: range) -> None:
    for number in numbers:
        maker = actor_of(staff_id=house.make_staff("collector").pk, at=house.at)
        request_approval(
            actor=maker,
            kind="waive_penalty",
            room="ledger",
            record_id=f"P{number}",
            debtor_id=house.loan().debtor_id,
            amount_minor=100,
            payload={},
            why="illness",
            at=house.at,
        )


def _trail(house: House, numbers: range) -> None:
    for number in numbers:
        staff = house.make_staff("collector")
        told = {"verb": "add_hold", "room": "portfolio", "record": "hold", "debtor_id": "D1"}
        publish(Change(at=house.at, actor_id=staff.pk, record_id=str(number), **told))


def _seals(house: House, numbers: range) -> None:
    key, _ = SealKey.objects.get_or_create(
        fingerprint="f", defaults={"algorithm": "ed25519-sha256", "known_since": house.at}
    )
    for number in numbers:
        Seal.objects.create(
            day=AS_OF - timedelta(days=number),
            sealed_at=house.at,
            key=key,
            entries=0,
            branches=b"",
        )


def _reveals(house: House, numbers: range) -> None:
    for _ in numbers:
        Reveal.objects.create(
            at=house.at,
            actor=house.make_staff("collector"),
            debtor_id=house.loan().debtor_id,
            field="phone",
            reason="to call",
        )


def _exports(house: House, numbers: range) -> None:
    for number in numbers:
        told = {"kind": "trail_bundle", "parameters": {"n": number}, "rows": 1, "sha256": ""}
        record_export(actor=house.actor, at=house.at, **told)


def _nights(house: House, numbers: range) -> None:
    for number in numbers:
        Night.objects.create(
            as_of=AS_OF - timedelta(days=number),
            trigger="button",
            ordered_at=house.at,
            ordered_by=house.make_staff("administrator"),
            status="done",
        )


def _tokens(house: House, numbers: range) -> None:
    for number in numbers:
        words = {"secret": f"s{number}", "days": 9, "scopes": frozenset({"view cases"})}
        make_token(staff_id=house.reader.pk, name=f"t{number}", at=house.at, **words)


def _letters(house: House, numbers: range) -> None:
    for number in numbers:
        hook = WebHook.objects.create(
            staff=house.reader, url=f"http://127.0.0.1/{number}", secret="s", made_at=house.at
        )
        Delivery.objects.create(
            hook=hook, kind="case.opened", payload={}, next_try_at=house.at, made_at=house.at
        )


def _loans(house: House, numbers: range) -> None:
    """One person's loans, with all that hangs on them."""
    owner = Contract.objects.get(pk=house.contract_id).debtor
    for number in numbers:
        loan = house.make_contract(debtor=owner)
        facts = {"contract": loan, "as_of": AS_OF, "source_row": number}
        Guarantor.objects.create(guarantor_id=f"G{number}", name="赵六", **facts)
        CollateralItem.objects.create(collateral_id=f"H{number}", kind="flat", **facts)
        Hold.objects.create(debtor=owner, contract_id=loan.pk, kind="dispute", from_on=AS_OF)
        ContactPoint.objects.create(
            debtor=owner, kind="phone", value=f"1390000{number:04d}", source="desk"
        )


def _notes(house: House, numbers: range) -> None:
    for number in numbers:
        actor = actor_of(staff_id=house.make_staff("collector").pk, at=house.at)
        cases.add_note(actor=actor, debtor_id=house.debtor_id, text=f"n{number}", at=house.at)


def _complaints(house: House, numbers: range) -> None:
    for _ in numbers:
        for debtor_id in (house.debtor_id, house.loan().debtor_id, ""):
            taken = take_in(
                actor=actor_of(
                    staff_id=house.make_staff("supervisor", scope=("bank", "")).pk, at=house.at
                ),
                intake=Intake(
                    category="service",
                    words="nobody called back",
                    source="call",
                    received_on=AS_OF - timedelta(days=30),
                    debtor_id=debtor_id,
                ),
                at=house.at,
            )
            staff = house.make_staff("compliance_officer", scope=("bank", ""))
            name_owner(
                actor=house.actor, number=taken.number, staff_id=staff.pk, version=None, at=house.at
            )
            house.complaint = house.complaint or taken.number


Grow = Callable[[House, range], None]
#: Each list, and what makes it longer; ``{debtor}`` and ``{contract}`` are the first person's.
LISTS: tuple[tuple[str, Grow], ...] = (
    ("my-day/", _cases),
    ("cases/", _cases),
    ("api/cases", _cases),
    ("board/", _pool),
    ("board/", _cases),
    ("dashboard/", _cases),
    ("search?q=李小明", _cases),
    ("search/found?q=李小明", _cases),
    ("api/debtors?q=李小明", _cases),
    ("people/", _staff),
    ("people/roles/", _roles),
    ("people/places/", _places),
    ("promises/", _promises),
    ("promises/of/{debtor}/", _promises),
    ("api/debtors/{debtor}/promises", _promises),
    ("ledger/", _receipts),
    ("ledger/find?q=C", _cases),
    ("ledger/contracts/{contract}/statement", _receipts),
    ("api/contracts/{contract}/statement", _receipts),
    ("contacts/breaches/", _contacts),
    ("contacts/gate/", _answers),
    ("evidence/report/", _answers),
    ("evidence/seals/", _seals),
    ("evidence/of/{debtor}/", _loans),
    ("evidence/of/{debtor}/panel", _loans),
    ("contacts/messages/", _replies),
    ("contacts/letters/", _papers),
    ("cases/{debtor}/", _papers),
    ("quality/", _reviews),
    ("quality/figures/", _reviews),
    ("quality/findings/", _reviews),
    ("quality/mine/", _reviews),
    ("visits/", _stops),
    ("visits/choose", _own_cases),
    ("visits/team", _stops),
    ("contacts/replies/", _replies),
    ("contacts/reaching/{debtor}/", _register),
    ("contacts/reaching/{debtor}/", _loans),
    ("api/debtors/{debtor}/contacts", _contacts),
    ("complaints/", _complaints),
    ("complaints/{complaint}/", _complaints),
    ("complaints/figures/", _complaints),
    ("cases/{debtor}/", _complaints),
    ("board/", _complaints),
    ("compliance/approvals/", _approvals),
    ("compliance/trail/", _trail),
    ("compliance/reveals/", _reveals),
    ("compliance/exports/", _exports),
    ("nights/", _nights),
    ("api/nights", _nights),
    ("tokens/", _tokens),
    ("api/webhooks", _letters),
    ("api/webhooks/deliveries", _letters),
    ("cases/{debtor}/", _loans),
    ("cases/{debtor}/", _notes),
    ("cases/{debtor}/", _contacts),
    ("cases/{debtor}/", _promises),
    ("cases/{debtor}/timeline", _notes),
    ("api/cases/{debtor}/timeline", _notes),
    ("my-day/person/{debtor}", _loans),
    ("debtors/{debtor}/", _loans),
    ("api/debtors/{debtor}/contracts", _loans),
)
#: Addresses without a list: forms, one record, a file, or the way to another page.
NO_LISTS = frozenset(
    {
        *("", "healthz", "language", "people/me/", "people/me/language", "people/borrow/"),
        *("people/borrow/return", "people/new", "people/roles/new", "my-day/claim", "tokens/new"),
        *("people/places/branches/new", "people/places/teams/new", "board/move"),
        *("dashboard/export.xlsx", "compliance/trail/bundle", "ledger/new", "ledger/preview"),
        *("ledger/post", "ledger/reverse", "nights/run", "nights/schedule", "nights/catch-up"),
        "evidence/report/take",
        *("contacts/telephone/", "contacts/letters/print", "contacts/letters/told"),
        "quality/draw",
        *("visits/plan", "visits/arrive", "visits/record", "visits/photo"),
        *("complain/", "complaints/new"),
        *("api/", "api/me", "api/docs", "api/openapi.json", "api/receipts", "api/cases/claim"),
    }
)


@pytest.mark.parametrize(
    ("address", "grow"), LISTS, ids=[f"{address} {grow.__name__[1:]}" for address, grow in LISTS]
)
def test_a_list_asks_as_often_for_forty_as_for_ten(house: House, address: str, grow: Grow) -> None:
    grow(house, range(FEW))
    few = house.questions(address)

    grow(house, range(FEW, MANY))

    assert house.questions(address) == few <= MOST


def _addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield whole
        else:
            yield from _addresses(one, whole)


def test_no_list_is_without_a_budget() -> None:
    listed = {address.partition("?")[0] for address, _ in LISTS}

    found: set[Any] = {
        one
        for one in _addresses(get_resolver())
        if "<" not in one and not one.startswith(("technician/", "account/"))
    }

    assert found - NO_LISTS - listed == set()
    assert {one for one in listed if "{" not in one} <= found
