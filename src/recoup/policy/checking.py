"""The check of a loaded pack on a day: cases, staleness, sources, calendar years."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from recoup.policy.cases import CaseResult, run_cases
from recoup.policy.contact_clauses import CONTACT, UnreadableClause, clauses_of
from recoup.policy.findings import ERROR, WARNING, Finding, Place, finding, in_order
from recoup.policy.pack import Pack
from recoup.policy.rules import LOW, Rule, RuleVersion, Source
from recoup.policy.staleness import stale_findings

YEARS_BACK = 3
YEARS_AHEAD = 1


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What the check of a pack found, and how much it looked at."""

    pack: Pack
    on: date
    findings: tuple[Finding, ...]
    results: tuple[CaseResult, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == WARNING)

    @property
    def versions(self) -> tuple[RuleVersion, ...]:
        return tuple(version for rule in self.pack.rules.values() for version in rule.versions)

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> int:
        return len(self.results) - self.passed

    @property
    def low_confidence(self) -> tuple[str, ...]:
        """The rules with a version of low confidence."""
        return _rules_with(self.versions, lambda version: version.confidence == LOW)

    @property
    def unverified(self) -> tuple[str, ...]:
        """The rules with a version of which something is unverified."""
        return _rules_with(self.versions, lambda version: version.unverified is not None)

    @property
    def not_enforced(self) -> tuple[str, ...]:
        """The rules with a version that is shown and never applied."""
        return _rules_with(self.versions, lambda version: not version.enforced)

    @property
    def without_case(self) -> tuple[str, ...]:
        """The rules that no case is about."""
        told = {result.case.rule for result in self.results}
        return tuple(sorted(set(self.pack.rules) - told))


def check_pack(*, pack: Pack, on: date) -> CheckReport:
    """Yield everything that is to be said about a pack on a day."""
    results = run_cases(pack=pack)
    found = (
        *(failure for result in results for failure in result.failures),
        *_clauses_unreadable(pack),
        *stale_findings(pack=pack, on=on),
        *_sources_out_of_time(pack, on),
        *_sources_unused(pack),
        *_calendar_years(pack, on),
    )
    return CheckReport(pack=pack, on=on, findings=in_order(found), results=results)


def _rules_with(
    versions: Iterable[RuleVersion], is_marked: Callable[[RuleVersion], bool]
) -> tuple[str, ...]:
    return tuple(sorted({version.rule_id for version in versions if is_marked(version)}))


def _clauses_unreadable(pack: Pack) -> Iterable[Finding]:
    """What the gate and the night would refuse to apply, enforced or not."""
    for rule in pack.rules.values():
        for version in rule.versions if rule.kind == CONTACT else ():
            try:
                clauses_of(version=version)
            except UnreadableClause as unreadable:
                fill = {"rule": rule.id, "problem": unreadable.sentence}
                yield finding("clause_unreadable", version.place, fill=fill)


def _sources_out_of_time(pack: Pack, on: date) -> Iterable[Finding]:
    """A version that begins before its source, or outlives it, is worth a second look."""
    for rule in pack.rules.values():
        for version in rule.versions:
            source = version.source
            if source.in_force_from is not None and version.valid_from < source.in_force_from:
                yield _too_early(rule, version, source)
            ended = source.in_force_until
            if ended is not None and ended <= on and version.in_force(on=on):
                fill = {"rule": rule.id, "on": on, "source": source.id, "source_until": ended}
                yield finding(
                    "source_no_longer_in_force", version.place, severity=WARNING, fill=fill
                )


def _too_early(rule: Rule, version: RuleVersion, source: Source) -> Finding:
    fill = {
        "rule": rule.id,
        "start": version.valid_from,
        "source": source.id,
        "source_from": source.in_force_from,
    }
    return finding("source_not_yet_in_force", version.place, severity=WARNING, fill=fill)


def _sources_unused(pack: Pack) -> Iterable[Finding]:
    used = {year.source.id for year in pack.calendar_years.values()}
    for rule in pack.rules.values():
        for version in rule.versions:
            used.update(source.id for source in version.sources)
    for source in pack.sources.values():
        if source.id not in used:
            fill = {"source": source.id}
            yield finding("source_unused", source.place, severity=WARNING, fill=fill)


def _calendar_years(pack: Pack, on: date) -> Iterable[Finding]:
    """Missing years up to this one are errors; next year's notice may not be out yet."""
    place = Place(file="calendars", line=1, path="")
    for year in range(on.year - YEARS_BACK, on.year + YEARS_AHEAD + 1):
        known = pack.calendar_years.get(year)
        if known is None:
            severity = WARNING if year > on.year else ERROR
            yield finding("calendar_year_missing", place, severity=severity, fill={"year": year})
        elif known.provisional is not None:
            fill = {"year": year, "why": known.provisional}
            yield finding("calendar_year_provisional", known.place, severity=WARNING, fill=fill)
