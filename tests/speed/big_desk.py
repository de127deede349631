"""Prepares the desk of a large bank in PostgreSQL for a working day of fifty collectors.

The demo bank's book, the night, its publication and the cases are made by the product's own
actions; then staff for the measurement. All of it lies in one folder and is made once.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from time import monotonic

from recoup.site import demo_desk

AS_OF = date(2026, 11, 20)
SEED = 7
#: Loans of the demo bank to a thousand of its debtors.
LOANS_PER_MILLE = 1_279
COLLECTORS = 50
#: Cases that the night gives to each; the others stay in the pool, of which each may claim some.
CASES_EACH = 800
ROOM_TO_CLAIM = 100
#: What collectors look for: so many debtors of each team, by name, number and loan.
SOUGHT_PER_TEAM = 60
#: What each collector is able to do, besides calling.
SKILLS = ("senior_call", "visit", "hardship_care")


@dataclass(frozen=True, kw_only=True)
class Collector:
    """A login of the measurement, and what this collector will look for."""

    username: str
    password: str
    team: str
    sought: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BigDesk:
    """Where a prepared desk lies, and for how many debtors."""

    folder: Path
    debtors: int

    @property
    def bank(self) -> demo_desk.Bank:
        """The bank's book, night and desk on disk."""
        loans = self.debtors * LOANS_PER_MILLE // 1_000
        return demo_desk.Bank(folder=self.folder / "bank", loans=loans, seed=SEED, as_of=AS_OF)

    @property
    def _stamp(self) -> Path:
        return self.folder / "prepared.json"

    def prepared(self) -> Mapping[str, object] | None:
        """Yield what was prepared (counts, logins); None when it was not, or for another size."""
        if not self._stamp.exists():
            return None
        found: Mapping[str, object] = json.loads(self._stamp.read_text(encoding="utf-8"))
        return found if found["asked"] == self.debtors else None

    def opens_at(self) -> datetime:
        """Yield the instant at which the collectors' day begins."""
        return self.bank.opens_at()

    def prepare(self, *, address: str) -> None:
        """Build the book, run the night, and bring both into the empty records at ``address``."""
        bank = self.bank
        self._stamp.unlink(missing_ok=True)
        began = monotonic()
        _recoup("demo", "--loans", bank.loans, "--seed", SEED, "--out", bank.folder)
        _recoup(
            *("night", "--book", bank.book, "--as-of", AS_OF, "--go-on", "--out", bank.night),
            may_be=(0, 1),
        )
        _told("book and night", began)
        os.environ["RECOUP_DATABASE_URL"] = address
        bank.environment()
        site = import_module("recoup.site.desk")
        site.prepare_django()
        site.migrate()
        began = monotonic()
        collectors = _staff(bank)
        clock = import_module("recoup.events.clock").clock_of_jobs()
        import_module("recoup.apps.closing.night_runs").adopt(
            result=bank.night, book=bank.book, clock=clock
        )
        _told("publication and cases", began)
        staff = import_module("recoup.apps.people.models").Staff
        staff.objects.update(case_capacity=CASES_EACH + ROOM_TO_CLAIM)
        found = {**_counted(), "asked": self.debtors, "collectors": _with_work(collectors)}
        connection = import_module("django.db").connection
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as the server does by itself within the hour
        connection.close()
        self._stamp.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def _recoup(*words: object, may_be: tuple[int, ...] = (0,)) -> None:
    command = [sys.executable, "-m", "recoup.site.cli", *map(str, words)]
    status = subprocess.run(command, check=False).returncode
    if status not in may_be:
        sys.exit(f"recoup {words[0]} ended with status {status}")


def _told(what: str, began: float) -> None:
    print(f"{what}: {monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _staff(bank: demo_desk.Bank) -> list[Collector]:
    """Write roles, places and the collectors, as many to a team as it has persons in arrears."""
    people = import_module("recoup.apps.people.actions")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    at = import_module("recoup.site.clock").now()
    places = demo_desk.places_of(bank.night)
    people.give_standard_roles(at=at)
    for code in places.branches:
        people.save_branch(actor=machine, branch_id=None, version=0, code=code, name=code, at=at)
    for code in places.teams:
        people.save_team(
            actor=machine, team_id=None, version=0, code=code, name=code, branch="", at=at
        )
    made = []
    for number, team in enumerate(_teams_of_collectors(places), start=1):
        one = Collector(
            username=f"collector{number:02d}",
            password=demo_desk.password_of(username=f"collector{number:02d}", seed=SEED),
            team=team,
            sought=(),
        )
        fields = people.StaffFields(
            username=one.username,
            display_name=demo_desk.name_of(number=number, seed=SEED),
            staff_number=f"{number:04d}",
            team=team,
            roles=frozenset({"senior_collector" if number % 3 == 0 else "collector"}),
            skills=SKILLS,
            spoken=("zh", "en"),
            case_capacity=CASES_EACH,
        )
        people.add_staff(
            actor=machine, fields=fields, password=one.password, scopes=[("team", team)], at=at
        )
        made.append(one)
    import_module("recoup.apps.people.models").Staff.objects.update(must_change_password=False)
    return made


def _teams_of_collectors(places: demo_desk.Places) -> list[str]:
    """Yield the team of each collector: one to a team first, the others by persons in arrears."""
    whole = sum(places.in_arrears.values())
    wanted = [
        team
        for team in places.teams
        for _ in range(max(1, round(COLLECTORS * places.in_arrears[team] / whole)))
    ]
    return sorted(islice(cycle(wanted), COLLECTORS))


def _counted() -> Mapping[str, int]:
    portfolio = import_module("recoup.apps.portfolio.models")
    case = import_module("recoup.apps.cases.models").Case
    is_open = case.objects.filter(queue__lt=9)
    return {
        "debtors": portfolio.Debtor.objects.count(),
        "loans": portfolio.Contract.objects.count(),
        "open_cases": is_open.count(),
        "assigned_cases": is_open.exclude(collector=None).count(),
    }


def _with_work(collectors: list[Collector]) -> list[Mapping[str, object]]:
    """Yield the collectors with what each will search: names, telephones and loans of the team."""
    portfolio = import_module("recoup.apps.portfolio.models")
    chance = random.Random(SEED)
    by_team: dict[str, list[str]] = {}
    for team in {one.team for one in collectors}:
        rows = portfolio.Debtor.objects.filter(team=team, worst_dpd__gt=0).order_by("pk")
        drawn = list(rows.values_list("pk", "name", "phone")[: SOUGHT_PER_TEAM * 20 : 20])
        loans = portfolio.Contract.objects.filter(debtor_id__in=[row[0] for row in drawn])
        by_team[team] = [
            *(row[1] for row in drawn),
            *(row[2] for row in drawn if row[2]),
            *loans.values_list("pk", flat=True)[:SOUGHT_PER_TEAM],
        ]
    return [
        {**asdict(one), "sought": chance.sample(by_team[one.team], min(40, len(by_team[one.team])))}
        for one in collectors
    ]
