"""Holds of the demo bank: reasons not to contact a debtor now, of every kind."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recoup.demo import columns
from recoup.demo.columns import Days, Flags, Ints
from recoup.demo.contracts import Contracts
from recoup.demo.marks import ACTIVE, Marks
from recoup.demo.people import NEVER, STRAINED, People
from recoup.demo.standing import Standing

KINDS = (
    "dispute",
    "complaint",
    "hardship",
    "legal",
    "deceased",
    "bankruptcy",
    "do_not_contact",
    "plan_active",
    "vulnerable",
    "attorney",
)
DISPUTE, COMPLAINT, HARDSHIP, LEGAL, DECEASED, BANKRUPTCY, DO_NOT_CONTACT, PLAN = range(8)
VULNERABLE, ATTORNEY = 8, 9
#: Of the vulnerable one in so many has a hold; of those in legal proceedings, an attorney.
VULNERABLE_EACH, ATTORNEY_EACH = 8, 16
#: So many days ago somebody heard of it.
HEARD_DAYS = 40
_CHANNELS = ("call", "sms", "visit")


@dataclass(frozen=True)
class _Lot:
    """Holds of one kind; ``loan`` is -1 where the hold is of the person."""

    kind: int
    owner: Ints
    loan: Ints
    from_on: Days
    until_on: Days
    channel: Ints


def hold_columns(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    marks: Marks,
    now: Standing,
    *,
    day: int,
) -> dict[str, pa.Array]:
    """Yield the rows of the table ``holds``, by debtor; some have run out, some are open."""
    of_loans = _of_loans(chance, people, contracts, marks, now, day=day)
    in_law = next(lot.owner for lot in of_loans if lot.kind == LEGAL)
    lots = [
        *_of_people(people, day=day),
        *of_loans,
        _heard_of(VULNERABLE, np.flatnonzero(people.vulnerable), VULNERABLE_EACH, people, day=day),
        _heard_of(ATTORNEY, np.unique(in_law), ATTORNEY_EACH, people, day=day),
    ]
    kind = np.concatenate([np.full(len(lot.owner), lot.kind) for lot in lots])
    owner = np.concatenate([lot.owner for lot in lots])
    loan = np.concatenate([lot.loan for lot in lots])
    from_on = np.concatenate([lot.from_on for lot in lots])
    until_on = np.concatenate([lot.until_on for lot in lots])
    channel = np.concatenate([lot.channel for lot in lots])
    order = np.lexsort((from_on, loan, kind, owner))
    order = order[_first_of_each(owner[order], kind[order], loan[order])]
    named = loan[order] >= 0
    contract = contracts.contract[np.maximum(loan[order], 0)] + 1
    return {
        "debtor_id": columns.numbered("D", people.person[owner[order]] + 1, width=9),
        "kind": columns.coded(KINDS, kind[order]),
        "contract_id": columns.numbered("C", contract, width=9, present=named),
        "from": columns.dates(from_on[order]),
        "until": columns.dates(until_on[order], present=until_on[order] != NEVER),
        "channel": columns.coded(
            _CHANNELS, np.maximum(channel[order], 0), present=channel[order] >= 0
        ),
    }


def _first_of_each(owner: Ints, kind: Ints, loan: Ints) -> Flags:
    """Yield True where a sorted row is the first of its debtor, kind and contract."""
    first = np.ones(len(owner), dtype=np.bool_)
    same = (owner[1:] == owner[:-1]) & (kind[1:] == kind[:-1]) & (loan[1:] == loan[:-1])
    first[1:] = ~same
    return first


def _heard_of(kind: int, owners: Ints, each: int, people: People, *, day: int) -> _Lot:
    """Yield holds without an end on one in ``each`` of the owners, by the person's number."""
    owner = owners[people.person[owners] % each == 0]
    size = len(owner)
    return _Lot(
        kind=kind,
        owner=owner,
        loan=np.full(size, -1),
        from_on=np.full(size, day - HEARD_DAYS, dtype=np.int32),
        until_on=np.full(size, NEVER, dtype=np.int32),
        channel=np.full(size, -1),
    )


def _of_people(people: People, *, day: int) -> list[_Lot]:
    """Yield the holds that follow a death or a bankruptcy, from the tenth day after it."""
    lots = []
    for kind, since in ((DECEASED, people.deceased_on), (BANKRUPTCY, people.bankrupt_on)):
        owner = np.flatnonzero(since < day - 10)
        size = len(owner)
        lots.append(
            _Lot(
                kind=kind,
                owner=owner,
                loan=np.full(size, -1),
                from_on=(since[owner] + 10).astype(np.int32),
                until_on=np.full(size, NEVER, dtype=np.int32),
                channel=np.full(size, -1),
            )
        )
    return lots


def _of_loans(
    chance: np.random.Generator,
    people: People,
    contracts: Contracts,
    marks: Marks,
    now: Standing,
    *,
    day: int,
) -> list[_Lot]:
    """Yield holds that arise from a loan in trouble, one of a kind for each contract at most."""
    late = (marks.status == ACTIVE) & (now.dpd > 0)
    strained = people.behaviour[contracts.owner] == STRAINED
    agreed = (contracts.restructured_on != NEVER) & (contracts.restructured_on < day)
    chances = {
        DISPUTE: np.where(late, 0.012, 0.0002),
        COMPLAINT: np.where(late, 0.018, 0.0003),
        HARDSHIP: np.where(late & strained, 0.07, np.where(late, 0.008, 0.0)),
        LEGAL: np.where(late & (now.dpd > 180), 0.3, 0.0),
        DO_NOT_CONTACT: np.where(late, 0.012, 0.0001),
        PLAN: np.where(agreed, 0.45, np.where(late & strained, 0.03, 0.0)),
    }
    lots = []
    for kind, share in chances.items():
        loan = np.flatnonzero(chance.random(len(share)) < share)
        lots.append(_lot(chance, contracts, kind, loan, day=day))
    return lots


def _lot(
    chance: np.random.Generator, contracts: Contracts, kind: int, loan: Ints, *, day: int
) -> _Lot:
    """Yield the holds of one kind on the given loans, with their first and last days."""
    size = len(loan)
    since = np.maximum(day - chance.integers(1, 100, size), contracts.start_on[loan] + 1)
    lasts = np.array([45, 30, 120, 400, 0, 0, 365, 360])[kind] - chance.integers(0, 20, size)
    is_open: Flags = chance.random(size) < np.array([0.2, 0.3, 0.3, 0.8, 1, 1, 0.8, 0.1])[kind]
    of_person = np.isin(kind, (COMPLAINT, DO_NOT_CONTACT)) | (chance.random(size) < 0.1)
    by_channel = (kind == DO_NOT_CONTACT) & (chance.random(size) < 0.5)
    return _Lot(
        kind=kind,
        owner=contracts.owner[loan],
        loan=np.where(of_person, -1, loan),
        from_on=since.astype(np.int32),
        until_on=np.where(is_open, NEVER, since + lasts).astype(np.int32),
        channel=np.where(by_channel, chance.integers(0, len(_CHANNELS), size), -1),
    )
