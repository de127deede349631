"""Contacts and promises of the demo bank's last months, in lawful hours, as they were simulated.

Local times run from 08:30 to 20:15, in the debtor's own zone; the offsets are those of winter, and
the margins on both sides are wider than the hour of summer time.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recoup.demo import columns, identities
from recoup.demo.columns import Flags, Ints
from recoup.demo.contracts import GUARANTEED, MORTGAGE, Contracts
from recoup.demo.people import EVADING, FORGETFUL, NEVER, People
from recoup.demo.schedules import Rows
from recoup.demo.simulation import CALL, SMS, VISIT, Attempts

CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
C_CALL, C_AI, C_SMS, C_EMAIL, C_LETTER, C_VISIT, C_IM, C_PORTAL = range(8)
PARTIES = ("debtor", "co_obligor", "guarantor", "listed_contact", "other")
DEBTOR, CO_OBLIGOR, GUARANTOR, LISTED_CONTACT, _OTHER = range(5)
PURPOSES = ("collect", "notice", "service")
COLLECT, NOTICE, SERVICE = range(3)
OUTCOMES = (
    "answered",
    "right_party",
    "no_answer",
    "busy",
    "invalid",
    "promise",
    "refused",
    "asked_to_stop",
    "delivered",
    "failed",
)
(
    O_ANSWERED,
    O_RIGHT_PARTY,
    O_NO_ANSWER,
    O_BUSY,
    O_INVALID,
    O_PROMISE,
    O_REFUSED,
    O_STOP,
    O_DELIVERED,
    O_FAILED,
) = range(10)

#: Contacts older than this are not in the export.
CONTACT_DAYS = 92

#: The cap of CN-CON-03 and 04 on connected calls; CN-CON-05 allows six attempts at a number.
_CALLS_A_DAY = 3

_UTC_OFFSET_HOURS = np.array([8, 6, 9, -8])
_OPENS_SECONDS = 8 * 3_600 + 30 * 60
_OPEN_SECONDS = 11 * 3_600 + 45 * 60


@dataclass(frozen=True)
class Contacts:
    """Contacts by debtor and instant; ``owner`` and ``loan`` are positions in a block."""

    owner: Ints
    loan: Ints
    at: Ints
    channel: Ints
    inbound: Flags
    party: Ints
    purpose: Ints
    outcome: Ints


def draw_contacts(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    rows: Rows,
    attempts: Attempts,
    *,
    day: int,
) -> Contacts:
    """Yield every contact of the last ``CONTACT_DAYS`` days."""
    lots = [
        _of_attempts(chance, people, contracts, attempts, day=day),
        _reminders(chance, people, contracts, rows, day=day),
        _inbound(chance, people, contracts, attempts, day=day),
    ]
    joined = {
        name: np.concatenate([getattr(lot, name) for lot in lots])
        for name in Contacts.__dataclass_fields__
    }
    order = np.lexsort((joined["channel"], joined["at"], joined["owner"]))
    all_of_them = Contacts(**{name: cells[order] for name, cells in joined.items()})
    made = np.flatnonzero(_within_caps(people, all_of_them))
    return Contacts(**{name: cells[order][made] for name, cells in joined.items()})


def _within_caps(people: People, contacts: Contacts) -> Flags:
    """Yield all but the calls beyond three to one debtor on one day; those that got through stay.

    So no day has more connected calls, or more attempts at a number, than the law allows.
    """
    day = contacts.at + _UTC_OFFSET_HOURS[people.time_zone[contacts.owner]] * 3_600
    day //= 86_400
    calls = np.flatnonzero(np.isin(contacts.channel, (C_CALL, C_AI)) & ~contacts.inbound)
    missed = np.isin(contacts.outcome[calls], (O_NO_ANSWER, O_BUSY, O_INVALID, O_ANSWERED))
    calls = calls[np.lexsort((missed, day[calls], contacts.owner[calls]))]
    starts = np.ones(len(calls), dtype=np.bool_)
    starts[1:] = (np.diff(contacts.owner[calls]) != 0) | (np.diff(day[calls]) != 0)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(calls)), 0))
    kept = np.ones(len(contacts.owner), dtype=np.bool_)
    kept[calls[np.arange(len(calls)) - first >= _CALLS_A_DAY]] = False
    return kept


def _instants(chance: np.random.Generator, people: People, owner: Ints, on: Ints) -> Ints:
    """Yield seconds since 1970 of a lawful moment of each local day."""
    local = _OPENS_SECONDS + chance.integers(0, _OPEN_SECONDS, len(on))
    return np.asarray(on * 86_400 + local - _UTC_OFFSET_HOURS[people.time_zone[owner]] * 3_600)


def _of_attempts(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    attempts: Attempts,
    *,
    day: int,
) -> Contacts:
    """Yield one to six rows per attempt; the last of an attempt that reached the debtor says so."""
    lately = np.flatnonzero(attempts.until_on >= day - CONTACT_DAYS)
    most = np.array([0, 3, 6, 1, 2])[attempts.channel[lately]]
    tries = 1 + chance.integers(0, most)
    source = np.repeat(lately, tries)
    is_last = np.zeros(len(source), dtype=np.bool_)
    is_last[np.cumsum(tries) - 1] = True
    from_on = np.maximum(attempts.from_on[source], day - CONTACT_DAYS)
    span = np.maximum(attempts.until_on[source] - from_on, 0)
    on = from_on + (chance.random(len(source)) * (span + 1)).astype(np.int64)
    final = is_last & attempts.reached[source]
    on = np.where(final, np.maximum(attempts.until_on[source], from_on), on)
    loan = attempts.loan[source]
    owner = contracts.owner[loan]
    channel = _channels(chance, people, owner, attempts.channel[source])
    party, purpose = _parties(chance, people, contracts, loan, channel, final)
    return Contacts(
        owner=owner,
        loan=loan,
        at=_instants(chance, people, owner, on),
        channel=channel,
        inbound=np.zeros(len(source), dtype=np.bool_),
        party=party,
        purpose=purpose,
        outcome=_outcomes(
            chance,
            channel,
            party,
            final=final,
            promised=final & (attempts.promised_on[source] != NEVER),
            evades=people.behaviour[owner] == EVADING,
        ),
    )


def _channels(chance: np.random.Generator, people: People, owner: Ints, tried: Ints) -> Ints:
    """Yield the channel used: some calls by robot, some messages by mail, none without a number."""
    drawn = chance.random(len(tried))
    message = np.where(people.has_email[owner] & (drawn < 0.2), C_EMAIL, C_SMS)
    message = np.where(drawn > 0.95, C_IM, message)
    call = np.where(drawn < 0.3, C_AI, C_CALL)
    by_letter = np.full(len(tried), C_LETTER)
    channel = np.select(
        [tried == SMS, tried == CALL, tried == VISIT], [message, call, C_VISIT], by_letter
    )
    needs_number = np.isin(channel, (C_CALL, C_AI, C_SMS, C_IM))
    return np.where(needs_number & ~people.has_phone[owner], C_LETTER, channel)


def _parties(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    loan: Ints,
    channel: Ints,
    final: Flags,
) -> tuple[Ints, Ints]:
    """Yield whom each row was with, and for what.

    Listed contacts are asked only to restore contact with one who cannot be found.
    """
    drawn = chance.random(len(loan))
    speaks = np.isin(channel, (C_CALL, C_LETTER)) & ~final
    party = np.zeros(len(loan), dtype=np.int64)
    guaranteed = speaks & (contracts.security[loan] == GUARANTEED)
    party = np.where(guaranteed & (drawn < 0.25), GUARANTOR, party)
    mortgaged = speaks & (contracts.product[loan] == MORTGAGE)
    party = np.where(mortgaged & (drawn < 0.12), CO_OBLIGOR, party)
    lost = (people.behaviour[contracts.owner[loan]] == EVADING) & (channel == C_CALL)
    party = np.where(lost & ~final & (drawn > 0.93), LISTED_CONTACT, party)
    return party, np.where(party == LISTED_CONTACT, SERVICE, COLLECT)


def _outcomes(
    chance: np.random.Generator,
    channel: Ints,
    party: Ints,
    *,
    final: Flags,
    promised: Flags,
    evades: Flags,
) -> Ints:
    drawn = chance.random(len(channel))
    missed = np.select([drawn < 0.68, drawn < 0.9], [O_NO_ANSWER, O_BUSY], O_ANSWERED)
    missed = np.where(evades & (drawn < 0.5), O_INVALID, missed)
    missed = np.where((party != DEBTOR) & (drawn > 0.5), O_ANSWERED, missed)
    spoken = np.select([drawn < 0.8, drawn < 0.97], [O_RIGHT_PARTY, O_REFUSED], O_STOP)
    spoken = np.where(promised, O_PROMISE, spoken)
    talked = np.where(final, spoken, missed)
    posted = np.where(final | (drawn < 0.93), O_DELIVERED, O_FAILED)
    at_door = np.where(final, spoken, np.where(drawn < 0.85, O_NO_ANSWER, O_ANSWERED))
    written = np.isin(channel, (C_SMS, C_EMAIL, C_LETTER, C_IM))
    return np.select([written, channel == C_VISIT], [posted, at_door], talked)


def _reminders(
    chance: np.random.Generator, people: People, contracts: Contracts, rows: Rows, *, day: int
) -> Contacts:
    """Yield messages three days before the due day, to some of those who tend to forget."""
    near = np.flatnonzero((rows.due >= day - CONTACT_DAYS + 3) & (rows.due <= day + 3))
    owner = contracts.owner[rows.loan[near]]
    wanted = (people.behaviour[owner] == FORGETFUL) & people.has_phone[owner]
    near = near[wanted & (chance.random(len(near)) < 0.35)]
    loan = rows.loan[near]
    size = len(loan)
    return Contacts(
        owner=contracts.owner[loan],
        loan=loan,
        at=_instants(chance, people, contracts.owner[loan], rows.due[near].astype(np.int64) - 3),
        channel=np.full(size, C_SMS),
        inbound=np.zeros(size, dtype=np.bool_),
        party=np.full(size, DEBTOR),
        purpose=np.full(size, NOTICE),
        outcome=np.where(chance.random(size) < 0.985, O_DELIVERED, O_FAILED),
    )


def _inbound(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    attempts: Attempts,
    *,
    day: int,
) -> Contacts:
    """Yield debtors who ring or write back on the day after they were reached."""
    back = attempts.reached & (attempts.until_on >= day - CONTACT_DAYS) & (attempts.until_on < day)
    chosen = np.flatnonzero(back & (chance.random(len(back)) < 0.08))
    loan = attempts.loan[chosen]
    size = len(loan)
    on = attempts.until_on[chosen].astype(np.int64) + 1
    return Contacts(
        owner=contracts.owner[loan],
        loan=loan,
        at=_instants(chance, people, contracts.owner[loan], on),
        channel=chance.choice((C_CALL, C_PORTAL, C_IM), size, p=(0.6, 0.3, 0.1)),
        inbound=np.ones(size, dtype=np.bool_),
        party=np.full(size, DEBTOR),
        purpose=np.full(size, SERVICE),
        outcome=np.full(size, O_RIGHT_PARTY),
    )


def contact_columns(
    people: People, contracts: Contracts, contacts: Contacts, *, before: int
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``contacts``, numbered after ``before``."""
    size = len(contacts.owner)
    person = people.person[contacts.owner]
    by_number = np.isin(contacts.channel, (C_CALL, C_AI, C_SMS))
    # Another party has another number: that of a person far beyond those of the book.
    whose = np.where(contacts.party == DEBTOR, person, person + 50_000_000)
    return {
        "contact_id": columns.numbered("K", np.arange(size) + before + 1, width=10),
        "debtor_id": columns.numbered("D", person + 1, width=9),
        "contract_id": columns.numbered("C", contracts.contract[contacts.loan] + 1, width=9),
        "at": columns.instants(contacts.at),
        "channel": columns.coded(CHANNELS, contacts.channel),
        "direction": columns.coded(("out", "in"), contacts.inbound.astype(np.int8)),
        "party": columns.coded(PARTIES, contacts.party),
        "number": identities.phones(person=whose, present=by_number),
        "purpose": columns.coded(PURPOSES, contacts.purpose),
        "outcome": columns.coded(OUTCOMES, contacts.outcome),
    }


def promise_columns(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    attempts: Attempts,
    *,
    before: int,
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``promises``, by debtor and day; a few name no contract."""
    made = np.flatnonzero((attempts.promised_on != NEVER) & (attempts.promise_minor > 0))
    order = np.lexsort(
        (attempts.loan[made], attempts.promised_on[made], contracts.owner[attempts.loan[made]])
    )
    made = made[order]
    loan = attempts.loan[made]
    named = (contracts.currency[loan] != 0) | (chance.random(len(made)) < 0.97)
    numbers = np.arange(len(made)) + before + 1
    return {
        "promise_id": columns.numbered("Q", numbers, width=9),
        "debtor_id": columns.numbered("D", people.person[contracts.owner[loan]] + 1, width=9),
        "contract_id": columns.numbered("C", contracts.contract[loan] + 1, width=9, present=named),
        "made_on": columns.dates(attempts.promised_on[made]),
        "due_on": columns.dates(attempts.promise_due_on[made]),
        "amount": contract_amounts(contracts, loan, attempts.promise_minor[made]),
    }


def contract_amounts(
    contracts: Contracts, loan: Ints, minor: Ints, *, present: Flags | None = None
) -> pa.Array:
    """Yield amounts of contracts as a decimal column in major units of each one's currency."""
    return columns.decimals(minor * contracts.hundredths[loan], present=present)
