"""The pages of a collector's day: what they show, in how many queries, and what they refuse."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from recoup.apps.arrangements.models import Promise
from recoup.apps.cases import actions
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.cases.models import Case, Entry, Task
from recoup.apps.contacts.models import Contact, Message
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE
from recoup.apps.portfolio.models import ContactPoint, Debtor, Publication
from recoup.web.house import strategy

AS_OF = date(2026, 11, 20)
#: What every page costs before it begins: session, staff, roles, duties, scopes, borrowed access.
SIGNED_IN = 8


@pytest.fixture(autouse=True)
def noon(monkeypatch, at):
    """Every request is made at noon in Shanghai on the business date."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)


@pytest.fixture
def wang(make_staff) -> Staff:
    return make_staff("collector", name="wang")


@pytest.fixture
def desk(wang) -> Client:
    client = Client()
    client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def book(make_debtor, make_contract, at):
    """Make people with a loan and a number, and bring the night; all of them go to wang."""

    def make(count: int = 1, **more: object) -> list[str]:
        ids = []
        for _ in range(count):
            debtor = make_debtor(**more)
            make_contract(debtor=debtor, dpd=47, overdue_principal_minor=790_000)
            ContactPoint.objects.create(
                debtor=debtor, kind="phone", value=debtor.phone, source="contract", from_night=True
            )
            ids.append(debtor.pk)
        bring_all(Day(on=AS_OF, at=at, strategy=strategy()))
        actions.spread(actor=MACHINE, at=at)
        return ids

    return make


def test_my_day_ranks_the_list_and_shows_the_first_person(desk, book, wang):
    ids = book(3)

    page = desk.get(reverse("cases:my-day")).content.decode()

    assert all(f'data-debtor="{one}"' in page for one in ids)
    assert "李**" in page
    assert "李小明" not in page
    assert "May be called until 22:00" in page


@pytest.mark.parametrize("count", [2, 12])
def test_my_day_costs_a_fixed_number_of_queries(
    desk, book, wang, count, django_assert_max_num_queries
):
    book(count)
    desk.get(reverse("cases:my-day"))

    with django_assert_max_num_queries(SIGNED_IN + 20):
        desk.get(reverse("cases:my-day"))


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_costs_a_fixed_number_of_queries(
    desk, book, wang, count, django_assert_max_num_queries
):
    book(count)
    desk.get(reverse("cases:list"))

    with django_assert_max_num_queries(SIGNED_IN + 9):
        desk.get(reverse("cases:list"))


def test_a_case_page_costs_the_same_however_long_its_timeline_is(
    desk, book, wang, act_as, at, django_assert_max_num_queries
):
    (debtor_id,) = book()
    actor = act_as("collector")
    for number in range(20):
        actions.add_note(actor=actor, debtor_id=debtor_id, text=f"note {number}", at=at)

    with django_assert_max_num_queries(SIGNED_IN + 42):
        answer = desk.get(reverse("cases:case", args=[debtor_id]))

    assert b"chain intact" in answer.content


def test_an_empty_list_says_so_kindly(desk, wang):
    page = desk.get(reverse("cases:my-day")).content.decode()

    assert "Your list is done for now." in page


def test_an_outcome_is_logged_by_its_button_and_can_be_undone(desk, book, wang):
    (debtor_id,) = book()

    answer = desk.post(
        reverse("cases:log", args=[debtor_id]),
        {"where": "day", "outcome": "no_answer", "channel": "call", "key": "k1"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 200
    contact = Contact.objects.get()
    page = answer.content.decode()
    assert reverse("cases:undo-contact", args=[contact.pk]) in page
    assert 'data-worked="no answer"' in page
    assert contact.number


def test_a_promise_is_booked_with_the_amount_that_is_owed(desk, book, wang, night_result, at):
    Publication.objects.create(
        as_of=AS_OF,
        published_at=at,
        result_folder=str(night_result),
        result_hash="x",
        is_current=True,
    )
    (debtor_id,) = book()

    answer = desk.post(
        reverse("cases:promise", args=[debtor_id]),
        {"where": "day", "amount": "7,900.00", "due_on": "2026-11-24"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 200, answer.content.decode()
    made = Promise.objects.get()
    case = Case.objects.get(pk=debtor_id)
    assert (made.amount_minor, made.due_on) == (790_000, date(2026, 11, 24))
    assert (case.status, case.queue, case.promise_due_on) == ("promised", 2, date(2026, 11, 24))


def test_who_owes_in_two_currencies_is_asked_about_the_loan_most_in_arrears(
    desk, book, wang, make_contract
):
    (debtor_id,) = book()
    owner = Debtor.objects.get(pk=debtor_id)
    make_contract("K-LARGE", debtor=owner, overdue_principal_minor=2_000_000)
    make_contract("K-USD", debtor=owner, currency="USD", overdue_principal_minor=100)

    page = desk.get(f"/my-day/person/{debtor_id}").content.decode()

    form = page.partition('data-panel="promise"')[2].partition("</form>")[0]
    assert 'value="K-LARGE" selected' in form
    assert re.search(r'name="amount"[^>]*value="20340.11"', form)
    assert "any loan" not in form


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("cases:promise", {"amount": "plenty", "due_on": "2026-11-24"}),
        ("cases:promise", {"amount": "1", "due_on": "soon"}),
        ("cases:log", {"outcome": "singing"}),
        ("cases:note", {"text": ""}),
        ("cases:task", {"kind": "call_back", "title": "", "due_at": "2026-11-24"}),
        ("cases:task", {"kind": "call_back", "title": "x", "due_at": "never"}),
    ],
)
def test_bad_input_is_refused_with_a_sentence(desk, book, wang, name, sent):
    (debtor_id,) = book()

    answer = desk.post(reverse(name, args=[debtor_id]), sent, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert b"rc-refusal" in answer.content


def test_another_teams_case_is_not_found(desk, wang, make_debtor, at):
    make_debtor("D9", team="T9", branch="B9")
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))

    for name in ("cases:case", "cases:person", "cases:timeline", "cases:review"):
        assert desk.get(reverse(name, args=["D9"])).status_code == 404
    assert desk.post(reverse("cases:note", args=["D9"]), {"text": "x"}).status_code == 404


def test_a_collector_has_no_page_to_assign(desk, book, wang):
    (debtor_id,) = book()

    assert desk.get(reverse("cases:assign", args=[debtor_id])).status_code == 403


def test_an_auditor_reads_a_case_and_writes_nothing(book, wang, make_staff):
    (debtor_id,) = book()
    client = Client()
    client.force_login(
        make_staff("auditor", scope=("bank", "")),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    seen = client.get(reverse("cases:case", args=[debtor_id]))
    refused = client.post(reverse("cases:note", args=[debtor_id]), {"text": "x"})

    assert (seen.status_code, refused.status_code) == (200, 403)
    assert Entry.objects.filter(kind="note").count() == 0


def test_a_supervisor_assigns_and_is_offered_to_undo(book, wang, make_staff):
    (debtor_id,) = book()
    other = make_staff("collector", name="zhou")
    supervisor = Client()
    supervisor.force_login(
        make_staff("supervisor"), backend="django.contrib.auth.backends.ModelBackend"
    )
    supervisor.cookies["django_language"] = "en"

    chosen = supervisor.get(reverse("cases:assign", args=[debtor_id]))
    moved = supervisor.post(
        reverse("cases:assign", args=[debtor_id]),
        {"staff": other.pk, "version": Case.objects.get(pk=debtor_id).version},
        follow=True,
    )

    assert b"has it now" in chosen.content
    assert b"1 case assigned." in moved.content
    assert b"Undo" in moved.content
    assert Case.objects.get(pk=debtor_id).collector_id == other.pk


def test_the_later_of_two_supervisors_is_told(book, wang, make_staff):
    (debtor_id,) = book()
    supervisor = Client()
    supervisor.force_login(
        make_staff("supervisor"), backend="django.contrib.auth.backends.ModelBackend"
    )
    stale = Case.objects.get(pk=debtor_id).version - 1

    answer = supervisor.post(
        reverse("cases:assign", args=[debtor_id]), {"staff": wang.pk, "version": stale}
    )

    assert answer.status_code == 409


def test_a_hand_over_is_offered_and_accepted_on_the_pages(desk, book, wang, make_staff):
    (debtor_id,) = book()
    counsel = make_staff("counsel", name="song")
    other = Client()
    other.force_login(counsel, backend="django.contrib.auth.backends.ModelBackend")

    offered = desk.post(
        reverse("cases:hand-over", args=[debtor_id]),
        {"taker": counsel.pk, "note": "papers are complete", "accept_by": "2026-11-21T18:00"},
    )
    day = other.get(reverse("cases:my-day")).content.decode()
    key = Case.objects.get(pk=debtor_id).pk
    offer = reverse("cases:settle-hand-over", args=[1]).replace("1/settle", "")
    address = next(part.split('"')[0] for part in day.split('action="') if part.startswith(offer))
    settled = other.post(address, {"answer": "accept"})

    assert (offered.status_code, settled.status_code) == (302, 302)
    assert Case.objects.get(pk=key).collector_id == counsel.pk


def test_a_review_keeps_what_was_typed_when_it_is_refused(desk, book, wang):
    (debtor_id,) = book()

    refused = desk.post(
        reverse("cases:review", args=[debtor_id]),
        {"ability": "change", "ability-remark": "works again", "changes": ""},
    )

    assert refused.status_code == 422
    assert b"works again" in refused.content


def test_a_task_is_done_from_the_day(desk, book, wang, at):
    (debtor_id,) = book()
    desk.post(
        reverse("cases:task", args=[debtor_id]),
        {"kind": "call_back", "title": "call at five", "due_at": "2026-11-20T17:00"},
    )
    task = Task.objects.get()

    shown = desk.get(reverse("cases:my-day")).content.decode()
    desk.post(reverse("cases:task-done", args=[task.pk]), {"version": 1})

    assert "call at five" in shown
    assert Task.objects.get().done_by_id == wang.pk


def test_claim_next_opens_the_case_in_the_day(desk, wang, make_debtor, at):
    make_debtor("D1")
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))

    claimed = desk.post(reverse("cases:claim"), headers={"HX-Request": "true"})
    nothing = desk.post(reverse("cases:claim"), headers={"HX-Request": "true"})

    assert claimed["HX-Redirect"] == "/my-day/?person=D1"
    assert b"The pool holds nothing" in nothing.content


def test_the_book_id_may_hold_strokes(desk, wang, make_debtor, at):
    make_debtor("C/2026/7", worst_dpd=47)
    bring_all(Day(on=AS_OF, at=at, strategy=strategy()))

    assert desk.get(reverse("cases:case", args=["C/2026/7"])).status_code == 200


def test_both_languages_are_whole(desk, book, wang):
    (debtor_id,) = book()
    desk.cookies["django_language"] = "zh-hans"

    page = desk.get(reverse("cases:case", args=[debtor_id])).content.decode()

    assert "链条完整" in page
    assert "chain intact" not in page
    assert Debtor.objects.get(pk=debtor_id).name not in page


@pytest.mark.parametrize(
    ("role", "first"),
    [
        ("collector", "cases:my-day"),
        ("counsel", "cases:my-day"),
        ("supervisor", "analytics:board"),
        ("auditor", "compliance:trail"),
        ("administrator", "people:staff"),
    ],
)
def test_everybodys_first_page_is_that_of_the_own_work(make_staff, role, first):
    client = Client()
    client.force_login(make_staff(role), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/")["Location"] == reverse(first)


def test_a_message_is_written_at_the_desk_and_waits_to_leave(desk, book, wang):
    (debtor_id,) = book()
    written = {"text": "您好，请在方便时与我们联系。", "channel": "sms", "key": "once"}

    for _ in range(2):
        answer = desk.post(reverse("cases:write", args=[debtor_id]), written)

    assert answer.status_code == 302
    assert Message.objects.get().body == written["text"]


def test_a_threat_is_not_written_and_the_better_phrase_is_told(desk, book, wang):
    (debtor_id,) = book()

    answer = desk.post(
        reverse("cases:write", args=[debtor_id]), {"text": "再不还款就抓你坐牢！", "channel": "sms"}
    )

    assert answer.status_code == 422
    assert "Better" in answer.content.decode()
    assert not Message.objects.exists()
