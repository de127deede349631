"""One person in arrears, people who take complaints in, and people who answer them."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from recoup.apps.complaints.actions import Intake, take_in
from recoup.apps.complaints.queries import ComplaintCard
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor

ON = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def letterhead(settings) -> None:  # type: ignore[no-untyped-def]
    """The bank's name and address, as letters need them."""
    words = {"name": "示例银行", "address": "上海市示例路1号", "phone": "95000", "unit": "贷后部"}
    settings.LETTERHEAD = {"zh": words, "en": words}
    settings.COMPLAINT_PHONE = "95001"


@pytest.fixture
def person(make_debtor: Callable[..., Debtor], make_contract: Callable[..., Contract]) -> Debtor:
    """D1: 47 days past due on C1, reached over the number of the contract."""
    debtor = make_debtor("D1", phone="13800000001")
    make_contract("C1", debtor=debtor, dpd=47)
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value="13800000001", source="contract", from_night=True
    )
    return debtor


@pytest.fixture
def compliance(act_as: Callable[..., Actor]) -> Actor:
    """Compliance, over the whole bank."""
    return act_as("compliance_officer", name="合规", scope=("bank", ""))


@pytest.fixture
def collector(act_as: Callable[..., Actor]) -> Actor:
    """A collector of the person's team."""
    return act_as("collector", name="王敏")


Take = Callable[..., ComplaintCard]


@pytest.fixture
def take(person: Debtor, collector: Actor, at: datetime) -> Take:
    """Take a complaint of the person in."""

    def taken(*, actor: Actor = collector, **more: object) -> ComplaintCard:
        values: dict[str, object] = {
            "category": "too_often",
            "words": "一天打了八个电话",
            "source": "call",
            "received_on": ON,
            "debtor_id": person.pk,
            "complainant": person.name,
        }
        return take_in(actor=actor, intake=Intake(**(values | more)), at=at)  # type: ignore[arg-type]

    return taken
