"""The demo bank's debtors: who they are, and how each truly behaves."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recoup.demo import columns, identities, names
from recoup.demo.columns import Days, Flags, Ints

KINDS = ("retail", "small_business", "non_retail")
KIND_SHARES = (0.88, 0.09, 0.03)
RETAIL, SMALL_BUSINESS, NON_RETAIL = range(3)

BEHAVIOURS = ("good", "forgetful", "strained", "defaulting", "recovering", "evading")
BEHAVIOUR_SHARES = (0.735, 0.16, 0.046, 0.025, 0.026, 0.008)
GOOD, FORGETFUL, STRAINED, DEFAULTING, RECOVERING, EVADING = range(6)

RESPONSES = ("sure_thing", "persuadable", "lost_cause", "do_not_disturb")
RESPONSE_SHARES = (0.3, 0.42, 0.22, 0.06)
SURE_THING, PERSUADABLE, LOST_CAUSE, DO_NOT_DISTURB = range(4)

#: Channels whose true effect is known; the columns of ``response``.
TREATED_BY = ("sms", "call", "letter", "visit")

TIME_ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Tokyo", "America/Vancouver")
LANGUAGES = ("zh", "en")

#: A day that never comes, for those who never stop or never resume.
NEVER = np.int32(200_000)

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """Debtors of one block in order of their numbers: parallel columns, one cell a debtor.

    Shape: ``response`` has one column per channel of ``TREATED_BY``.
    Units: probabilities and shares from 0 to 1; ``late_days`` the mean of days paid late when late.
    """

    person: Ints
    kind: Ints
    is_firm: Flags
    behaviour: Ints
    contracts: Ints
    branch: Ints
    time_zone: Ints
    has_zone: Flags
    has_phone: Flags
    has_email: Flags
    language: Ints
    deceased_on: Days
    bankrupt_on: Days
    vulnerable: Flags
    on_time: Shares
    late_days: Shares
    capacity: Shares
    reach: Shares
    stop_on: Days
    resume_on: Days
    response_group: Ints
    response: Shares


def draw_people(chance: np.random.Generator, *, first: int, size: int, day: int) -> People:
    """Yield ``size`` debtors numbered from ``first``, as they stand on the day ``day``."""
    kind = chance.choice(3, size, p=KIND_SHARES)
    behaviour = chance.choice(len(BEHAVIOURS), size, p=BEHAVIOUR_SHARES)
    # Firms outside retail are fewer, larger and more closely watched: half as many go wrong.
    spared = (kind == NON_RETAIL) & (behaviour >= STRAINED) & (chance.random(size) < 0.5)
    behaviour = np.where(spared, GOOD, behaviour)
    is_firm = (kind == NON_RETAIL) | ((kind == SMALL_BUSINESS) & (chance.random(size) < 0.6))
    stop_on, resume_on = _stops(chance, behaviour, day=day)
    group = np.where(
        behaviour == EVADING, LOST_CAUSE, chance.choice(len(RESPONSES), size, p=RESPONSE_SHARES)
    )
    # Where no zone is on record the bank's own holds, so those elsewhere have theirs on record.
    zone = chance.choice(len(TIME_ZONES), size, p=(0.985, 0.009, 0.004, 0.002))
    deceased = ~is_firm & (chance.random(size) < np.where(stop_on < day, 0.02, 0.0004))
    bankrupt = (kind != RETAIL) & (chance.random(size) < np.where(stop_on < day, 0.05, 0.0005))
    return People(
        person=np.arange(first, first + size),
        kind=kind,
        is_firm=is_firm,
        behaviour=behaviour,
        contracts=_contract_counts(chance, kind),
        branch=chance.choice(len(names.BRANCHES), size, p=names.BRANCH_SHARES),
        time_zone=zone,
        has_zone=(zone != 0) | (chance.random(size) < 0.9),
        has_phone=chance.random(size) < np.where(behaviour == EVADING, 0.85, 0.995),
        has_email=chance.random(size) < np.where(is_firm, 0.7, 0.3),
        language=(chance.random(size) < 0.006).astype(np.int64),
        deceased_on=_days_before(chance, deceased, day=day, span=300),
        bankrupt_on=_days_before(chance, bankrupt, day=day, span=400),
        vulnerable=chance.random(size) < 0.007,
        on_time=_on_time(chance, behaviour),
        late_days=_late_days(chance, behaviour),
        capacity=np.where(behaviour == STRAINED, 0.55 + 0.5 * chance.beta(4, 2, size), 1.0),
        reach=np.where(behaviour == EVADING, 0.02, 0.15 + 0.6 * chance.beta(3, 2, size)),
        stop_on=stop_on,
        resume_on=resume_on,
        response_group=group,
        response=_responses(chance, group),
    )


def first_people(people: People, *, contracts: int) -> People:
    """Yield as many of the debtors, from the first, as have the wanted number of contracts."""
    before = np.cumsum(people.contracts) - people.contracts
    size = int((before < contracts).sum())
    return People(**{field.name: getattr(people, field.name)[:size] for field in fields(People)})


def _days_before(chance: np.random.Generator, chosen: Flags, *, day: int, span: int) -> Days:
    drawn = day - chance.integers(1, span, len(chosen))
    return np.where(chosen, drawn, NEVER).astype(np.int32)


def _contract_counts(chance: np.random.Generator, kind: Ints) -> Ints:
    """Yield contracts per debtor: about 1.3 on average, firms with several."""
    size = len(kind)
    private = chance.choice((1, 2, 3), size, p=(0.8, 0.16, 0.04))
    corporate = chance.choice((1, 2, 3, 4, 5, 6), size, p=(0.3, 0.27, 0.2, 0.12, 0.07, 0.04))
    return np.where(kind == NON_RETAIL, corporate, private)


def _stops(chance: np.random.Generator, behaviour: Ints, *, day: int) -> tuple[Days, Days]:
    """Yield when each stops paying and when each resumes; ``NEVER`` where that never comes.

    Defaulting and evading debtors stopped within the last three years, more of them lately than
    long ago (the older ones have left the book); recovering ones resume after two to eight months.
    """
    size = len(behaviour)
    lasting = np.isin(behaviour, (DEFAULTING, EVADING))
    passing = behaviour == RECOVERING
    ago = np.where(lasting, chance.random(size) ** 1.6 * 1_100, chance.random(size) * 1_300)
    stop = day - ago.astype(np.int64)
    resume = stop + chance.integers(60, 250, size)
    stop_on = np.where(lasting | passing, stop, NEVER).astype(np.int32)
    resume_on = np.where(passing, resume, NEVER).astype(np.int32)
    return stop_on, resume_on


def _on_time(chance: np.random.Generator, behaviour: Ints) -> Shares:
    """Yield the probability of paying by the due day in a month without trouble."""
    by_type = np.array([0.965, 0.4, 0.35, 0.93, 0.85, 0.9])
    spread = np.array([0.012, 0.2, 0.2, 0.05, 0.1, 0.08])
    drawn: Shares = by_type[behaviour] + spread[behaviour] * (2 * chance.random(len(behaviour)) - 1)
    return drawn


def _late_days(chance: np.random.Generator, behaviour: Ints) -> Shares:
    by_type = np.array([2.5, 6.0, 9.0, 4.0, 6.0, 4.0])
    drawn: Shares = by_type[behaviour] * (0.5 + chance.random(len(behaviour)))
    return drawn


def _responses(chance: np.random.Generator, group: Ints) -> Shares:
    """Yield by how much a contact that reaches the debtor raises the chance to pay that month."""
    persuaded = np.array([0.1, 0.22, 0.12, 0.3])
    scale = np.array([0.05, 1.0, 0.02, -0.5])[group]
    drawn: Shares = persuaded[None, :] * scale[:, None]
    return drawn * (0.6 + 0.8 * chance.random((len(group), len(TREATED_BY))))


def debtor_columns(chance: np.random.Generator, people: People, *, day: int) -> dict[str, pa.Array]:
    """Yield the rows of the table ``debtors``."""
    size = len(people.person)
    man = identities.is_man(people.person)
    birth = day - chance.integers(22 * 365, 66 * 365, size)
    personal = ~people.is_firm
    called = names.personal_names(chance, is_man=man)
    owner_trade = (people.kind == SMALL_BUSINESS) & personal & (chance.random(size) < 0.3)
    called = pc.if_else(pa.array(owner_trade), names.shop_names(chance, size=size), called)
    called = pc.if_else(pa.array(people.is_firm), names.firm_names(chance, size=size), called)
    numbers = np.where(
        personal[:, None],
        identities.resident_ids(person=people.person, birth=birth),
        identities.credit_codes(person=people.person),
    )
    lives = people.deceased_on == NEVER
    solvent = people.bankrupt_on == NEVER
    return {
        "debtor_id": columns.numbered("D", people.person + 1, width=9),
        "name": called,
        "kind": columns.coded(KINDS, people.kind),
        "id_type": columns.coded(("resident_id", "credit_code"), people.is_firm.astype(np.int8)),
        "id_number": columns.fixed_text(numbers),
        "phone": identities.phones(person=people.person, present=people.has_phone),
        "email": identities.emails(person=people.person, present=people.has_email),
        "language": columns.coded(LANGUAGES, people.language),
        "time_zone": columns.coded(TIME_ZONES, people.time_zone, present=people.has_zone),
        "region": columns.coded(
            names.REGIONS, chance.choice(len(names.REGIONS), size, p=names.REGION_SHARES)
        ),
        "deceased_on": columns.dates(people.deceased_on, present=~lives),
        "bankrupt_on": columns.dates(people.bankrupt_on, present=~solvent),
        "vulnerable": columns.flags(people.vulnerable),
    }


def truth_columns(people: People) -> dict[str, pa.Array]:
    """Yield the rows of the side file ``truth``: what no bank knows of its debtors."""
    stops = people.stop_on != NEVER
    resumes = people.resume_on != NEVER
    effects = {
        f"response_{channel}": pa.array(np.round(people.response[:, place], 6))
        for place, channel in enumerate(TREATED_BY)
    }
    return {
        "debtor_id": columns.numbered("D", people.person + 1, width=9),
        "behaviour": columns.coded(BEHAVIOURS, people.behaviour),
        "pay_probability": pa.array(np.round(people.on_time, 6)),
        "late_days_mean": pa.array(np.round(people.late_days, 6)),
        "capacity_share": pa.array(np.round(people.capacity, 6)),
        "reach_probability": pa.array(np.round(people.reach, 6)),
        "stopped_on": columns.dates(people.stop_on, present=stops),
        "resumed_on": columns.dates(people.resume_on, present=resumes),
        "response_group": columns.coded(RESPONSES, people.response_group),
        **effects,
    }
