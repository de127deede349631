"""Drafts of the texts of pack and strategy for one person: filled with the person's own figures.

Whatever a text needs and the desk does not know is left to whoever writes, and named; amounts that
are typed are held against the ledger with all the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings

from recoup.apps.contacts.facts import DAYS_BACK
from recoup.apps.contacts.models import Contact
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.queries import ContractCard, contracts_of, debtor, schedule_of
from recoup.kernel.contact_facts import DEBTOR
from recoup.kernel.refusal import Refused
from recoup.kernel.texts.filling import (
    AMOUNT,
    COUNT,
    DAY,
    PLACEHOLDERS,
    Part,
    Value,
    filled,
    placeholders_in,
)
from recoup.policy.bilingual import Bilingual
from recoup.policy.text_parts import MessageVersion, joined
from recoup.web.house import texts
from recoup.web.shown import local
from recoup.web.typed import typed_amount, typed_day
from recoup.web.words import WORDS

#: A text to somebody else than the debtor is not offered beside the debtor's.
TO_OTHERS = "restore_contact"
COLLECT = "collect"
LONGEST_NAME = 200
MOST_COUNT = 600


class NotReadable(Refused):
    """A value that was typed for a text cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A text that may be chosen: its purpose, and what the gate is asked for."""

    purpose: str
    contact: str


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A value that the desk does not know; ``kind`` is one of name, amount, day, count."""

    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ElementShown:
    """An element of a text, and whether the law asks for it."""

    name: Bilingual
    must: bool


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A text of ours as it would be said to a person; no ``text`` while something is ``missing``.

    ``figures``: every amount of the person's that it may name, of ledger, schedule and promises.
    """

    purpose: str
    contact: str
    language: str
    text_version: str
    rule: str
    elements: tuple[ElementShown, ...]
    missing: tuple[Missing, ...]
    parts: tuple[Part, ...] = field(repr=False)
    values: Mapping[str, Value] = field(repr=False)
    text: str = field(repr=False)
    figures: tuple[int, ...] = field(repr=False)

    def hold_elements(self, text: str) -> None:
        """Pass if an edited text still says what it must. Errors: ElementsLost."""
        texts().hold_elements(
            text=text,
            purpose=self.purpose,
            language=self.language,
            parts=self.parts,
            values=self.values,
        )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which text is wanted, and what is known of it beside the ledger.

    ``known``: values from elsewhere on record, as of a promise; ``typed``: what staff filled in,
    by placeholder.
    """

    debtor_id: str
    channel: str
    purpose: str
    language: str
    known: Mapping[str, Value] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def offers(*, channel: str, at: datetime) -> tuple[Offer, ...]:
    """Yield the texts that may be sent to a debtor over a channel today."""
    return tuple(
        Offer(purpose=one.purpose, contact=one.contact)
        for one in texts().offered(channel=channel, on=local(at).date())
        if one.contact != TO_OTHERS
    )


def draft(*, actor: Actor, wanted: Wanted, at: datetime) -> Draft:
    """Yield a text of ours, filled for a person. Five queries at most.

    Errors: NotFound, out of scope too; NotAllowed; NoText; NotReadable.
    """
    on = local(at).date()
    all_texts = texts()
    version = all_texts.version(purpose=wanted.purpose, channel=wanted.channel, on=on)
    parts = version.parts[wanted.language]
    needed = {name for part in parts for name in placeholders_in(part.text)}
    contracts = _loans(wanted.debtor_id, only_overdue=version.contact == COLLECT)
    values: dict[str, Value] = {
        **_house(wanted.language),
        **_person(actor, wanted, contracts),
        **_money(contracts),
        **wanted.known,
    }
    if {"instalment", "due_on"} & needed:
        values |= _next_instalment(contracts, on=on)
    if "called_on" in needed:
        values |= _last_call(wanted.debtor_id, at=at)
    values = {name: value for name, value in values.items() if value != ""}
    figures = [value for name, value in values.items() if PLACEHOLDERS[name] == AMOUNT]
    lacking = [name for name in sorted(needed) if name not in values]
    typed = _typed(wanted.typed, lacking)
    values |= typed
    # Nought is no debt: it may be named. Every other amount that is typed must be the ledger's.
    figures += [0 for name, value in typed.items() if PLACEHOLDERS[name] == AMOUNT and value == 0]
    missing = tuple(
        Missing(name=name, kind=PLACEHOLDERS[name]) for name in lacking if name not in values
    )
    done = () if missing else _filled(version, values, wanted.language)
    must = all_texts.required_of(purpose=wanted.purpose)
    elements = all_texts.required.elements
    return Draft(
        purpose=wanted.purpose,
        contact=version.contact,
        language=wanted.language,
        text_version=f"{version.message_id}@{version.version}",
        rule=all_texts.required.rules.get(wanted.purpose, ""),
        elements=tuple(
            ElementShown(name=elements[one].name, must=one in must)
            for one in dict.fromkeys(part.element for part in parts)
        ),
        missing=missing,
        parts=done,
        values=values,
        text=joined(parts=done, channels=(wanted.channel,), language=wanted.language),
        figures=tuple(one for one in figures if isinstance(one, int)),
    )


def _filled(
    version: MessageVersion, values: Mapping[str, Value], language: str
) -> tuple[Part, ...]:
    return filled(
        parts=version.parts[language], values=values, language=language, currency=texts().currency
    )


def _loans(debtor_id: str, *, only_overdue: bool) -> tuple[ContractCard, ...]:
    """Yield the loans that a text is about; of one whose days are not known, that one too."""
    found = contracts_of((debtor_id,)).get(debtor_id, ())
    return tuple(
        one for one in found if one.gone_on is None and not (only_overdue and one.dpd == 0)
    )


def _house(language: str) -> dict[str, Value]:
    head, pay = settings.LETTERHEAD[language], settings.HOW_TO_PAY[language]
    return {
        "bank": head["name"],
        "bank_phone": head["phone"],
        "bank_address": head["address"],
        "complaint_phone": settings.COMPLAINT_PHONE,
        "pay_ways": pay["ways"],
        "pay_account": pay["account"],
        **({"terms": settings.MOST_TERMS} if settings.MOST_TERMS else {}),
    }


def _person(actor: Actor, wanted: Wanted, contracts: Sequence[ContractCard]) -> dict[str, Value]:
    person = debtor(actor, wanted.debtor_id)
    chinese = wanted.language == "zh"
    named = WORDS["product"]
    products = dict.fromkeys(
        (named[one.product].zh if chinese else named[one.product].en)
        for one in contracts
        if one.product in named
    )
    comma = "、" if chinese else ", "
    return {
        "debtor": person.name,
        "agent": actor.name,
        "product": comma.join(products),
        "contracts": comma.join(one.contract_id for one in contracts),
        "as_of": person.as_of,
    }


def _money(contracts: Sequence[ContractCard]) -> dict[str, Value]:
    """Yield the person's figures; none where loans are in other currencies or not decided."""
    whole = {
        "overdue": [one.overdue_minor for one in contracts],
        "outstanding": [one.exposure_minor for one in contracts],
        "principal": [one.outstanding_principal_minor for one in contracts],
        "interest": [one.overdue_interest_minor for one in contracts],
        "fee": [one.overdue_fee_minor for one in contracts],
    }
    if not contracts or {one.currency for one in contracts} != {texts().currency}:
        return {}
    return {
        name: sum(one for one in amounts if one is not None)
        for name, amounts in whole.items()
        if None not in amounts
    }


def _next_instalment(contracts: Sequence[ContractCard], *, on: date) -> dict[str, Value]:
    """Yield what falls due next, where it is one loan in the currency of the texts."""
    if len(contracts) != 1 or contracts[0].currency != texts().currency:
        return {}
    coming = [one for one in schedule_of(contracts[0].contract_id) if one.due_on >= on]
    return {"instalment": coming[0].due_minor, "due_on": coming[0].due_on} if coming else {}


def _last_call(debtor_id: str, *, at: datetime) -> dict[str, Value]:
    """Yield the day of our last call that nobody answered."""
    calls = Contact.objects.filter(
        debtor_id=debtor_id,
        at__range=(at - timedelta(days=DAYS_BACK), at),
        channel="call",
        direction=Contact.Direction.OUT,
        party=DEBTOR,
        withdrawn_at=None,
        outcome__in=("no_answer", "busy"),
    )
    last = calls.order_by("-at").values_list("at", flat=True).first()
    return {"called_on": local(last).date()} if last else {}


def _typed(typed: Mapping[str, str], lacking: Sequence[str]) -> dict[str, Value]:
    """Yield the values that staff filled in, each by the type of its placeholder."""
    found: dict[str, Value] = {}
    for name in lacking:
        text = typed.get(name, "").strip()
        if not text:
            continue
        kind = PLACEHOLDERS[name]
        if kind == DAY:
            found[name] = typed_day(text, refusal=NotReadable)
        elif kind == AMOUNT:
            found[name] = typed_amount(text, currency=texts().currency, refusal=NotReadable)
        elif kind == COUNT:
            found[name] = _count(text)
        else:
            found[name] = text[:LONGEST_NAME]
    return found


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_COUNT:
        return int(text)
    raise NotReadable(zh="请填写一个数字。", en="Write a number.")
