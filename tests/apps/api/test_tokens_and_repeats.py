"""Programs call with tokens that are never stronger than the person; repeats are done once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from recoup.api import hooks, repeats, tokens
from recoup.api.models import Delivery, KeptAnswer, Token, WebHook
from recoup.apps.people.models import Staff

NOW = datetime.now(tz=UTC)
MakeStaff = Callable[..., Staff]


def token_for(staff: Staff, *scopes: str, days: int = 30, at: datetime = NOW) -> str:
    tokens.make_token(
        staff_id=staff.pk, name="t", scopes=frozenset(scopes), secret="s3cret", days=days, at=at
    )
    return f"{tokens.PREFIX}s3cret"


def get_me(client: Client, secret: str, language: str = "en"):
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}
    return client.get("/api/me", headers=headers)


def test_a_token_carries_only_duties_that_its_person_has(
    client: Client, make_staff: MakeStaff
) -> None:
    secret = token_for(make_staff("collector"), "view cases", "configure people")

    answer = get_me(client, secret)

    assert answer.status_code == 200
    assert answer.json()["duties"] == ["view cases"]


@pytest.mark.parametrize("fault", ["expired", "withdrawn", "left the bank", "never made"])
def test_a_dead_token_gets_a_problem_document_in_both_languages(
    client: Client, make_staff: MakeStaff, fault: str
) -> None:
    staff = make_staff("collector")
    secret = token_for(staff, "view cases")
    if fault == "expired":
        Token.objects.update(expires_at=NOW - timedelta(days=1))
    elif fault == "withdrawn":
        token_id = Token.objects.get().pk
        assert tokens.withdraw_token(staff_id=staff.pk, token_id=token_id, at=NOW)
    elif fault == "left the bank":
        Staff.objects.update(is_active=False)
    else:
        secret = "recoup_nonsense"

    answer = get_me(client, secret, "zh-hans")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "令牌" in answer.json()["detail"]
    assert "token" in answer.json()["detail_en"]


def test_a_secret_is_kept_only_as_its_hash(make_staff: MakeStaff) -> None:
    secret = token_for(make_staff("collector"), "view cases")

    assert secret not in str(list(Token.objects.values()))


def repeat_of(staff: Staff, *, key: str = "k", amount: int = 5) -> repeats.Repeat:
    if not Token.objects.exists():
        token_for(staff, "post ledger")
    return repeats.Repeat(
        token_id=Token.objects.get().pk,
        key=key,
        method="POST",
        path="/api/receipts",
        content={"amount": amount},
        at=NOW,
    )


def test_the_same_request_twice_is_done_once(make_staff: MakeStaff) -> None:
    staff, done = make_staff("supervisor"), []

    def act() -> dict[str, object]:
        done.append(1)
        return {"receipt": len(done)}

    first = repeats.done_once(repeat_of(staff), act)
    second = repeats.done_once(repeat_of(staff), act)

    assert first == second == {"receipt": 1}
    assert len(done) == 1


def test_a_key_of_another_request_is_refused(make_staff: MakeStaff) -> None:
    staff = make_staff("supervisor")
    repeats.done_once(repeat_of(staff), dict)

    with pytest.raises(repeats.KeyUsedOtherwise, match="new key"):
        repeats.done_once(repeat_of(staff, amount=6), dict)


def test_an_act_that_was_refused_keeps_no_answer(make_staff: MakeStaff) -> None:
    staff = make_staff("supervisor")

    def refuse() -> dict[str, object]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        repeats.done_once(repeat_of(staff), refuse)

    assert not KeptAnswer.objects.exists()
    assert repeats.done_once(repeat_of(staff), lambda: {"a": 1}) == {"a": 1}


def hook_of(staff: Staff, *kinds: str) -> WebHook:
    return WebHook.objects.create(
        staff=staff,
        url="https://bank.example/hook",
        secret="whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        kinds=list(kinds),
        made_at=NOW,
    )


def test_a_hook_is_told_of_the_kinds_it_asked_for_and_signed(make_staff: MakeStaff) -> None:
    hook_of(make_staff("administrator"), "receipt.posted")
    letters = []

    def send(url: str, body: bytes, headers: dict[str, str]) -> int:
        letters.append((body, headers))
        return 204

    hooks.tell_hooks(kind="receipt.posted", payload={"payment_id": "P1"}, at=NOW)
    hooks.tell_hooks(kind="case.opened", payload={"debtor_id": "D1"}, at=NOW)
    sent = hooks.send_due(at=NOW, send=send)

    assert sent.delivered == 1
    [(body, headers)] = letters
    verified = hooks.Webhook(WebHook.objects.get().secret).verify(body, headers)
    assert verified["data"] == {"payment_id": "P1"}
    with pytest.raises(Exception, match="signature"):
        hooks.Webhook(WebHook.objects.get().secret).verify(body + b" ", headers)


def test_a_letter_that_does_not_arrive_is_tried_again_and_dies_at_last(
    make_staff: MakeStaff,
) -> None:
    hook_of(make_staff("administrator"))
    hooks.tell_hooks(kind="case.opened", payload={}, at=NOW)

    at, rounds = NOW, 0
    while Delivery.objects.get().status == Delivery.Status.WAITING:
        hooks.send_due(at=at, send=lambda *_: 500)
        at, rounds = Delivery.objects.get().next_try_at, rounds + 1

    assert rounds == len(hooks.WAITS) + 1
    assert Delivery.objects.get().status == Delivery.Status.DEAD
    assert at - NOW == sum(hooks.WAITS, timedelta())
    assert hooks.send_again(delivery_id=Delivery.objects.get().pk, at=at)
    assert hooks.send_due(at=at, send=lambda *_: 200).delivered == 1


def test_nobody_is_told_of_an_act_that_was_undone(make_staff: MakeStaff) -> None:
    hook_of(make_staff("administrator"))

    def undone() -> None:
        with transaction.atomic():
            hooks.tell_hooks(kind="case.opened", payload={}, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()

    assert not Delivery.objects.exists()
