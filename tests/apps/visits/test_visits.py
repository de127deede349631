"""Visits: planned by the gate and the way, recorded once however often a telephone sends them."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.apps.visits.photo import jpeg

from recoup.apps.cases.actions import assign
from recoup.apps.cases.bringing import Day, bring_all
from recoup.apps.contacts.models import Contact, GateDecision, PermitState
from recoup.apps.people.models import Staff
from recoup.apps.people.permissions import MACHINE, NotFound
from recoup.apps.people.queries import actor_of
from recoup.apps.portfolio.actions import set_hold
from recoup.apps.portfolio.models import ContactPoint, Proof
from recoup.apps.visits.actions import (
    BadVisit,
    Found,
    add_photo,
    arrive,
    day_begins,
    plan_visits,
    record_visit,
)
from recoup.apps.visits.models import AddressPlace, Visit, VisitPhoto
from recoup.apps.visits.queries import plan_of
from recoup.apps.visits.web.pages import map_link
from recoup.kernel.routing import Place, metres_between, shortest_order, way_length
from recoup.web.house import strategy
from recoup.web.photo_facts import photo_facts

KEY = "k" * 32
BUND = Place(latitude_e6=31_240_000, longitude_e6=121_490_000)


@pytest.fixture
def officer(make_staff, at):
    """A loan officer who may visit, and sees the team's people."""
    return actor_of(staff_id=make_staff("loan_officer").pk, at=at)


@pytest.fixture
def people(make_contract, officer, at):
    """Three persons of the officer's own, each with an address; the gate permits visits."""
    found = []
    for number in range(3):
        debtor = make_contract(f"C{number}").debtor
        ContactPoint.objects.create(
            debtor=debtor, kind="address", value=f"上海市示例路{number}号", source="contract"
        )
        found.append(debtor.pk)
    bring_all(Day(on=at.date(), at=at, strategy=strategy()))
    assign(actor=MACHINE, debtor_ids=found, staff_id=officer.staff_id, at=at)
    return found


def place(debtor_id, number, latitude_e6, at):
    AddressPlace.objects.create(
        debtor_id=debtor_id,
        address=f"上海市示例路{number}号",
        latitude_e6=latitude_e6,
        longitude_e6=121_490_000,
        noted_at=at,
    )


def visited(officer, debtor_id, at, **more):
    given = {"client_key": KEY, "outcome": "right_party", "arrived_at": at, "at": at} | more
    return record_visit(actor=officer, debtor_id=debtor_id, **given)


def test_a_plan_asks_the_gate_for_each_and_puts_the_permitted_in_order(people, officer, at):
    first, second, third = people
    place(first, 0, 31_300_000, at)
    place(second, 1, 31_100_000, at)
    set_hold(
        actor=MACHINE, debtor_id=third, kind="complaint", from_on=at.date(), why="said so", at=at
    )

    made = plan_visits(actor=officer, debtor_ids=[third, first, second], at=at)

    plan = plan_of(actor=officer, on=at.date(), begins=day_begins(at.date(), at))
    assert (made.permitted, made.refused) == (2, 1)
    assert [one.debtor_id for one in plan.stops] == [first, second, third]
    assert 22_000 < plan.way_m < 22_500
    assert [one.is_permitted for one in plan.stops] == [True, True, False]
    assert plan.stops[2].reasons[0]["rule"]
    assert plan.next_stop.debtor_id == first
    assert not PermitState.objects.exists()


def test_unknown_places_follow_the_known_ones_by_their_address(people, officer, at):
    place(people[2], 2, 31_240_000, at)

    plan_visits(actor=officer, debtor_ids=people, at=at)

    plan = plan_of(actor=officer, on=at.date(), begins=day_begins(at.date(), at))
    assert [one.debtor_id for one in plan.stops] == [people[2], people[0], people[1]]


def test_a_visit_that_is_sent_again_counts_once(people, officer, at):
    arrived = at - timedelta(hours=2)

    first = visited(officer, people[0], at, arrived_at=arrived, note="在家", witness="张三 0007")
    again = visited(officer, people[0], at + timedelta(hours=1), arrived_at=arrived)

    assert (first.again, again.again) == (False, True)
    contact = Contact.objects.get(channel="visit")
    assert (contact.at, contact.recorded_at, contact.outcome) == (arrived, at, "right_party")
    assert "张三 0007" in contact.note
    assert contact.number == "上海市示例路0号"
    assert Visit.objects.get().contact_id == contact.pk


def test_a_visit_uses_the_permit_of_the_door_even_when_it_is_sent_later(people, officer, at):
    asked = arrive(actor=officer, debtor_id=people[0], at=at)

    later = at + timedelta(hours=3)
    visited(officer, people[0], later, arrived_at=at, decision_id=asked.decision_id)

    assert asked.permitted
    assert Contact.objects.get(channel="visit").decision_id == asked.decision_id
    assert PermitState.objects.get().used_at == at
    assert GateDecision.objects.count() == 1


def test_a_visit_whose_permit_died_is_recorded_with_the_rule_against_it(people, officer, at):
    asked = arrive(actor=officer, debtor_id=people[0], at=at)
    set_hold(
        actor=MACHINE, debtor_id=people[0], kind="complaint", from_on=at.date(), why="x", at=at
    )

    visited(officer, people[0], at + timedelta(minutes=5), decision_id=asked.decision_id)

    contact = Contact.objects.get(channel="visit")
    assert contact.decision_id is None
    assert contact.breaches


def test_the_position_of_a_visit_teaches_where_the_address_is(people, officer, at):
    visited(officer, people[0], at, found=Found(place=BUND, accuracy_m=12))

    known = AddressPlace.objects.get()
    assert (known.address, known.latitude_e6) == ("上海市示例路0号", BUND.latitude_e6)
    assert Visit.objects.get().accuracy_m == 12


def test_what_cannot_be_is_refused_and_leaves_nothing(people, officer, at, make_contract, act_as):
    with pytest.raises(BadVisit):
        visited(officer, people[0], at, client_key="short")
    with pytest.raises(BadVisit):
        visited(officer, people[0], at, outcome="delivered")
    with pytest.raises(BadVisit, match="no such place"):
        visited(
            officer, people[0], at, found=Found(place=Place(latitude_e6=91_000_000, longitude_e6=0))
        )
    with pytest.raises(NotFound):
        visited(act_as("loan_officer", team="T9"), people[0], at)
    visited(officer, people[0], at)
    with pytest.raises(BadVisit, match="another visit"):
        visited(officer, people[1], at)

    assert Contact.objects.count() == 1


def test_a_photograph_is_a_proof_with_what_the_camera_wrote(
    people, officer, at, settings, tmp_path
):
    settings.KEPT_FILES = tmp_path
    given = {"visit_key": KEY, "debtor_id": people[0], "file_name": "door.jpg", "at": at}
    sent = {"actor": officer, "content": jpeg(), **given}

    assert add_photo(client_key="p" * 20, **sent)
    assert not add_photo(client_key="p" * 20, **sent)

    photo, proof = VisitPhoto.objects.get(), Proof.objects.get()
    assert (photo.taken_at, photo.proof_id) == ("2026-11-20 10:15:00", proof.pk)
    assert (photo.latitude_e6, photo.longitude_e6) == (31_240_000, 121_491_667)
    assert (tmp_path / proof.sha256[:2] / proof.sha256).read_bytes() == jpeg()
    with pytest.raises(BadVisit, match="photographs"):
        add_photo(client_key="q" * 20, **{**sent, "content": b"%PDF-1.7"})


def test_a_camera_south_and_west_and_one_that_lies():
    south = photo_facts(jpeg(sides=(b"S\0", b"W\0"))).place

    assert (south.latitude_e6, south.longitude_e6) == (-31_240_000, -121_491_667)
    assert photo_facts(jpeg(latitude=(99, 0, 0))).place is None
    assert photo_facts(jpeg()[:60]).place is None
    assert photo_facts(jpeg()).taken_at == datetime(2026, 11, 20, 10, 15)  # noqa: DTZ001


def test_the_way_has_no_crossings():
    square = [
        Place(latitude_e6=31_000_000 + 10_000 * y, longitude_e6=121_000_000 + 10_000 * x)
        for x, y in ((0, 0), (3, 3), (0, 3), (3, 0), (1, 0), (2, 3), (2, 0), (1, 3))
    ]

    order = shortest_order(square)

    step = metres_between(square[0], square[4])
    side = metres_between(square[0], square[2])
    assert sorted(order) == list(range(8))
    assert way_length(square, order) == 6 * step + side


def test_the_map_is_asked_by_place_or_by_address():
    assert map_link(BUND, "x") == "geo:31.240000,121.490000"
    assert map_link(None, "示例路 1 号") == "geo:0,0?q=%E7%A4%BA%E4%BE%8B%E8%B7%AF%201%20%E5%8F%B7"
    assert map_link(None, "") == ""


def test_the_telephone_sends_and_is_told_that_it_is_taken(
    people, officer, at, client, monkeypatch, settings, tmp_path
):
    settings.KEPT_FILES = tmp_path
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    client.force_login(
        Staff.objects.get(pk=officer.staff_id),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.cookies["django_language"] = "en"
    client.post("/visits/plan", {"debtor": people[:2]})
    visit = {"key": KEY, "debtor": people[0], "outcome": "no_answer", "seconds_ago": "3600"}
    visit |= {"latitude_e6": "31240000", "longitude_e6": "121490000", "accuracy_m": "9"}
    photo = SimpleUploadedFile("a.jpg", jpeg(), content_type="image/jpeg")

    page = client.get("/visits/").content.decode()
    door = client.post("/visits/arrive", {"debtor": people[0]}).json()
    taken = client.post("/visits/record", visit)
    again = client.post("/visits/record", visit)
    seen = client.post(
        "/visits/photo",
        {"key": "p" * 32, "visit": KEY, "debtor": people[0], "file": photo},
    )
    refused = client.post("/visits/record", {**visit, "key": "n" * 32, "outcome": ""})
    after = client.get("/visits/").content.decode()

    assert "上海市示例路0号" in page
    assert "李小明" not in page
    assert door["permitted"] is True
    assert taken.json() == {"saved": KEY, "again": False}
    assert again.json() == {"saved": KEY, "again": True}
    assert seen.json()["saved"] == "p" * 32
    assert (refused.status_code, refused.json()["refused"]) == (
        422,
        "Choose what came of the visit.",
    )
    assert Contact.objects.get(channel="visit").at == at - timedelta(hours=1)
    assert "1 photograph" in after
    assert "1/2" in after


def test_a_supervisor_sees_the_teams_day(people, officer, at, make_staff, client, monkeypatch):
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    plan_visits(actor=officer, debtor_ids=people[:2], at=at)
    visited(officer, people[0], at)
    client.force_login(
        make_staff("supervisor"), backend="django.contrib.auth.backends.ModelBackend"
    )

    page = client.get("/visits/team").content.decode()

    cells = [part.partition("<")[0] for part in page.split('class="rc-number"')[1:]]
    assert [cell.rpartition(">")[2] for cell in cells] == ["2", "2", "1", "0"]
