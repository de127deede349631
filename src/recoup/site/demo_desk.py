"""The desk of the demo bank: branches, teams, staff, one login per role, the night brought in."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from recoup.site.demo_complaints import tell_complaints

ZONE = "Asia/Shanghai"
OPENS_AT = time(10, 0)
#: What the texts of the demo bank say of the bank; every name and number is invented.
HOUSE = {
    "COMPLAINT_PHONE": "400-000-0001",
    "PAY_WAYS_ZH": "手机银行、网点或自动扣款账户",
    "PAY_WAYS_EN": "mobile banking, any branch or your direct debit account",
    "PAY_ACCOUNT_ZH": "示例银行还款专户",
    "PAY_ACCOUNT_EN": "the repayment account of Example Bank",
    "MOST_TERMS": "12",
}
#: Letters and digits that nobody takes for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: Cases that one collector of the demo bank carries, and the most collectors of one team.
CASES_EACH = 110
MOST_COLLECTORS = 8
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    *("敏", "建国", "秀英", "志强", "丽", "雪梅", "海燕", "文博", "佳怡", "俊杰", "晓东", "静"),
    *("子涵", "国庆", "玉兰", "浩然", "婷婷", "立新", "思远", "春华", "明辉", "雅琴", "凯", "慧"),
)


#: Whose letters the demo bank writes.
LETTERHEAD = {
    "NAME_ZH": "示例农村商业银行",
    "ADDRESS_ZH": "示例市中心区银行街1号",
    "PHONE_ZH": "95000",
    "UNIT_ZH": "贷后管理部",
    "NAME_EN": "Example Rural Commercial Bank",
    "ADDRESS_EN": "1 Bank Street, Example City",
    "PHONE_EN": "95000",
    "UNIT_EN": "Loan care department",
}


@dataclass(frozen=True, kw_only=True)
class Login:
    """Somebody of the demo bank who can sign in, and what for."""

    username: str
    password: str
    name: str
    role_zh: str
    role_en: str
    sees_zh: str
    sees_en: str


@dataclass(frozen=True, kw_only=True)
class _Person:
    """A member of the demo bank's staff before there is a row for one."""

    username: str
    role: str
    team: str = ""
    branch: str = ""
    scope: tuple[str, str] = ("bank", "")
    skills: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ("zh",)
    case_capacity: int = 150
    signs_in: bool = True


def password_of(*, username: str, seed: int) -> str:
    """Yield the password of a login of the demo bank: the same for the same seed.

    >>> password_of(username="collector", seed=7) == password_of(username="collector", seed=7)
    True
    >>> len(password_of(username="collector", seed=7))
    19
    """
    digest = hashlib.sha256(f"recoup demo {seed} {username}".encode()).digest()
    letters = [_LETTERS[byte % len(_LETTERS)] for byte in digest[:16]]
    return "-".join("".join(letters[place : place + 4]) for place in range(0, 16, 4))


@dataclass(frozen=True, kw_only=True)
class Places:
    """The branches and teams that a book names, with how many persons in arrears a team has."""

    branches: tuple[str, ...]
    in_arrears: Mapping[str, int]

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams, those with most persons in arrears first."""
        return tuple(sorted(self.in_arrears, key=lambda team: (-self.in_arrears[team], team)))


def places_of(result: Path) -> Places:
    """Yield the branches and teams of a night's result."""
    contracts = pq.read_table(result / "decisions.parquet", columns=["branch", "team"])
    people = pq.read_table(result / "people.parquet", columns=["team", "worst_dpd"])
    in_arrears = dict.fromkeys(sorted(filter(None, contracts["team"].unique().to_pylist())), 0)
    for team, dpd in zip(people["team"].to_pylist(), people["worst_dpd"].to_pylist(), strict=True):
        if team in in_arrears and (dpd or 0) > 0:
            in_arrears[team] += 1
    branches = sorted(filter(None, contracts["branch"].unique().to_pylist()))
    return Places(branches=tuple(branches), in_arrears=in_arrears)


def _staff(places: Places) -> Iterator[_Person]:
    """Yield the demo bank's staff: whoever signs in, then the colleagues of each team."""
    first = places.teams[0]
    branch = places.branches[0]
    of_team = {"team": first, "scope": ("team", first)}
    yield _Person(
        username="collector",
        role="collector",
        spoken=("zh", "en"),
        skills=("hardship_care",),
        **of_team,  # type: ignore[arg-type]
    )
    yield _Person(
        username="senior",
        role="senior_collector",
        skills=("senior_call", "visit"),
        case_capacity=120,
        **of_team,  # type: ignore[arg-type]
    )
    yield _Person(
        username="officer",
        role="loan_officer",
        branch=branch,
        scope=("branch", branch),
        skills=("visit",),
        case_capacity=60,
    )
    yield _Person(
        username="counsel",
        role="counsel",
        skills=("legal_review", "demand_letter"),
        case_capacity=200,
    )
    yield _Person(username="supervisor", role="supervisor", **of_team)  # type: ignore[arg-type]
    yield _Person(username="head", role="supervisor")
    yield _Person(username="analyst", role="strategy_analyst")
    yield _Person(username="compliance", role="compliance_officer", spoken=("zh", "en"))
    yield _Person(username="auditor", role="auditor")
    yield _Person(username="admin", role="administrator", scope=("", ""))
    for place, team in enumerate(places.teams, start=1):
        yield from _colleagues(team=team, place=place, in_arrears=places.in_arrears[team])


def _colleagues(*, team: str, place: int, in_arrears: int) -> Iterator[_Person]:
    wanted = min(MOST_COLLECTORS, max(2, in_arrears // CASES_EACH))
    already = 2 if place == 1 else 0
    for number in range(already + 1, wanted + 1):
        is_senior = number % 3 == 0
        yield _Person(
            username=f"collector{place}{number:02d}",
            role="senior_collector" if is_senior else "collector",
            team=team,
            scope=("team", team),
            skills=("senior_call", "visit") if is_senior else ("hardship_care",),
            spoken=("zh", "en") if number % 4 == 1 else ("zh",),
            case_capacity=CASES_EACH,
            signs_in=False,
        )
    if place > 1:
        yield _Person(
            username=f"supervisor{place}",
            role="supervisor",
            team=team,
            scope=("team", team),
            signs_in=False,
        )


def make_staff(*, places: Places, seed: int, at: datetime) -> None:
    """Write roles, branches, teams and staff of the demo bank into empty records."""
    people = import_module("recoup.apps.people.actions")
    machine = import_module("recoup.apps.people.permissions").MACHINE
    staff = import_module("recoup.apps.people.models").Staff
    people.give_standard_roles(at=at)
    for branch in places.branches:
        people.save_branch(
            actor=machine, branch_id=None, version=0, code=branch, name=branch, at=at
        )
    for team in sorted(places.in_arrears):
        people.save_team(
            actor=machine, team_id=None, version=0, code=team, name=team, branch="", at=at
        )
    for number, person in enumerate(_staff(places), start=1):
        _add(people, actor=machine, person=person, number=number, seed=seed, at=at)
    # Whoever looks at a demonstration need not choose a password first.
    staff.objects.update(must_change_password=False)


def _add(
    people: ModuleType, *, actor: object, person: _Person, number: int, seed: int, at: datetime
) -> None:
    people.add_staff(
        actor=actor,
        fields=people.StaffFields(
            username=person.username,
            display_name=name_of(number=number, seed=seed),
            staff_number=f"{number:04d}",
            branch=person.branch,
            team=person.team,
            roles=frozenset({person.role}),
            skills=person.skills,
            spoken=person.spoken,
            case_capacity=person.case_capacity,
        ),
        password=password_of(username=person.username, seed=seed) if person.signs_in else "",
        scopes=[person.scope] if person.scope[0] else [],
        at=at,
    )


def name_of(*, number: int, seed: int) -> str:
    """Yield an invented name; different numbers of one seed have different names."""
    step = number * 7 + seed
    return _SURNAMES[step % len(_SURNAMES)] + _GIVEN[(step // 3 + number) % len(_GIVEN)]


def logins(*, places: Places, seed: int) -> tuple[Login, ...]:
    """Yield the logins to print: one for each role, and the head of collections."""
    roles = {one.code: one for one in import_module("recoup.apps.people.roles").STANDARD_ROLES}
    return tuple(
        Login(
            username=person.username,
            password=password_of(username=person.username, seed=seed),
            name=name_of(number=number, seed=seed),
            role_zh=roles[person.role].zh,
            role_en=roles[person.role].en,
            sees_zh={"bank": "全行", "": "无债务人资料"}.get(person.scope[0], person.scope[1]),
            sees_en={"bank": "whole bank", "": "no debtors"}.get(person.scope[0], person.scope[1]),
        )
        for number, person in enumerate(_staff(places), start=1)
        if person.signs_in
    )


def login_table(found: Sequence[Login]) -> str:
    """Yield the logins as a table in both languages; Chinese characters take two columns."""
    rows = [("角色 role", "登录名 username", "密码 password", "姓名 name", "范围 sees")]
    rows += [
        (
            f"{one.role_zh} {one.role_en}",
            one.username,
            one.password,
            one.name,
            one.sees_zh if one.sees_zh == one.sees_en else f"{one.sees_zh} {one.sees_en}",
        )
        for one in found
    ]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  "
        + "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


@dataclass(frozen=True, kw_only=True)
class Bank:
    """The demo bank on disk: its folder, what it was made from, and the files of its desk."""

    folder: Path
    loans: int
    seed: int
    as_of: date

    @property
    def book(self) -> Path:
        """The book that its core system delivers."""
        return self.folder / "book"

    @property
    def night(self) -> Path:
        """The night's result."""
        return self.folder / "night"

    @property
    def desk(self) -> Path:
        """The desk's folder of data."""
        return self.folder / "desk"

    @property
    def _stamp(self) -> Path:
        return self.desk / "demo.json"

    @property
    def _clock(self) -> Path:
        return self.desk / "demo-clock"

    def is_prepared(self) -> bool:
        """Tell whether the desk was prepared from just this bank."""
        try:
            return bool(json.loads(self._stamp.read_text(encoding="utf-8")) == self._made_from())
        except (OSError, ValueError):
            return False

    def mark_prepared(self) -> None:
        """Note that the desk was prepared from this bank."""
        self._stamp.write_text(json.dumps(self._made_from()), encoding="utf-8")

    def _made_from(self) -> dict[str, object]:
        return {"loans": self.loans, "seed": self.seed, "as_of": self.as_of.isoformat()}

    def opens_at(self) -> datetime:
        """Yield what the desk's clock shows at its start: ten in the morning after the business
        date, for which the night decided, or where it stood when it was stopped."""
        try:
            return datetime.fromisoformat(self._clock.read_text(encoding="ascii"))
        except (OSError, ValueError):
            morning = self.as_of + timedelta(days=1)
            return datetime.combine(morning, OPENS_AT, tzinfo=ZoneInfo(ZONE))

    def keep_clock(self, now: datetime) -> None:
        """Note what the desk's clock shows, whole or not at all."""
        beside = self._clock.with_suffix(".new")
        beside.write_text(now.isoformat(), encoding="ascii")
        beside.replace(self._clock)

    def environment(self) -> None:
        """Tell the settings of this process, and of those it starts, where the bank is."""
        os.environ["RECOUP_DATA"] = str(self.desk.resolve())
        os.environ["RECOUP_BOOK"] = str(self.book.resolve())
        os.environ.setdefault("RECOUP_CLOCK", self.opens_at().isoformat())
        # The demo bank writes to nobody: its messages become files, for people to look at.
        for channel in ("email", "sms"):
            folder = (self.desk / "outbox" / channel).resolve()
            os.environ.setdefault(
                f"RECOUP_{channel.upper()}_URL", folder.as_uri().replace("file:", "folder:", 1)
            )
        os.environ.setdefault("RECOUP_EMAIL_FROM", "collections@bank.example")
        for name, said in LETTERHEAD.items():
            os.environ.setdefault(f"RECOUP_BANK_{name}", said)
        for name, value in HOUSE.items():
            os.environ.setdefault(f"RECOUP_{name}", value)
        # The demo bank delivers some bad rows on purpose, a small one more than a large one.
        os.environ.setdefault("RECOUP_NIGHT_MAX_BAD_PPM", "200000")


def prepare(bank: Bank) -> None:
    """Bring the demo bank's night and staff into empty records; set its schedule, make its key."""
    now = import_module("recoup.site.clock").now
    clock = import_module("recoup.events.clock").clock_of_jobs()
    machine = import_module("recoup.apps.people.permissions").MACHINE
    closing = import_module("recoup.apps.closing.actions")
    # People first: the night gives them the cases that it opens.
    the_day_before = now() - timedelta(days=1)
    make_staff(places=places_of(bank.night), seed=bank.seed, at=the_day_before)
    import_module("recoup.apps.closing.night_runs").adopt(
        result=bank.night, book=bank.book, clock=clock
    )
    closing.set_schedule(
        actor=machine,
        version=0,
        is_on=True,
        starts_at=time(1, 30),
        weekdays=(1, 2, 3, 4, 5, 6, 7),
        days_back=1,
        book="",
        pack="cn",
        strategy="example",
        max_bad_ppm=200_000,
        at=now(),
    )
    signing = import_module("recoup.documents.bundle.signing")
    if not signing.has_key():
        settings = import_module("django.conf").settings
        key = signing.make_key(algorithm=signing.ED25519, path=Path(settings.SEAL_KEY))
        import_module("recoup.apps.evidence.actions").register_key(key=key, at=now())
    import_module("recoup.site.demo_work").do_work(at=now())
    tell_complaints(at=now())
    bank.mark_prepared()
