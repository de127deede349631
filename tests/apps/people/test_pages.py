"""The pages of people: lists and forms for who may, and for nobody else."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.models import Absence, PortfolioHandOver, Role, Scope, Staff, Team

MakeStaff = Callable[..., Staff]


def page_of(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def form_of(staff: Staff, **changed: Any) -> dict[str, Any]:
    return {
        "version": staff.version,
        "username": staff.username,
        "display_name": staff.display_name,
        "staff_number": staff.staff_number,
        "language": "zh-hans",
        "team": "T1",
        "branch": "B1",
        "roles": [role.code for role in staff.roles.all()],
        "case_capacity": 150,
        "is_active": "on",
        **changed,
    }


@pytest.fixture
def administrator(make_staff: MakeStaff) -> Client:
    return page_of(make_staff("administrator", name="系统管理员"))


def test_the_list_is_filtered_and_keeps_to_its_queries(
    make_staff: MakeStaff, administrator: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make_staff("collector", name=f"member-{number:02}", team=f"T{number % 2 + 1}")
    administrator.get("/people/")

    with django_assert_max_num_queries(18):
        page = administrator.get("/people/?team=T2&role=collector")
    assert page.context["page"].paginator.count == 30
    assert administrator.get("/people/?q=member-07").context["page"].paginator.count == 1


def test_a_new_member_of_staff_is_made_on_the_page(
    make_staff: MakeStaff, administrator: Client
) -> None:
    make_staff("collector")  # brings the team along
    form = {
        "version": 0,
        "username": "lin",
        "display_name": "林晓",
        "staff_number": "C0100",
        "language": "zh-hans",
        "team": "T1",
        "roles": ["collector"],
        "skills": ["hardship"],
        "spoken": ["zh", "yue"],
        "case_capacity": 90,
        "conflicts": "D1\nD2\n",
        "password": "first pass phrase",
        "scope": "team",
        "is_active": "on",
    }

    weak = administrator.post("/people/new", {**form, "password": "123"})
    made = administrator.post("/people/new", form)

    assert weak.status_code == 422
    assert "林晓" in weak.content.decode(), "what was typed is still there"
    staff = Staff.objects.get(username="lin")
    assert made.headers["Location"] == f"/people/{staff.pk}/"
    assert (staff.spoken, staff.conflicts, staff.case_capacity) == (["zh", "yue"], ["D1", "D2"], 90)
    assert Scope.objects.get(staff=staff).value == "T1"
    assert staff.must_change_password


def test_the_later_of_two_is_told_on_the_page(make_staff: MakeStaff, administrator: Client) -> None:
    staff = make_staff("collector", name="wang")

    administrator.post(f"/people/{staff.pk}/", form_of(staff, case_capacity=90))
    later = administrator.post(f"/people/{staff.pk}/", form_of(staff, case_capacity=10))

    assert later.status_code == 409
    assert "系统管理员" in later.content.decode()
    assert Staff.objects.get(pk=staff.pk).case_capacity == 90


def test_the_matrix_gives_and_takes_duties_and_bars_what_must_be_apart(
    administrator: Client,
) -> None:
    collector, auditor = (Role.objects.get(code=code) for code in ("collector", "auditor"))
    ticked = [
        f"{role.pk}:{duty.verb} {duty.room}"
        for role in Role.objects.prefetch_related("duties")
        for duty in role.duties.all()
    ]
    versions = {f"version-{role.pk}": role.version for role in Role.objects.all()}
    given = f"{collector.pk}:post ledger"

    administrator.post("/people/roles/", {**versions, "duty": [*ticked, given]})
    refused = administrator.post(
        "/people/roles/", {**versions, "duty": [*ticked, f"{auditor.pk}:work cases"]}
    )

    assert collector.duties.filter(verb="post", room="ledger").exists()
    assert refused.status_code in (409, 422)
    assert not auditor.duties.filter(verb="work").exists()
    assert (
        f'value="{auditor.pk}:work cases"'
        not in administrator.get("/people/roles/").content.decode()
    )


def test_places_and_roles_are_made_and_renamed(administrator: Client) -> None:
    administrator.post("/people/places/branches/new", {"version": 0, "code": "B7", "name": "滨江"})
    administrator.post(
        "/people/places/teams/new", {"version": 0, "code": "T7", "name": "七组", "branch": "B7"}
    )
    team = Team.objects.get(code="T7")
    assert team.branch is not None
    assert team.branch.name == "滨江"

    address = f"/people/places/teams/{team.pk}/"
    administrator.post(address, {"version": 1, "code": "T7", "name": "法律组", "branch": "B7"})
    stale = administrator.post(address, {"version": 1, "code": "T7", "name": "x", "branch": ""})
    assert (stale.status_code, Team.objects.get(code="T7").name) == (409, "法律组")

    role = {"version": 0, "code": "trainee", "name_zh": "实习", "name_en": "trainee"}
    administrator.post("/people/roles/new", {**role, "approves_up_to": "12.34"})
    assert Role.objects.get(code="trainee").approves_up_to_minor == 1234


def test_one_hands_the_own_portfolio_over_on_the_own_page(make_staff: MakeStaff) -> None:
    giver, taker = make_staff("collector", name="giver"), make_staff("collector", name="taker")
    mine, theirs = page_of(giver), page_of(taker)
    offer = {
        "taker": taker.pk,
        "note": "周五给李**回电",
        "accept_on": "2099-11-22",
        "last_on": "2099-12-01",
    }

    assert mine.post(f"/people/{giver.pk}/hand-overs", {**offer, "note": ""}).status_code == 422
    mine.post(f"/people/{giver.pk}/hand-overs", offer)
    made = PortfolioHandOver.objects.get()
    assert "周五给李**回电" in theirs.get("/people/me/").content.decode()
    theirs.post(f"/people/hand-overs/{made.pk}/accept")

    assert Scope.objects.filter(staff=taker, kind="portfolio", value=str(giver.pk)).exists()
    mine.post(f"/people/hand-overs/{made.pk}/return", {"remark": "回来了"})
    assert not Scope.objects.filter(staff=taker, kind="portfolio").exists()


def test_one_records_the_own_absence_to_the_last_day(make_staff: MakeStaff) -> None:
    staff = make_staff("collector")
    client = page_of(staff)

    client.post(
        f"/people/{staff.pk}/absences",
        {"from_on": "2099-11-23", "last_on": "2099-11-25", "stand_in": "", "reason": "年假"},
    )

    absence = Absence.objects.get(staff=staff)
    assert (absence.from_on, absence.until_on) == (date(2099, 11, 23), date(2099, 11, 26))
    client.post(f"/people/absences/{absence.pk}/cancel")
    assert not Absence.objects.exists()


def test_the_chosen_language_stays(make_staff: MakeStaff) -> None:
    client = page_of(make_staff("collector"))

    answer = client.post("/people/me/language", {"language": "en"}, follow=True)

    assert "My page" in answer.content.decode()
    assert "Language and signing in" in client.get("/people/me/").content.decode()
    assert client.post("/people/me/language", {"language": "xx"}).status_code == 422


PAGES = ("", "new", "roles/", "roles/new", "places/", "places/teams/new", "borrow/")


def test_an_auditor_reads_people_and_changes_nothing(make_staff: MakeStaff) -> None:
    staff = make_staff("collector")
    client = page_of(make_staff("auditor", scope=("bank", "")))
    for address in ("", f"{staff.pk}/", "roles/", "places/", "me/"):
        answer = client.get(f"/people/{address}")
        assert answer.status_code == 200
        assert "只读" in answer.content.decode()

    before = AuditEntry.objects.count()
    for address in (
        *("new", f"{staff.pk}/", f"{staff.pk}/scopes", f"{staff.pk}/scopes/1/take"),
        *(f"{staff.pk}/password", f"{staff.pk}/unlock", f"{staff.pk}/second-step"),
        *(f"{staff.pk}/absences", f"{staff.pk}/hand-overs", "roles/", "roles/new"),
        *("places/branches/new", "places/teams/new", "borrow/", "borrow/return"),
    ):
        form = form_of(staff, kind="bank", password="a new pass phrase", code="X", reason="curious")
        assert client.post(f"/people/{address}", form).status_code in (403, 404), address
    assert AuditEntry.objects.count() == before


def test_a_collector_opens_the_own_page_only(make_staff: MakeStaff) -> None:
    other = make_staff("collector")
    client = page_of(make_staff("collector"))

    assert client.get("/people/me/").status_code == 200
    for address in PAGES:
        assert client.get(f"/people/{address}").status_code == 403, address
    assert client.get(f"/people/{other.pk}/").status_code == 403


def test_a_supervisor_does_not_find_people_of_another_team(make_staff: MakeStaff) -> None:
    other = make_staff("collector", team="T2")
    own = make_staff("collector", team="T1")
    client = page_of(make_staff("supervisor", team="T1"))

    assert client.get(f"/people/{own.pk}/").status_code == 200
    assert client.get(f"/people/{other.pk}/").status_code == 404
    assert client.post(f"/people/{own.pk}/", form_of(own)).status_code == 403
