"""The pages: for staff, and the one for anybody."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Task
from recoup.apps.complaints.actions import Answering, answer_complaint
from recoup.apps.complaints.models import Complaint
from recoup.apps.compliance.models import Export
from recoup.apps.portfolio.models import Hold
from recoup.web.house import strategy

ON = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def clock(monkeypatch, at):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)


def signed_in(staff, language="zh-hans"):
    client = Client()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


FORM = {
    "category": "words",
    "source": "call",
    "received_on": "2026-11-20",
    "words": "说话很凶",
    "complainant": "李小明",
    "relation": "debtor",
    "language": "zh",
    "key": "k1",
    "debtor": "D1",
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_form_to_the_answer(person, make_staff, language):
    desk = signed_in(make_staff("supervisor"), language)
    form = desk.get(reverse("complaints:new"), {"debtor": "D1"})
    assert 'name="debtor" value="D1"' in form.content.decode()

    made = desk.post(reverse("complaints:new"), FORM)

    number = Complaint.objects.get().number
    assert made["Location"] == reverse("complaints:one", args=[number])
    page = desk.get(made["Location"]).content.decode()
    assert "2026-12-05" in page
    assert "CN-CON-32" in page
    assert "EX-HOLD-COMPLAINT" in page
    assert number in desk.get(reverse("complaints:list")).content.decode()
    answered = desk.post(
        reverse("complaints:answer", args=[number]),
        {
            "finding": "upheld",
            "answer": "录音属实。",
            "redress": "apology",
            "redress_words": "向您道歉。",
            "root_cause": "training",
            "language": "zh",
            "version": str(Complaint.objects.get().version),
        },
    )
    assert answered.status_code == 302
    letter = desk.get(reverse("complaints:letter", args=[number]))
    assert b"".join(letter.streaming_content)[:5] == b"%PDF-"
    assert Hold.objects.get().lifted_on is not None


def test_what_was_typed_stays_when_it_is_refused(person, make_staff):
    desk = signed_in(make_staff("collector"))

    answer = desk.post(reverse("complaints:new"), FORM | {"received_on": "2027-01-01"})

    assert answer.status_code == 422
    assert "说话很凶" in answer.content.decode()
    assert not Complaint.objects.exists()


def test_a_case_page_says_why_nothing_is_collected_and_until_when(person, make_staff, at):
    bring_all(Day(on=ON, at=at, strategy=strategy()))
    desk = signed_in(make_staff("supervisor"))
    desk.post(reverse("complaints:new"), FORM)
    number = Complaint.objects.get().number

    page = desk.get(reverse("cases:case", args=["D1"])).content.decode()

    assert number in page
    assert "最迟 2026-12-05 答复" in page
    assert reverse("complaints:one", args=[number]) in page
    page = signed_in(make_staff("collector"), "en").get(reverse("cases:person", args=["D1"]))
    assert "to be answered by 2026-12-05; nothing is collected meanwhile" in page.content.decode()


def test_the_answer_is_a_task_of_the_case_until_it_is_given(person, make_staff, compliance, at):
    bring_all(Day(on=ON, at=at, strategy=strategy()))
    staff = make_staff("supervisor")
    desk = signed_in(staff)
    desk.post(reverse("complaints:new"), FORM)
    number = Complaint.objects.get().number
    desk.post(reverse("complaints:owner", args=[number]), {"staff": str(staff.pk)})
    made = Task.objects.get()
    assert (made.assignee, made.due_at.date().isoformat()) == (staff, "2026-12-05")

    desk.post(reverse("complaints:period", args=[number]), {"period": "complex", "why": "多方核实"})

    made.refresh_from_db()
    longer = Task.objects.get(cancelled_at=None)
    assert made.cancelled_at == at
    assert longer.due_at.date().isoformat() == "2026-12-20"
    answer_complaint(
        actor=compliance,
        number=number,
        answering=Answering(
            finding="upheld",
            answer="属实。",
            redress="apology",
            redress_words="致歉。",
            root_cause="training",
        ),
        version=None,
        at=at,
    )
    longer.refresh_from_db()
    assert longer.done_at == at


def test_the_bar_offers_it_with_the_person_of_the_page(person, make_staff):
    desk = signed_in(make_staff("collector"))

    page = desk.get(reverse("portfolio:debtor", args=["D1"])).content.decode()

    assert 'href="/complaints/new?debtor=D1"' in page


def test_one_of_nobody_is_matched_on_its_page(person, make_staff, compliance):
    anybody().post(reverse("complaints:complain"), WEB)
    number = Complaint.objects.get().number
    desk = signed_in(make_staff("compliance_officer", scope=("bank", "")))
    page = desk.get(reverse("complaints:one", args=[number])).content.decode()
    assert 'value="D1"' in page
    assert "13800000001" in page

    desk.post(reverse("complaints:match", args=[number]), {"debtor": "D1", "version": "2"})

    assert Complaint.objects.get().debtor_id == "D1"


def test_the_quarter_leaves_the_house_with_a_watermark_and_on_record(person, make_staff, take):
    take(about_agency="=cmd|calc")
    officer = make_staff("compliance_officer", scope=("bank", ""))
    desk = signed_in(officer)

    page = desk.get(reverse("complaints:figures"), {"quarter": "2026Q4"})
    file = desk.get(reverse("complaints:figures"), {"quarter": "2026Q4", "as": "csv"})

    assert "2026Q4" in page.content.decode()
    said = file.content.decode("utf-8-sig")
    assert "2026Q4,received,,1" in said
    assert "2026Q4,agencies,'=cmd|calc,1" in said
    export = Export.objects.get()
    assert said.strip().endswith(export.watermark)
    assert export.kind == "complaint_figures"
    auditor = signed_in(make_staff("auditor", scope=("bank", "")))
    refused = auditor.get(reverse("complaints:figures"), {"quarter": "2026Q4", "as": "csv"})
    assert refused.status_code == 403


WEB = {
    "category": "third_party",
    "words": "请不要再打给我",
    "complainant": "李小明",
    "relation": "contact",
    "reach_at": "13800000001",
    "names": "C1",
}


def anybody(**more):
    return Client(headers={"accept-language": "zh-CN"}, **more)


def test_anybody_complains_and_is_told_a_number_and_a_day(person):
    client = anybody()
    assert client.get(reverse("complaints:complain")).status_code == 200

    answer = client.post(reverse("complaints:complain"), WEB).content.decode()

    made = Complaint.objects.get()
    assert made.number in answer
    assert "2026-12-05" in answer
    assert (made.debtor_id, made.source) == ("", "portal")


def test_nobody_is_told_whether_somebody_is_known(person):
    known = anybody().post(reverse("complaints:complain"), WEB).content.decode()
    unknown = (
        anybody()
        .post(
            reverse("complaints:complain"),
            WEB | {"complainant": "无此人", "reach_at": "13999999999", "names": "C999"},
        )
        .content.decode()
    )

    first, second = (one.number for one in Complaint.objects.order_by("pk"))
    assert plain(known).replace(first, "") == plain(unknown).replace(second, "")


def plain(page):
    """Yield a page without what differs between any two requests."""
    return re.sub(
        r'(Nonce":|csrfmiddlewaretoken" value=|X-CSRFToken": |data-csrf=)"[^"]*"', "", page
    )


def test_a_page_elsewhere_cannot_send_the_form(person):
    client = anybody(enforce_csrf_checks=True)

    assert client.post(reverse("complaints:complain"), WEB).status_code == 403
    assert not Complaint.objects.exists()


def test_too_many_from_one_address_are_put_off(person):
    client = anybody()
    for number in range(5):
        client.post(reverse("complaints:complain"), WEB | {"words": f"第{number}件"})

    answer = client.post(reverse("complaints:complain"), WEB | {"words": "再一件"})

    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "再一件" in answer.content.decode()


@pytest.mark.parametrize("missing", ["words", "complainant", "reach_at", "category"])
def test_the_form_of_anybody_says_what_is_missing(person, missing):
    answer = anybody().post(reverse("complaints:complain"), WEB | {missing: ""})

    assert answer.status_code == 422
    assert not Complaint.objects.exists()
