"""The ledger's pages: find, see what it would pay, post once, take back; budgets and strangers."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recoup.apps.compliance.models import Approval
from recoup.apps.ledger.actions import post_receipt
from recoup.apps.ledger.models import Posting
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import BookReceipt, Contract

Make = Callable[..., Contract]
AS_OF = date(2026, 11, 20)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _now(night: object, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's clock stands at the instant of the test."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)


@pytest.fixture
def as_(client: Client, make_staff: Callable[..., object]) -> Callable[..., Client]:
    """Sign in as somebody with a role; pages in English."""

    def sign_in(role: str, **more: object) -> Client:
        client.force_login(make_staff(role, **more), BACKEND)
        client.cookies["django_language"] = "en"
        return client

    return sign_in


def form(contract: Contract, **more: str) -> dict[str, str]:
    values = {
        "contract": contract.pk,
        "key": "form-1",
        "amount": "10,300.50",
        "paid_on": "2026-11-20",
        "channel": "transfer",
        "payment_id": "",
        "note": "",
    }
    return values | more


def test_a_receipt_is_found_previewed_and_posted_once_however_often_it_is_sent(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C/1"), as_("senior_collector")

    found = desk.get("/ledger/find", {"q": "C/1"}).content.decode()
    page = desk.get("/ledger/new", {"contract": "C/1"}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    shown = desk.post("/ledger/preview", form(contract, key=key[1])).content.decode()
    before = Posting.objects.count()
    answers = [desk.post("/ledger/post", form(contract, key=key[1])) for _ in range(2)]

    assert "?contract=C/1" in found
    assert "¥10,300.50" in shown
    assert "CN-CIV-23" in shown
    assert before == 0, "a preview posts nothing"
    posting = Posting.objects.get()
    assert posting.amount_minor == 1_030_050
    assert {unquote(answer["Location"]) for answer in answers} == {
        f"/ledger/postings/{posting.payment_id}/"
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "much"}, "is no amount in CNY"),
        ({"amount": "10.005"}, "is no amount in CNY"),
        ({"amount": "-5"}, "above zero"),
        ({"paid_on": "yesterday"}, "is no date"),
        ({"paid_on": "2026-12-01"}, "has not come yet"),
        ({"channel": "pigeon"}, "no way to pay"),
        ({"key": ""}, "idempotency_key"),
    ],
)
def test_what_cannot_be_right_comes_back_with_a_sentence_and_what_was_typed(
    as_: Callable[..., Client], make_contract: Make, wrong: dict[str, str], says: str
) -> None:
    contract, desk = make_contract("C-1"), as_("senior_collector")

    answer = desk.post("/ledger/post", form(contract, note="kept words", **wrong))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not Posting.objects.exists()


def test_a_slip_is_undone_by_its_maker_and_above_the_limit_others_are_asked(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C-1"), as_("senior_collector")
    BookReceipt.objects.create(
        payment_id="B-1",
        contract=contract,
        paid_on=AS_OF,
        amount_minor=5_000,
        as_of=AS_OF,
        source_row=1,
    )
    desk.post("/ledger/post", form(contract))
    posting = Posting.objects.get()

    page = desk.get(f"/ledger/postings/{posting.payment_id}/").content.decode()
    desk.post(
        "/ledger/reverse", {"payment": posting.payment_id, "contract": "C-1", "why": "a slip"}
    )
    asked = desk.post("/ledger/reverse", {"payment": "B-1", "contract": "C-1", "why": "returned"})
    listed = desk.get("/ledger/").content.decode()

    assert "Undo" in page
    assert Posting.objects.filter(reverses=posting.payment_id).exists()
    assert asked["Location"] == "/ledger/"
    assert Approval.objects.get().record_id == "B-1"
    assert not Posting.objects.filter(reverses="B-1").exists()
    assert "Waiting for approval" in listed


def test_a_reversal_without_a_reason_or_of_a_reversal_says_why_not(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C-1"), as_("senior_collector")
    desk.post("/ledger/post", form(contract))
    posting = Posting.objects.get()
    wanted = {"payment": posting.payment_id, "contract": "C-1"}

    empty = desk.post("/ledger/reverse", wanted | {"why": " "})
    desk.post("/ledger/reverse", wanted | {"why": "slip"})
    back = Posting.objects.get(kind="reversal")
    again = desk.get("/ledger/reverse", {"payment": back.payment_id, "contract": "C-1"})

    assert (empty.status_code, again.status_code) == (422, 422)
    assert "Say why" in empty.content.decode()
    assert "a reversal is not reversed" in again.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/ledger/new?contract=C-1",
        "/ledger/contracts/C-1/statement",
        "/ledger/postings/{posting}/",
        "/ledger/reverse?payment={posting}&contract=C-1",
    ],
)
def test_out_of_scope_nothing_is_there(
    as_: Callable[..., Client],
    act_as: Callable[..., Actor],
    make_contract: Make,
    at: datetime,
    address: str,
) -> None:
    contract = make_contract("C-1")
    posting = post_receipt(
        actor=act_as("senior_collector"),
        idempotency_key="k",
        contract_id=contract.pk,
        paid_on=AS_OF,
        amount_minor=1,
        channel="card",
        at=at,
    )

    answer = as_("senior_collector", team="T2").get(address.format(posting=posting.payment_id))

    assert answer.status_code == 404


def test_without_the_duty_one_reads_and_posts_nothing(
    as_: Callable[..., Client], make_contract: Make
) -> None:
    contract, desk = make_contract("C-1"), as_("collector")

    assert desk.get("/ledger/contracts/C-1/statement").status_code == 200
    for answer in (
        desk.get("/ledger/new"),
        desk.get("/ledger/find", {"q": "C"}),
        desk.post("/ledger/preview", form(contract)),
        desk.post("/ledger/post", form(contract)),
        desk.post("/ledger/reverse", {"payment": "x", "contract": "C-1", "why": "y"}),
    ):
        assert answer.status_code == 403
    assert as_("administrator", scope=("bank", "")).get("/ledger/").status_code == 403


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(
    as_: Callable[..., Client],
    act_as: Callable[..., Actor],
    make_contract: Make,
    at: datetime,
) -> None:
    actor, desk = act_as("senior_collector"), as_("supervisor")

    def post(number: int) -> None:
        for days in (0, 3):
            post_receipt(
                actor=actor,
                idempotency_key=f"{number}-{days}",
                contract_id=make_contract(f"C-{number}-{days}").pk,
                paid_on=AS_OF - timedelta(days=days),
                amount_minor=100,
                channel="card",
                at=at - timedelta(days=days),
            )

    post(0)
    desk.get("/ledger/")
    one = queries(desk, "/ledger/")
    for number in range(1, 30):
        post(number)

    assert queries(desk, "/ledger/") == one
    assert one <= 30
