"""Champion, challengers and hold-out: who belongs to which, from when on, and what was planned.

A person's place in an experiment is a number from 0 to 999,999 by MD5 of (experiment, person); so
it is the same every night. Challengers own stretches of these places, the champion the rest. A
share only grows: what it gains it takes from the champion's lowest free places, so that nobody who
is assigned to a challenger ever moves.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import NormalDist
from types import MappingProxyType

from recoup.policy.bilingual import Bilingual
from recoup.policy.strategy_parts import PPM

CHAMPION = "champion"
HOLD_OUT = "hold_out"
#: What the table of eligibility answers for a contract that takes part in nothing.
NO_EXPERIMENT = "none"
OUTCOMES = ("paid", "cured", "promises_kept", "contacts", "complaints")
#: Outcomes that a person has or has not; of the others a person has an amount or a number.
YES_OR_NO = ("cured", "promises_kept", "complaints")


@dataclass(frozen=True, kw_only=True)
class Share:
    """From a day on so many of a million people, in all."""

    from_on: date
    ppm: int


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """One challenger: its shares in the order of their days, and the table it decides by.

    ``treatment``: name of a table that takes the place of ``treatment``; None: the strategy's own,
    which may ask for ``arm``.
    """

    name: str
    shares: tuple[Share, ...]
    treatment: str | None = None


@dataclass(frozen=True, kw_only=True)
class HoldOut:
    """People who are set aside for good, by an id of their own, in every experiment alike."""

    id: str
    ppm: int
    treatment: str | None = None

    def holds(self, *, debtor_id: str) -> bool:
        """Say whether a person is set aside."""
        return place_of(experiment=self.id, debtor_id=debtor_id) < self.ppm


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an experiment is for: outcome, window, what is expected, how many people it takes.

    Units: ``days`` from the day after assignment on; ``baseline``, ``effect`` and ``deviation`` in
    parts per million of people (cured, promises_kept, complaints), minor units of the base currency
    (paid) or contacts (contacts; ``deviation`` too). ``power_ppm`` and ``alpha_ppm`` parts per
    million. ``persons``: of each arm.
    """

    outcome: str
    days: int
    baseline: int
    effect: int
    deviation: int
    power_ppm: int
    alpha_ppm: int
    persons: int

    @property
    def persons_needed(self) -> int:
        """How many people each of two arms needs to see the effect with the power asked for.

        Source: two-sample z test, n = (z(1 - alpha/2) + z(power))^2 (v0 + v1) / effect^2.
        """
        return persons_needed(
            variances=self.variances,
            effect=self.effect,
            alpha=self.alpha_ppm / PPM,
            power=self.power_ppm / PPM,
        )

    @property
    def variances(self) -> tuple[float, float]:
        """Variances of one person's outcome under champion and challenger, in the plan's unit."""
        if self.outcome in YES_OR_NO:
            shares = (self.baseline / PPM, (self.baseline + self.effect) / PPM)
            before, after = (share * (1 - share) * PPM**2 for share in shares)
            return before, after
        return float(self.deviation**2), float(self.deviation**2)


def persons_needed(
    *, variances: tuple[float, float], effect: float, alpha: float, power: float
) -> int:
    """Yield how many people each arm needs for a two-sided z test.

    Example: from 30 % to 35 %, alpha 5 %, power 80 %.

    >>> persons_needed(variances=(0.21, 0.2275), effect=0.05, alpha=0.05, power=0.8)
    1374
    """
    quantile = NormalDist().inv_cdf
    scores = quantile(1 - alpha / 2) + quantile(power)
    return -int(-(scores**2 * sum(variances) / effect**2) // 1)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The places [begins, ends) of one arm."""

    begins: int
    ends: int
    arm: str


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment, in force on the days [from_on, until_on)."""

    id: str
    name: Bilingual
    from_on: date
    until_on: date | None
    challengers: tuple[Challenger, ...]
    plan: Plan

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms among which people are assigned: champion, then the challengers."""
        return (CHAMPION, *(one.name for one in self.challengers))

    def is_in_force(self, *, on: date) -> bool:
        """Say whether people are assigned on a day."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    def lanes(self, *, on: date) -> tuple[Lane, ...]:
        """Yield the lanes of the challengers on a day, by place; all other places are champion's.

        Shape: the shares that began up to that day are given out in the order of their days, then
        of the file; each takes the lowest places that are free.
        """
        steps = sorted(
            (share.from_on, number, share.ppm)
            for number, one in enumerate(self.challengers)
            for share in one.shares
            if share.from_on <= on
        )
        given: list[Lane] = []
        owned = dict.fromkeys(self.arms, 0)
        for _, number, ppm in steps:
            name = self.challengers[number].name
            given += _lowest_free(given, ppm - owned[name], name)
            owned[name] = max(ppm, owned[name])
        return tuple(sorted(given, key=lambda lane: lane.begins))

    def shares_ppm(self, *, on: date) -> Mapping[str, int]:
        """Yield each arm's share of those who are not held out, on a day."""
        shares = dict.fromkeys(self.arms, 0)
        for lane in self.lanes(on=on):
            shares[lane.arm] += lane.ends - lane.begins
        shares[CHAMPION] = PPM - sum(shares.values())
        return shares

    def arm_at(self, *, place: int, on: date) -> str:
        """Yield the arm that a place belongs to on a day."""
        for lane in self.lanes(on=on):
            if lane.begins <= place < lane.ends:
                return lane.arm
        return CHAMPION


def _all_in_arm(one: Experiment, arm: str, on: date) -> Experiment:
    whole = (Share(from_on=on, ppm=PPM),)
    challengers = tuple(
        replace(own, shares=whole if own.name == arm else ()) for own in one.challengers
    )
    return replace(one, challengers=challengers)


def _lowest_free(given: list[Lane], wanted: int, arm: str) -> list[Lane]:
    found, place = [], 0
    for lane in [*sorted(given, key=lambda one: one.begins), None]:
        room = (PPM if lane is None else lane.begins) - place
        taken = min(room, wanted)
        if taken > 0:
            found.append(Lane(begins=place, ends=place + taken, arm=arm))
            wanted -= taken
        place = PPM if lane is None else lane.ends
    return found


@dataclass(frozen=True, kw_only=True)
class Experiments:
    """All that experiments.yaml says; by default nothing is tried out."""

    hold_out: HoldOut | None = None
    experiments: tuple[Experiment, ...] = ()

    def in_force(self, *, on: date) -> tuple[Experiment, ...]:
        """Yield the experiments in force on a day, in the order of the file."""
        return tuple(one for one in self.experiments if one.is_in_force(on=on))

    def named(self, experiment: str | None) -> Experiment | None:
        """Yield the experiment of an id, if there is one."""
        return next((one for one in self.experiments if one.id == experiment), None)

    def arm_of(self, *, experiment: str, debtor_id: str, on: date) -> str:
        """Yield the arm of a person in an experiment."""
        if self.hold_out is not None and self.hold_out.holds(debtor_id=debtor_id):
            return HOLD_OUT
        one = self.named(experiment)
        assert one is not None
        return one.arm_at(place=place_of(experiment=experiment, debtor_id=debtor_id), on=on)

    def probabilities_ppm(self, *, experiment: str, on: date) -> Mapping[str, int]:
        """Yield with which probability each arm is chosen on a day, the hold-out among them.

        Shape: rounded down to a part per million, but for the champion, who has the rest.
        """
        one = self.named(experiment)
        assert one is not None
        held = 0 if self.hold_out is None else self.hold_out.ppm
        found = {
            arm: (PPM - held) * share // PPM
            for arm, share in one.shares_ppm(on=on).items()
            if arm != CHAMPION
        }
        if self.hold_out is not None:
            found[HOLD_OUT] = held
        return MappingProxyType({CHAMPION: PPM - sum(found.values()), **found})

    def all_in(self, *, experiment: str, arm: str, on: date) -> "Experiments":
        """Yield the same with everybody of one experiment in one arm: what it would do with all."""
        held = self.hold_out
        if held is not None:
            held = replace(held, ppm=PPM if arm == HOLD_OUT else 0)
        return replace(
            self,
            hold_out=held,
            experiments=tuple(
                one if one.id != experiment else _all_in_arm(one, arm, on)
                for one in self.experiments
            ),
        )

    def treatment_tables(self) -> tuple[str, ...]:
        """Yield the names of the tables that take the place of ``treatment``, each once."""
        named = [one.treatment for each in self.experiments for one in each.challengers]
        if self.hold_out is not None:
            named.append(self.hold_out.treatment)
        return tuple(dict.fromkeys(name for name in named if name))

    def treatment_table(self, *, experiment: str | None, arm: str | None) -> str:
        """Yield the name of the table that decides the treatment of an arm."""
        usual = "treatment"
        if experiment is None or arm in (None, CHAMPION):
            return usual
        if arm == HOLD_OUT:
            return (self.hold_out and self.hold_out.treatment) or usual
        one = self.named(experiment)
        challengers = one.challengers if one else ()
        found = next((own.treatment for own in challengers if own.name == arm), None)
        return found or usual


@dataclass(frozen=True, kw_only=True)
class Moved:
    """People who would leave their arm without the champion having lent them out."""

    experiment: str
    before: str
    after: str
    ppm: int


def moved_people(*, before: Experiments, after: Experiments, on: date) -> tuple[Moved, ...]:
    """Yield who would be moved on a day by putting other experiments in the place of these.

    Shape: for every experiment of both, in parts per million of its people; from the champion to a
    challenger is growth and no move. The hold-out is for good: any other id or share moves people.
    """
    found = []
    for one in before.in_force(on=on):
        other = after.named(one.id)
        if other is None or not other.is_in_force(on=on):
            continue
        for (arm, new), ppm in _crossed(one, other, on).items():
            if arm not in (new, CHAMPION):
                found.append(Moved(experiment=one.id, before=arm, after=new, ppm=ppm))
    held = before.hold_out, after.hold_out
    if held[0] is not None:
        if held[1] is None or held[1].id != held[0].id or held[1].ppm < held[0].ppm:
            lost = held[0].ppm - (held[1].ppm if held[1] and held[1].id == held[0].id else 0)
            found.append(Moved(experiment=held[0].id, before=HOLD_OUT, after="", ppm=lost))
        elif held[1].ppm > held[0].ppm:
            more = held[1].ppm - held[0].ppm
            found.append(Moved(experiment=held[0].id, before="", after=HOLD_OUT, ppm=more))
    return tuple(found)


def _crossed(one: Experiment, other: Experiment, on: date) -> Mapping[tuple[str, str], int]:
    ends = {0, PPM}
    for lane in (*one.lanes(on=on), *other.lanes(on=on)):
        ends |= {lane.begins, lane.ends}
    edges = sorted(ends)
    crossed: dict[tuple[str, str], int] = {}
    for begins, end in pairwise(edges):
        arms = one.arm_at(place=begins, on=on), other.arm_at(place=begins, on=on)
        crossed[arms] = crossed.get(arms, 0) + end - begins
    return crossed


def digits_of(*, experiment: str, debtor_id: str) -> str:
    """Yield the first 8 hexadecimal digits of MD5("<experiment>:<debtor_id>")."""
    text = f"{experiment}:{debtor_id}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()[:8]


def place_of(*, experiment: str, debtor_id: str) -> int:
    """Yield a person's place in an experiment: the digits, between 0 and 2^32, as ppm.

    Example:
        >>> place_of(experiment="first-slip-2026", debtor_id="D1")
        242982
    """
    return int(digits_of(experiment=experiment, debtor_id=debtor_id), 16) * PPM // 2**32


def digits_from(*, place: int) -> str:
    """Yield the lowest digits whose place is at least this one; as text they compare alike.

    Shape: ``place`` below a million; the bound above all places has nine digits.

    Example:
        >>> digits_from(place=100_000), digits_from(place=500_000)
        ('1999999a', '80000000')
    """
    return f"{-(-place * 2**32 // PPM):08x}"


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A contract's part in an experiment; None where it has none.

    ``rows``: the rows of the table of eligibility that said so. ``treatment_table``: which table
    decides the treatment.
    """

    experiment: str | None = None
    arm: str | None = None
    probability_ppm: int | None = None
    rows: tuple[str, ...] = ()
    treatment_table: str = "treatment"
