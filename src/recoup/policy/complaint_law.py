"""What a pack says of complaints: the periods for the answer, and what moves them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from recoup.kernel.calendar import WorkingDays
from recoup.kernel.complaint_days import AnswerBy, Outside, answer_by
from recoup.kernel.deadlines import UNITS
from recoup.policy.pack import NotInForce, Pack
from recoup.policy.rules import RuleVersion


@dataclass(frozen=True, kw_only=True)
class Period:
    """So much time for the answer to a complaint of a sort. ``needs_approval``: of somebody above,
    and the complainant is told."""

    name: str
    count: int
    unit: str
    needs_approval: bool


@dataclass(frozen=True, kw_only=True)
class ComplaintLaw:
    """The rule by which complaints are answered, in force on a day; the shortest period first.

    ``new_facts_restart``: the whole period begins again with them. ``appraisal_left_out``: days of
    an appraisal outside the house do not count, where the complainant was told.
    """

    version: RuleVersion
    periods: tuple[Period, ...]
    rolls: bool
    new_facts_restart: bool
    appraisal_left_out: bool
    calendar: WorkingDays

    @property
    def rule_id(self) -> str:
        """The rule's id."""
        return self.version.rule_id

    def citation(self, *, language: str) -> str:
        """Yield where it stands, as a letter would cite it."""
        return self.version.source.citation(language=language)

    def period(self, name: str) -> Period | None:
        """Yield a period by name; None where the rule has none of it."""
        return next((one for one in self.periods if one.name == name), None)

    def answer_by(
        self,
        *,
        period: Period,
        received_on: date,
        new_facts_on: Iterable[date],
        outside: Sequence[Outside],
        as_of: date,
    ) -> AnswerBy:
        """Yield the last day for the answer, as it stands on a day. Errors: of the kernel."""
        return answer_by(
            received_on=received_on,
            new_facts_on=new_facts_on if self.new_facts_restart else (),
            outside=outside if self.appraisal_left_out else (),
            count=period.count,
            unit=period.unit,
            rolls=self.rolls,
            calendar=self.calendar,
            as_of=as_of,
        )


def complaint_law(*, pack: Pack, on: date) -> ComplaintLaw | None:
    """Yield what the pack says of complaints received on a day; None where it is silent.

    Nothing is made up then: the answer has no last day by law, and the desk says so.
    """
    rule_id = pack.head.complaint_rule
    if rule_id is None:
        return None
    try:
        version = pack.in_force(rule_id, on=on)
    except NotInForce:
        return None
    approved = version.values.get("approved")
    named = approved.value if approved is not None and isinstance(approved.value, tuple) else ()
    periods = [
        Period(name=name, count=one.value, unit=one.unit, needs_approval=name in named)
        for name, one in version.values.items()
        if one.unit in UNITS and isinstance(one.value, int)
    ]
    return ComplaintLaw(
        version=version,
        periods=tuple(sorted(periods, key=lambda one: one.count)),
        rolls=_flag(version, "rolls"),
        new_facts_restart=_flag(version, "new_facts_restart"),
        appraisal_left_out=_flag(version, "appraisal_left_out"),
        calendar=pack.calendar,
    )


def _flag(version: RuleVersion, name: str) -> bool:
    value = version.values.get(name)
    return value is not None and value.value is True
