"""Staff with roles and scopes, an instant, and a small published book, for tests of the rooms."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic_ns

import pytest

from recoup.apps.people.models import Branch, Duty, Role, Scope, Staff, Team
from recoup.apps.people.permissions import MACHINE, Actor
from recoup.apps.people.queries import actor_of
from recoup.apps.people.roles import STANDARD_ROLES
from recoup.apps.portfolio.actions import publish_night
from recoup.apps.portfolio.models import Contract, Debtor, Instalment, NameGram
from recoup.apps.portfolio.name_grams import parts_of
from recoup.apps.portfolio.queries import PublicationCard
from recoup.demo.bank import build_bank
from recoup.engine.night import NightOrder, run_night
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 20)
BANK_LOANS = 300
BANK_SEED = 11


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the rooms: those run on both databases."""
    for item in items:
        if "/tests/apps/" in str(item.path):
            item.add_marker("rooms")
            item.add_marker("django_db")


@pytest.fixture
def at() -> datetime:
    """Ten in the morning in Shanghai on the business date."""
    return AT


@pytest.fixture
def roles(db: None) -> dict[str, Role]:
    """The standard roles by code."""
    made = {}
    for standard in STANDARD_ROLES:
        role, _ = Role.objects.get_or_create(
            code=standard.code,
            defaults={
                "name_zh": standard.zh,
                "name_en": standard.en,
                "approves_up_to_minor": standard.approves_up_to_minor,
            },
        )
        for duty in standard.duties:
            verb, room = duty.split()
            Duty.objects.get_or_create(role=role, verb=verb, room=room)
        made[standard.code] = role
    return made


MakeStaff = Callable[..., Staff]


@pytest.fixture
def make_staff(roles: dict[str, Role]) -> MakeStaff:
    """Make a member of staff with a role, in a team, with a scope (default: the team's)."""

    def make(
        role: str, *, name: str = "", team: str = "T1", scope: tuple[str, str] | None = None
    ) -> Staff:
        branch, _ = Branch.objects.get_or_create(code="B1", defaults={"name": "B1"})
        place, _ = Team.objects.get_or_create(code=team, defaults={"name": team, "branch": branch})
        number = f"{role}-{Staff.objects.count() + 1}"
        staff = Staff.objects.create_user(
            username=name or number,
            password="a long enough pass phrase",
            display_name=name or number,
            staff_number=number,
            team=place,
            branch=branch,
        )
        staff.roles.add(roles[role])
        kind, value = scope or ("team", team)
        Scope.objects.create(staff=staff, kind=kind, value=value)
        return staff

    return make


@pytest.fixture
def act_as(make_staff: MakeStaff) -> Callable[..., Actor]:
    """Make a member of staff and yield the actor of this instant."""

    def act(role: str, **more: object) -> Actor:
        return actor_of(staff_id=make_staff(role, **more).pk, at=AT)

    return act


@pytest.fixture(scope="session")
def night_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of a night on a demo bank of 300 loans; made once."""
    folder = tmp_path_factory.mktemp("desk-bank")
    build_bank(folder=folder, seed=BANK_SEED, loans=BANK_LOANS, as_of=AS_OF)
    order = NightOrder(
        book=folder / "book",
        as_of=AS_OF,
        pack=load_pack(packs_folder() / "cn", with_cases=False),
        strategy=load_strategy(strategies_folder() / "example"),
        out=folder / "out",
        clock_ns=monotonic_ns,
        threads=1,
        go_on=True,
    )
    return run_night(order).out


@pytest.fixture
def published_bank(db: None, night_result: Path, at: datetime) -> PublicationCard:
    """The demo night, published into the test's database."""
    return publish_night(actor=MACHINE, result=night_result, at=at)


MakeDebtor = Callable[..., Debtor]
MakeContract = Callable[..., Contract]


@pytest.fixture
def make_debtor(db: None) -> MakeDebtor:
    """Write a debtor's row directly: in team T1 of branch B1, overdue, to be called."""

    def make(debtor_id: str = "", **more: object) -> Debtor:
        number = Debtor.objects.count() + 1
        values: dict[str, object] = {
            "name": "李小明",
            "kind": "retail",
            "id_type": "resident_id",
            "id_number": f"99010119900101{number:04d}",
            "phone": f"1380000{number:04d}",
            "language": "zh",
            "time_zone": "Asia/Shanghai",
            "branch": "B1",
            "team": "T1",
            "products": "|consumer_loan|",
            "contracts": 1,
            "overdue_contracts": 1,
            "overdue_base_minor": 824_011,
            "exposure_base_minor": 5_000_000,
            "worst_dpd": 47,
            "worst_class": "special_mention",
            "segment": "S",
            "treatment": "call",
            "channel": "call",
            "priority": 1_000_008_240,
            "permitted_channels": ["call", "sms", "letter"],
            "is_detailed": True,
            "as_of": AS_OF,
            "source_row": number,
        }
        made = Debtor.objects.create(debtor_id=debtor_id or f"D{number}", **(values | more))
        NameGram.objects.bulk_create(
            NameGram(gram=gram, debtor=made) for gram in parts_of(made.name)
        )
        return made

    return make


@pytest.fixture
def make_contract(make_debtor: MakeDebtor) -> MakeContract:
    """Write a contract's row directly, with a schedule of twelve months; makes its debtor too."""

    def make(contract_id: str = "", *, debtor: Debtor | None = None, **more: object) -> Contract:
        owner = debtor or make_debtor()
        number = Contract.objects.count() + 1
        values: dict[str, object] = {
            "product": "consumer_loan",
            "currency": "CNY",
            "principal_minor": 12_000_000,
            "annual_rate_ppm": 120_000,
            "start_on": date(2026, 1, 10),
            "maturity_on": date(2027, 1, 10),
            "branch": owner.branch,
            "team": owner.team,
            "security": "unsecured",
            "status": "active",
            "dpd": 47,
            "dpd_prev": 17,
            "max_dpd_12m": 47,
            "overdue_principal_minor": 790_000,
            "overdue_interest_minor": 31_211,
            "overdue_fee_minor": 2_800,
            "outstanding_principal_minor": 5_000_000,
            "exposure_minor": 5_034_011,
            "overdue_base_minor": 824_011,
            "exposure_base_minor": 5_034_011,
            "overdue_instalments": 2,
            "bucket": "M2",
            "asset_class": "special_mention",
            "treatment": "call",
            "channel": "call",
            "as_of": AS_OF,
            "source_row": number,
        }
        made = Contract.objects.create(
            contract_id=contract_id or f"C{number}", debtor=owner, **(values | more)
        )
        Instalment.objects.bulk_create(
            Instalment(
                contract=made,
                seq=month,
                due_on=date(2026 + month // 12, month % 12 + 1, 10),
                principal_minor=1_000_000,
                interest_minor=30_000,
                fee_minor=0,
                as_of=AS_OF,
                source_row=month,
            )
            for month in range(1, 13)
        )
        return made

    return make
