"""What this room does when a night was published, or one person was decided anew by day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from recoup.apps.cases.actions.assigning import needs_of, takers
from recoup.apps.cases.bringing import ROWS_TOGETHER, Day, bring_all, bring_one, write_cases
from recoup.apps.cases.events import CaseClosed, CaseOpened, CasesBrought
from recoup.apps.cases.models import Case
from recoup.apps.cases.recording import Happening, chained
from recoup.apps.cases.rules import OF_LAW
from recoup.apps.people.permissions import MACHINE, Actor, require
from recoup.apps.people.queries import collectors
from recoup.apps.portfolio.actions import set_collectors
from recoup.apps.portfolio.events import DebtorRedecided, NightPublished
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.assignment import Candidate, choose
from recoup.kernel.case_status import ASSIGNED, NEW
from recoup.web.house import strategy
from recoup.web.shown import local

#: Who is given cases by the night; supervisors work those that they take themselves.
CALLINGS = frozenset({"collector", "senior_collector", "loan_officer", "counsel"})


#: What giving a case to somebody writes.
_GIVEN = (
    *("collector_id", "assigned_at", "assigned_why", "status", "status_since"),
    *("version", "entries", "head_hash"),
)


def bring_night(event: NightPublished) -> None:
    """Hear that a night was published: open, renew and close cases, and spread the new ones."""
    policy = strategy()
    with transaction.atomic(savepoint=False):
        done = bring_all(Day(on=event.as_of, at=event.at, strategy=policy))
        if done.closed:
            nobody = dict.fromkeys(done.closed, None)
            set_collectors(actor=MACHINE, portfolios=nobody, at=event.at)
        given = spread(actor=MACHINE, at=event.at) if policy.cases.spread else 0
        publish(
            Change(
                at=event.at,
                actor_id=None,
                verb="bring_night",
                room="cases",
                record="night",
                record_id=event.as_of.isoformat(),
                after={
                    "opened": len(done.opened),
                    "closed": len(done.closed),
                    "changed": done.changed,
                    "assigned": given,
                },
            )
        )
        publish(
            CasesBrought(
                as_of=event.as_of,
                at=event.at,
                opened=tuple(done.opened),
                closed=tuple(done.closed),
                changed=done.changed,
            )
        )


def bring_person(event: DebtorRedecided) -> None:
    """Hear that one person was decided anew: renew the case at once, or open one."""
    with transaction.atomic():
        day = Day(on=event.as_of, at=event.at, strategy=strategy())
        done = bring_one(event.debtor_id, day)
        for debtor_id in done.opened:
            publish(CaseOpened(debtor_id=debtor_id, on=event.as_of, at=event.at))
        for debtor_id in done.closed:
            publish(CaseClosed(debtor_id=debtor_id, on=event.as_of, at=event.at))


def spread(*, actor: Actor, at: datetime, teams: tuple[str, ...] | None = None) -> int:
    """Give cases that nobody has to collectors: within each team, the highest rank first.

    Whom the kernel chooses by skill, language, load and conflict of interest gets the case, with
    the reasons in its timeline. Cases of teams without collectors wait. Yields how many were given.
    Errors: NotAllowed.
    """
    require(actor, "assign", "cases")
    people = takers(cards=collectors(teams=teams), on=local(at).date())
    by_team: dict[str, dict[int, Candidate]] = {}
    counsel = {key for key, one in people.items() if "counsel" in one.card.roles}
    for key, one in people.items():
        if one.card.team and not CALLINGS.isdisjoint(one.card.roles):
            by_team.setdefault(one.card.team, {})[key] = one.candidate
    given = 0
    with transaction.atomic(savepoint=False):
        for team, candidates in sorted(by_team.items()):
            free = Case.objects.select_for_update().filter(team=team, collector=None, queue__lt=2)
            cases: list[Case] = []
            for case in free.order_by("-priority", "debtor_id"):
                able = _of_calling(case, candidates, counsel)
                best = choose(needs=needs_of(case), candidates=able).best
                if best is None:
                    if all(one.load >= one.capacity for one in candidates.values()):
                        break
                    continue
                chosen = candidates[best.id]
                candidates[best.id] = replace(chosen, load=chosen.load + 1)
                case.collector_id = best.id
                case.assigned_why = [{"zh": one.zh, "en": one.en} for one in best.reasons]
                cases.append(case)
            given += _write(cases, actor=actor, at=at)
    return given


def _of_calling(
    case: Case, candidates: Mapping[int, Candidate], counsel: set[int]
) -> list[Candidate]:
    """Yield who may have a case by calling: work of law goes to counsel, where the team has any."""
    is_law = case.treatment in OF_LAW and any(key in counsel for key in candidates)
    return [one for key, one in candidates.items() if (key in counsel) == is_law]


def _write(cases: list[Case], *, actor: Actor, at: datetime) -> int:
    """Write what spreading found, in bulk, with an entry in each timeline."""
    for start in range(0, len(cases), ROWS_TOGETHER):
        together = cases[start : start + ROWS_TOGETHER]
        entries = []
        for case in together:
            case.assigned_at = at
            if case.status == NEW:
                case.status, case.status_since = ASSIGNED, at
            case.version += 1
            facts = {
                "before": None,
                "collector": case.collector_id,
                "reasons": case.assigned_why,
                "undone": False,
            }
            happening = Happening(kind="assigned", at=at, actor_id=actor.staff_id, facts=facts)
            entries.append(chained(case, happening))
        write_cases(renewed=together, columns=_GIVEN, entries=entries)
    if cases:
        portfolios = {case.pk: case.collector_id for case in cases}
        set_collectors(actor=MACHINE, portfolios=portfolios, at=at)
    return len(cases)
