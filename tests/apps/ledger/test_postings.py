"""Receipts between two nights: posted once, taken back by an entry, confirmed by the book."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from recoup.apps.compliance.actions import decide_approval
from recoup.apps.compliance.actions.approvals import MakerIsChecker
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.ledger.actions import confirm_postings, post_receipt, reverse_receipt
from recoup.apps.ledger.models import Confirmation, NeverChanged, Posting
from recoup.apps.ledger.queries import (
    not_in_book,
    postings_on,
    postings_since,
    preview_receipt,
    standing_receipts,
    statement,
)
from recoup.apps.ledger.refusals import BadReceipt, CannotReverse, KeyTaken, NumberTaken
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.apps.portfolio.events import NightPublished
from recoup.apps.portfolio.models import BookReceipt, Contract

Act = Callable[..., Actor]
AS_OF = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _night(night: object) -> None:
    """The ledger counts under the law and policy of a published night."""


@pytest.fixture
def poster(act_as: Act) -> Actor:
    """A senior collector, who posts money and approves nothing."""
    return act_as("senior_collector")


def post(actor: Actor, contract: Contract, at: datetime, **more: object) -> object:
    values: dict[str, object] = {
        "idempotency_key": "key-1",
        "contract_id": contract.pk,
        "paid_on": AS_OF,
        "amount_minor": 50_000,
        "channel": "transfer",
    }
    return post_receipt(actor=actor, at=at, **(values | more))  # type: ignore[arg-type]


def book_has(contract: Contract, payment_id: str, **more: object) -> BookReceipt:
    values: dict[str, object] = {
        "paid_on": AS_OF,
        "amount_minor": 50_000,
        "as_of": AS_OF,
        "source_row": 1,
    }
    return BookReceipt.objects.create(payment_id=payment_id, contract=contract, **(values | more))


def next_night(at: datetime, *, days: int = 1) -> NightPublished:
    return NightPublished(publication_id=1, as_of=AS_OF + timedelta(days=days), at=at)


def test_a_receipt_is_posted_and_told_to_the_trail(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")

    card = post(poster, contract, at, note="对公转账")

    assert (card.amount_minor, card.debtor_id, card.currency) == (50_000, contract.debtor_id, "CNY")
    entry = AuditEntry.objects.get(record="posting", record_id=card.payment_id)
    assert entry.after["amount_minor"] == 50_000
    assert entry.actor_id == poster.staff_id


def test_the_same_key_with_the_same_content_is_one_posting(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    first = post(poster, contract, at)

    again = post(poster, contract, at + timedelta(minutes=3))

    assert again.payment_id == first.payment_id
    assert Posting.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount_minor": 50_001},
        {"paid_on": AS_OF - timedelta(days=1)},
        {"channel": "card"},
        {"note": "another"},
        {"payment_id": "BANK-7"},
    ],
)
def test_the_same_key_with_other_content_is_refused(
    poster: Actor,
    make_contract: Callable[..., Contract],
    at: datetime,
    other: dict[str, object],
) -> None:
    contract = make_contract("C-1")
    post(poster, contract, at)

    with pytest.raises(KeyTaken, match="another receipt"):
        post(poster, contract, at, **other)

    assert Posting.objects.count() == 1


def test_a_number_that_the_book_or_the_ledger_has_is_not_posted_again(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    book_has(contract, "BANK-1")
    post(poster, contract, at, payment_id="BANK-2")

    with pytest.raises(NumberTaken, match="in the book"):
        post(poster, contract, at, idempotency_key="key-2", payment_id="BANK-1")
    with pytest.raises(NumberTaken, match="in the ledger"):
        post(poster, contract, at, idempotency_key="key-3", payment_id="BANK-2")

    assert Posting.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount_minor": 0}, "above zero"),
        ({"amount_minor": -5}, "above zero"),
        ({"amount_minor": 10**17}, "larger than the book"),
        ({"paid_on": AS_OF + timedelta(days=1)}, "has not come yet"),
        ({"paid_on": date(2025, 12, 31)}, "before the contract's start|lies before"),
        ({"channel": "pigeon"}, "no way to pay"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"payment_id": "x" * 65}, "payment_id"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_a_receipt_that_cannot_be_right_is_refused_with_a_sentence(
    poster: Actor,
    make_contract: Callable[..., Contract],
    at: datetime,
    wrong: dict[str, object],
    says: str,
) -> None:
    contract = make_contract("C-1")

    with pytest.raises(BadReceipt, match=says) as refused:
        post(poster, contract, at, **wrong)

    assert refused.value.zh
    assert not Posting.objects.exists()


def test_who_has_not_the_duty_posts_nothing_and_who_has_not_the_scope_sees_nothing(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")

    with pytest.raises(NotAllowed):
        post(act_as("collector"), contract, at)
    with pytest.raises(NotFound):
        post(act_as("senior_collector", team="T2"), contract, at)
    with pytest.raises(NotFound):
        statement(actor=act_as("collector", team="T2"), contract_id="C-1", at=at)


def test_the_database_itself_refuses_to_change_or_remove_a_posting(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    card = post(poster, make_contract("C-1"), at)
    row = Posting.objects.get(payment_id=card.payment_id)

    row.amount_minor = 1
    with pytest.raises(NeverChanged):
        row.save()
    with pytest.raises(NeverChanged):
        row.delete()
    with pytest.raises(NeverChanged):
        Posting.objects.update(amount_minor=1)
    with pytest.raises(NeverChanged):
        Posting.objects.all().delete()
    for statement_ in ("UPDATE ledger_posting SET amount_minor = 1", "DELETE FROM ledger_posting"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement_)

    assert Posting.objects.get().amount_minor == 50_000


def test_a_reversal_within_the_limit_leaves_the_account_as_if_the_receipt_had_never_been(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract, actor = make_contract("C-1"), act_as("supervisor")
    before = statement(actor=actor, contract_id="C-1", at=at).account
    card = post(actor, contract, at)
    between = statement(actor=actor, contract_id="C-1", at=at).account

    done = reverse_receipt(
        actor=actor, payment_id=card.payment_id, why="wrong contract", at=at + timedelta(hours=1)
    )

    after = statement(actor=actor, contract_id="C-1", at=at).account
    assert between.figures != before.figures
    assert after.figures == before.figures
    assert after.closing == before.closing
    assert done.posting is not None
    assert done.posting.reverses == card.payment_id
    assert [line.kind for line in after.lines if line.is_reversed] == ["receipt", "reversal"]
    assert standing_receipts(debtor_id=contract.debtor_id) == ()


def test_a_reversal_is_not_reversed_and_none_is_made_twice(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    actor = act_as("supervisor")
    card = post(actor, make_contract("C-1"), at)
    done = reverse_receipt(actor=actor, payment_id=card.payment_id, why="twice", at=at)

    with pytest.raises(CannotReverse, match="a reversal is not reversed"):
        reverse_receipt(actor=actor, payment_id=done.posting.payment_id, why="back", at=at)
    with pytest.raises(CannotReverse, match="reversed already"):
        reverse_receipt(actor=actor, payment_id=card.payment_id, why="again", at=at)
    with pytest.raises(NotFound):
        reverse_receipt(actor=actor, payment_id="NOBODY", why="again", at=at)
    with pytest.raises(CannotReverse, match="Say why"):
        reverse_receipt(actor=actor, payment_id=card.payment_id, why="  ", at=at)


def test_a_slip_is_taken_back_alone_within_ten_minutes_and_not_later(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    first = post(poster, contract, at)
    second = post(poster, contract, at, idempotency_key="key-2")

    soon = reverse_receipt(
        actor=poster, payment_id=first.payment_id, why="typed twice", at=at + timedelta(minutes=9)
    )
    late = reverse_receipt(
        actor=poster, payment_id=second.payment_id, why="returned", at=at + timedelta(minutes=11)
    )

    assert soon.posting is not None
    assert late.posting is None
    assert late.approval_id is not None


def test_above_the_limit_nothing_is_reversed_before_somebody_else_approves(
    poster: Actor, act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract, supervisor = make_contract("C-1"), act_as("supervisor")
    card = post(poster, contract, at - timedelta(days=1), paid_on=AS_OF - timedelta(days=1))
    waiting = reverse_receipt(actor=poster, payment_id=card.payment_id, why="returned", at=at)
    assert postings_since(debtor_id=contract.debtor_id).reversed_payment_ids == frozenset()

    decide_approval(
        actor=supervisor, approval_id=waiting.approval_id, approve=True, remark="seen", at=at
    )

    reversal = Posting.objects.get(reverses=card.payment_id)
    assert reversal.made_by_id == poster.staff_id
    assert reversal.approval_id == waiting.approval_id
    assert postings_since(debtor_id=contract.debtor_id).reversed_payment_ids == {card.payment_id}


def test_the_maker_is_never_the_checker_and_a_rejection_changes_nothing(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    maker, checker = act_as("supervisor"), act_as("compliance_officer", scope=("bank", ""))
    card = post(maker, make_contract("C-1"), at, amount_minor=6_000_000)
    later = at + timedelta(days=1)
    waiting = reverse_receipt(actor=maker, payment_id=card.payment_id, why="returned", at=later)

    with pytest.raises(MakerIsChecker):
        decide_approval(
            actor=maker, approval_id=waiting.approval_id, approve=True, remark="", at=later
        )
    decide_approval(
        actor=checker, approval_id=waiting.approval_id, approve=False, remark="no proof", at=later
    )

    assert not Posting.objects.filter(kind="reversal").exists()


def test_a_receipt_of_the_book_can_be_taken_back_and_a_waiver_cannot(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    actor, contract = act_as("supervisor"), make_contract("C-1")
    book_has(contract, "B-1")
    book_has(contract, "B-2", is_waiver=True)
    book_has(contract, "B-3", is_reversed=True)

    done = reverse_receipt(actor=actor, payment_id="B-1", why="cheque returned", at=at)

    assert Posting.objects.get(payment_id=done.posting.payment_id).reverses_book
    assert standing_receipts(debtor_id=contract.debtor_id) == ()
    with pytest.raises(CannotReverse, match="waiver"):
        reverse_receipt(actor=actor, payment_id="B-2", why="wrong", at=at)
    with pytest.raises(CannotReverse, match="reversed already"):
        reverse_receipt(actor=actor, payment_id="B-3", why="wrong", at=at)


def test_once_the_book_has_a_posting_it_is_confirmed_and_counted_once(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    post(poster, contract, at, payment_id="BANK-1")
    book_has(contract, "BANK-1")
    before = standing_receipts(debtor_id=contract.debtor_id)

    confirm_postings(next_night(at))

    assert Confirmation.objects.get().agrees
    assert postings_since(debtor_id=contract.debtor_id).receipts == ()
    after = standing_receipts(debtor_id=contract.debtor_id)
    assert [one.amount_minor for one in after] == [50_000]
    assert before == after, "also before the confirmation it was one receipt, not two"


def test_where_the_book_says_otherwise_the_book_counts_and_somebody_is_asked(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    post(poster, contract, at, payment_id="BANK-1")
    book_has(contract, "BANK-1", amount_minor=49_000)

    confirm_postings(next_night(at))

    assert [one.amount_minor for one in standing_receipts(debtor_id=contract.debtor_id)] == [49_000]
    asked = not_in_book(actor=poster, as_of=AS_OF)
    assert [(one.posting.payment_id, one.book_amount_minor) for one in asked] == [
        ("BANK-1", 49_000)
    ]


def test_a_confirmed_receipt_that_a_later_book_has_no_more_is_listed_until_it_is_back(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    post(poster, contract, at, payment_id="BANK-1")
    row = book_has(contract, "BANK-1")
    confirm_postings(next_night(at))
    row.delete()

    confirm_postings(next_night(at, days=2))
    lost = not_in_book(actor=poster, as_of=AS_OF)
    confirm_postings(next_night(at, days=3))
    still = not_in_book(actor=poster, as_of=AS_OF)
    book_has(contract, "BANK-1")
    confirm_postings(next_night(at, days=4))

    told = [("BANK-1", AS_OF + timedelta(days=2))]
    assert [(one.posting.payment_id, one.missing_since) for one in lost] == told
    assert [(one.posting.payment_id, one.missing_since) for one in still] == told
    assert AuditEntry.objects.filter(verb="miss_receipt", record_id="BANK-1").count() == 1
    assert not_in_book(actor=poster, as_of=AS_OF) == ()


def test_a_receipt_of_a_contract_that_left_the_book_is_not_missed(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    post(poster, contract, at, payment_id="BANK-1")
    row = book_has(contract, "BANK-1")
    confirm_postings(next_night(at))
    row.delete()
    contract.gone_on = AS_OF
    contract.save()

    confirm_postings(next_night(at, days=2))

    assert not_in_book(actor=poster, as_of=AS_OF) == ()


def test_a_reversal_is_confirmed_when_the_book_shows_the_receipt_reversed(
    act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    actor, contract = act_as("supervisor"), make_contract("C-1")
    row = book_has(contract, "B-1")
    reverse_receipt(actor=actor, payment_id="B-1", why="returned", at=at)
    confirm_postings(next_night(at))
    assert postings_since(debtor_id=contract.debtor_id).reversed_payment_ids == {"B-1"}
    row.is_reversed = True
    row.save()

    confirm_postings(next_night(at, days=2))

    assert postings_since(debtor_id=contract.debtor_id).reversed_payment_ids == frozenset()


def test_postings_that_the_book_should_have_by_now_are_listed(
    poster: Actor, act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    day = AS_OF - timedelta(days=3)
    old = post(poster, contract, at - timedelta(days=3), paid_on=day)
    gone = post(poster, contract, at - timedelta(days=3), paid_on=day, idempotency_key="key-2")
    reverse_receipt(actor=poster, payment_id=gone.payment_id, why="slip", at=gone.made_at)
    post(poster, contract, at, idempotency_key="key-3")

    listed = not_in_book(actor=poster, as_of=AS_OF)

    assert [(one.posting.payment_id, one.days) for one in listed] == [(old.payment_id, 3)]
    assert not_in_book(actor=act_as("collector", team="T2"), as_of=AS_OF) == ()


def test_the_days_postings_are_those_of_the_houses_day_and_scope(
    poster: Actor, act_as: Act, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")
    early = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    post(poster, contract, early)
    post(
        poster,
        contract,
        early - timedelta(hours=1),
        idempotency_key="k2",
        paid_on=date(2026, 11, 19),
    )

    assert len(postings_on(actor=poster, on=AS_OF)) == 1
    assert postings_on(actor=act_as("collector", team="T2"), on=AS_OF) == ()


def test_a_preview_shows_what_would_be_paid_and_writes_nothing(
    poster: Actor, make_contract: Callable[..., Contract], at: datetime
) -> None:
    contract = make_contract("C-1")

    shown = preview_receipt(
        actor=poster, contract_id="C-1", paid_on=AS_OF, amount_minor=1_040_000, at=at
    )
    posted = post(poster, contract, at, amount_minor=1_040_000)

    assert not Posting.objects.exclude(payment_id=posted.payment_id).exists()
    placed = [(one.seq, one.part, one.amount_minor) for one in shown.placed]
    assert placed == [
        *((1, "interest", 30_000), (1, "principal", 1_000_000)),
        (2, "interest", 10_000),
    ]
    account = statement(actor=poster, contract_id="C-1", at=at).account
    assert account.figures == shown.after
    assert [line.placed for line in account.lines if line.kind == "receipt"] == [shown.placed]
