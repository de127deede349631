"""What happens at the desk is told to the bank's other systems, as it was recorded."""

from collections.abc import Callable
from datetime import datetime

from recoup.api.models import Delivery, WebHook
from recoup.apps.cases.events import CasesBrought
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import Contract
from recoup.events.bus import publish
from recoup.site.told_outside import MOST_NAMED


def hook(staff: Staff, *kinds: str) -> None:
    WebHook.objects.create(
        staff=staff,
        url="https://bank.example/hook",
        secret="whsec_x",
        kinds=list(kinds),
        made_at=datetime.fromisoformat("2026-11-20T10:00:00+08:00"),
    )


def test_a_receipt_is_told_with_what_was_posted(
    make_staff: Callable[..., Staff],
    act_as: Callable[..., Actor],
    published_bank: object,
    at: datetime,
) -> None:
    hook(make_staff("administrator"), "receipt.posted")

    made = post_receipt(
        actor=act_as("supervisor", scope=("bank", "")),
        idempotency_key="k1",
        contract_id=Contract.objects.filter(dpd__gt=0, currency="CNY").earliest("pk").pk,
        paid_on=at.date(),
        amount_minor=12_345,
        channel="counter",
        at=at,
    )

    told = Delivery.objects.get()
    assert told.kind == "receipt.posted"
    assert told.payload["payment_id"] == made.payment_id
    assert told.payload["amount_minor"] == 12_345
    assert told.payload["paid_on"] == "2026-11-20"


def test_a_night_that_opens_many_cases_writes_several_letters(
    make_staff: Callable[..., Staff], at: datetime
) -> None:
    hook(make_staff("administrator"), "case.opened")
    many = tuple(f"D{number}" for number in range(MOST_NAMED + 1))

    publish(CasesBrought(as_of=at.date(), at=at, opened=many, closed=("D9",), changed=0))

    named = [len(one.payload["debtor_ids"]) for one in Delivery.objects.order_by("pk")]
    assert named == [MOST_NAMED, 1]
