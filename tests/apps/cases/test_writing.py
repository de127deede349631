"""Writing to the debtor: a text of ours with the person's own figures, or words of staff's own."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from recoup.apps.arrangements.models import Promise
from recoup.apps.cases import actions
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.contacts.actions import Wish, set_preference
from recoup.apps.contacts.models import GateDecision, Message
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
HEAD = {"name": "示例银行", "phone": "400-000-0000", "address": "示例路 1 号", "unit": "清收中心"}
ENGLISH = HEAD | {"name": "Example Bank", "address": "1 Example Road"}
BACKEND = "django.contrib.auth.backends.ModelBackend"
SOFT = {"channel": "sms", "text_purpose": "soft_message", "language": "zh"}


@pytest.fixture
def debtor(make_debtor, make_contract, at):
    """47 days past due with 8,240.11, in a case of its own."""
    made = make_debtor("D1", email="li@example.com")
    make_contract("C1", debtor=made, dpd=47)
    for kind, value in (("phone", made.phone), ("email", made.email)):
        ContactPoint.objects.create(
            debtor=made, kind=kind, value=value, source="contract", from_night=True
        )
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
    return made


@pytest.fixture
def desk(make_staff, debtor, monkeypatch, settings, at):
    """A collector at ten, in front of a bank that has said who it is."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    settings.LETTERHEAD = {"zh": HEAD, "en": ENGLISH}
    settings.COMPLAINT_PHONE = "400-000-0001"
    ways = {"ways": "手机银行", "account": "还款专户"}
    settings.HOW_TO_PAY = {"zh": ways, "en": {"ways": "the app", "account": "our account"}}
    client = Client()
    client.force_login(make_staff("collector"), backend=BACKEND)
    client.cookies["django_language"] = "en"
    actions.spread(actor=MACHINE, at=at)
    return client


def text_of(desk, **sent):
    """Yield the draft that the desk shows for what is chosen."""
    answer = desk.post(reverse("cases:draft", args=["D1"]), SOFT | sent)
    assert answer.status_code == 200
    return answer.context["text"]


def send(desk, text, **sent):
    return desk.post(reverse("cases:write", args=["D1"]), SOFT | {"text": text} | sent)


def test_a_text_of_ours_names_the_persons_own_figures_and_goes_out_bound_to_its_version(desk):
    text = text_of(desk)
    assert "8,240.11元" in text
    assert "示例银行" in text

    answer = send(desk, text.replace("\n", "\r\n"))

    assert answer.status_code == 302
    decision = GateDecision.objects.get()
    assert (decision.text_version, decision.purpose) == ("soft@1", "collect")
    assert Message.objects.get().body == text


def test_an_edited_text_is_words_of_staffs_own(desk):
    answer = send(desk, text_of(desk).replace("谢谢", "感谢您"))

    assert answer.status_code == 302
    assert GateDecision.objects.get().text_version == ""


def test_an_edited_text_that_no_longer_says_how_to_complain_is_stopped(desk):
    text = text_of(desk).replace("投诉400-000-0001。", "")

    answer = send(desk, text)

    told = answer.content.decode()
    assert answer.status_code == 422
    assert "It no longer says: how to complain." in told
    assert "投诉400-000-0001。" in told
    assert not Message.objects.exists()


def test_a_wrong_amount_and_a_threat_are_marked_with_something_better(desk):
    text = text_of(desk).replace("8,240.11元", "9,999.00元") + "再不还款就抓你坐牢！"

    told = send(desk, text).content.decode()

    assert "<mark>9,999.00元</mark>" in told
    assert "坐牢" in told.partition("<mark>")[2]
    assert "Better" in told


def test_what_the_desk_does_not_know_is_asked_for_and_then_the_text_appears(desk):
    wanted = {"channel": "email", "text_purpose": "demand_letter"}
    answer = desk.post(reverse("cases:draft", args=["D1"]), SOFT | wanted)
    assert answer.context["text"] == ""
    assert [one.name for one in answer.context["draft"].missing] == ["pay_by", "penalty"]

    typed = {"value:pay_by": "2026-12-05", "value:penalty": "0"}
    text = text_of(desk, **wanted, **typed)
    assert "请您在2026年12月5日前归还" in text
    answer = send(desk, text, **wanted, **typed)

    assert answer.status_code == 302, answer.content.decode()
    assert GateDecision.objects.get().text_version == "demand@1"


def test_a_typed_amount_must_be_the_ledgers_too(desk):
    wanted = {"channel": "email", "text_purpose": "demand_letter"}
    typed = {"value:pay_by": "2026-12-05", "value:penalty": "500"}

    answer = send(desk, text_of(desk, **wanted, **typed), **wanted, **typed)

    assert answer.status_code == 422
    assert "<mark>500.00元</mark>" in answer.content.decode()


def test_the_text_that_fits_the_case_and_the_person_comes_first(desk, act_as, at):
    actor = act_as("supervisor")
    wish = Wish(channel="email", language="en")
    set_preference(actor=actor, debtor_id="D1", wish=wish, version=0, at=at)

    text = text_of(desk, text_purpose="fitting", language="")
    page = desk.get(reverse("cases:case", args=["D1"])).content.decode()

    assert "Good day" in text
    assert "CNY 8,240.11" in text
    assert '<option value="email" selected>e-mail ★' in page
    assert "Prefers" in desk.get(reverse("cases:my-day")).content.decode()


def test_a_broken_promise_has_a_text_with_what_was_promised(desk, make_staff):
    Promise.objects.create(
        promise_id="P1",
        debtor_id="D1",
        currency="CNY",
        amount_minor=123_400,
        made_on=date(2026, 11, 1),
        due_on=date(2026, 11, 10),
        lapses_on=date(2026, 11, 12),
        status="broken",
        made_by=make_staff("collector"),
    )

    text = text_of(desk, text_purpose="broken_promise")
    answer = send(desk, text, text_purpose="broken_promise")

    assert "1,234.00元" in text
    assert answer.status_code == 302, answer.content.decode()
    assert GateDecision.objects.get().text_version == "promise-open@1"


def test_to_a_guarantor_go_own_words_about_the_loan_chosen(
    desk, debtor, make_debtor, make_contract
):
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", party="guarantor", value="13900000009", source="contract"
    )
    make_contract("C9", debtor=make_debtor("D9"))
    to_guarantor = {"to": "guarantor", "about": "C1", "text_purpose": "", "purpose": "notice"}

    assert text_of(desk, to="guarantor") == ""
    words = "您好，这里是示例银行。您担保的贷款 C1 已逾期，请致电 400-000-0000 与我们联系。"
    answer = send(desk, words, **to_guarantor)

    assert answer.status_code == 302, answer.content.decode()
    decision = GateDecision.objects.get()
    assert (decision.party, decision.contract_id, decision.number) == (
        *("guarantor", "C1"),
        "13900000009",
    )
    assert send(desk, words, **to_guarantor | {"about": "C9"}).status_code == 404
    assert send(desk, words, **to_guarantor | {"to": "everybody"}).status_code == 422


def test_a_look_at_the_words_sends_nothing(desk):
    looked = {"text": text_of(desk)} | SOFT

    told = desk.post(reverse("cases:look-at", args=["D1"]), looked).content.decode()

    assert "These words may be said" in told
    assert "and the moment permits it" in told
    assert not GateDecision.objects.exists()


def test_a_refused_moment_tells_when_and_what_may_be_done_instead(desk, monkeypatch, at):
    night = at.replace(hour=14, minute=30)
    monkeypatch.setattr("recoup.site.presence.now", lambda: night)

    answer = send(desk, text_of(desk))

    told = answer.content.decode()
    assert answer.status_code == 422
    assert "CN-CON-02" in told
    assert "2026-11-21 08:00" in told
    assert "Instead" in told
