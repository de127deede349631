"""Reads what the gate was asked and answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recoup.apps.contacts.judging import judge_contact
from recoup.apps.contacts.models import GateDecision
from recoup.apps.people.permissions import NotFound
from recoup.kernel.contact_facts import read_facts

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer of the gate. ``fate``: used, live, expired, why it died; empty for a refusal."""

    decision_id: int
    debtor_id: str
    at: datetime
    asked_by_id: int | None
    channel: str
    party: str
    number: str = field(repr=False)
    purpose: str
    contract_id: str
    text_version: str
    text_hash: str
    permitted: bool
    reasons: tuple[Mapping[str, Any], ...]
    duties: tuple[Mapping[str, Any], ...]
    warnings: tuple[Mapping[str, Any], ...]
    next_allowed_at: datetime | None
    basis: tuple[str, ...]
    looked_at: tuple[str, ...]
    facts: Mapping[str, Any] = field(repr=False)
    fate: str = ""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which answers a page lists. ``before``: only those older than this decision."""

    debtor_id: str = ""
    channel: str = ""
    permitted: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def _answer(row: GateDecision, *, at: datetime) -> Answer:
    return Answer(
        decision_id=row.pk,
        debtor_id=row.debtor_id,
        at=row.at,
        asked_by_id=row.asked_by_id,
        channel=row.channel,
        party=row.party,
        number=row.number,
        purpose=row.purpose,
        contract_id=row.contract_id,
        text_version=row.text_version,
        text_hash=row.text_hash,
        permitted=row.permitted,
        reasons=tuple(row.reasons),
        duties=tuple(row.duties),
        warnings=tuple(row.warnings),
        next_allowed_at=row.next_allowed_at,
        basis=tuple(row.basis),
        looked_at=tuple(row.looked_at),
        facts=row.facts,
        fate=_fate(row, at=at),
    )


def _fate(row: GateDecision, *, at: datetime) -> str:
    state = getattr(row, "state", None)
    if state is None:
        return ""
    if state.used_at is not None:
        return "used"
    if state.void_at is not None:
        return str(state.void_why)
    return "live" if at <= state.expires_at else "expired"


def answers(wanted: Wanted, *, at: datetime) -> tuple[Answer, ...]:
    """Yield the answers that match, the latest first, one more than a page has. One query."""
    rows = GateDecision.objects.select_related("state").order_by("-pk")
    if wanted.debtor_id:
        rows = rows.filter(debtor_id=wanted.debtor_id)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.permitted is not None:
        rows = rows.filter(permitted=wanted.permitted)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    if wanted.before is not None:
        rows = rows.filter(pk__lt=wanted.before)
    return tuple(_answer(row, at=at) for row in rows[: MOST + 1])


def one_answer(decision_id: int, *, at: datetime) -> Answer:
    """Yield one answer of the gate. Errors: NotFound."""
    row = GateDecision.objects.select_related("state").filter(pk=decision_id).first()
    if row is None:
        raise NotFound(what=str(decision_id))
    return _answer(row, at=at)


def same_again(answer: Answer) -> bool:
    """Tell whether the rules of today give the same answer on the facts of that moment.

    Shape: the same verdict, and the same rules against it.
    """
    judged = judge_contact(facts=read_facts(answer.facts))
    against = [one.rule for one in judged.reasons]
    return judged.permitted == answer.permitted and against == [
        one["rule"] for one in answer.reasons
    ]
