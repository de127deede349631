"""The pages of compliance: what each role sees and does, masked, within a budget of queries."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from recoup.apps.compliance import actions
from recoup.apps.compliance.models import Approval, AuditEntry, Export
from recoup.apps.people.models import Staff
from recoup.apps.people.queries import actor_of
from recoup.events.bus import publish
from recoup.events.changes import Change

MakeStaff = Callable[..., Staff]
WHOLE_BANK = ("bank", "")


def page_of(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def officer(make_staff: MakeStaff) -> Staff:
    return make_staff("compliance_officer", name="徐静", scope=WHOLE_BANK)


@pytest.fixture
def asked(make_staff: MakeStaff, at: datetime) -> int:
    """An approval that a collector has asked for."""
    maker = actor_of(staff_id=make_staff("collector", name="王敏").pk, at=at)
    card = actions.request_approval(
        actor=maker,
        kind="waive_penalty",
        room="ledger",
        record_id="P1",
        debtor_id="",
        amount_minor=120_000,
        payload={"amount_minor": 120_000, "phone": "13800001234"},
        why="住院三周",
        at=at,
    )
    return card.approval_id


def changed(at: datetime, **more: Any) -> None:
    told = {"verb": "record_contact", "room": "contacts", "record": "contact", "record_id": "7"}
    publish(Change(**{"at": at, "actor_id": None, "debtor_id": "D1", **told, **more}))


def test_the_trail_shows_what_changed_with_numbers_masked(officer: Staff, at: datetime) -> None:
    changed(at, before={"number": "13800001234"}, after={"number": "13900005678", "spent": 1.5})

    page = page_of(officer).get("/compliance/trail/?debtor=D1").content.decode()

    assert "138****1234" in page
    assert "139****5678" in page
    assert "13800001234" not in page
    assert "登记触达" in page


def test_a_records_page_verifies_its_chain_now(officer: Staff, at: datetime) -> None:
    changed(at)
    changed(at, after={"outcome": "promise"})

    page = page_of(officer).get("/compliance/record/contacts/contact/7/")

    assert "留痕完整 ✓ 共 2 条" in page.content.decode()
    assert page_of(officer).get("/compliance/record/contacts/contact/8/").status_code == 404


def test_a_bundle_is_downloaded_and_itself_on_record(officer: Staff, at: datetime) -> None:
    changed(at)

    answer = page_of(officer).post("/compliance/trail/bundle", {"debtor": "D1"})

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert len(packed.read("records/trail.jsonl").splitlines()) == 1
        assert "徐静" in packed.read("manifest.json").decode()
    made = Export.objects.get()
    assert (made.kind, made.rows, made.parameters) == ("trail_bundle", 1, {"debtor": "D1"})


@pytest.mark.parametrize("address", ["trail/", "reveals/", "exports/"])
def test_lists_keep_to_their_queries_however_long(
    officer: Staff, at: datetime, django_assert_max_num_queries: Any, address: str
) -> None:
    for number in range(60):
        changed(at, record_id=str(number), actor_id=officer.pk)
    client = page_of(officer)
    client.get("/compliance/trail/")  # the first request of a session writes it

    with django_assert_max_num_queries(12):
        assert client.get(f"/compliance/{address}").status_code == 200


def test_older_entries_follow_on_further_pages(officer: Staff, at: datetime) -> None:
    for number in range(60):
        changed(at, record_id=f"key-{number}")
    client = page_of(officer)

    first = client.get("/compliance/trail/?room=contacts")
    second = client.get(f"/compliance/trail/?room=contacts&before={first.context['older']}")

    shown = [entry.record_id for page in (first, second) for entry in page.context["entries"]]
    assert shown == [f"key-{number}" for number in reversed(range(60))]


@pytest.mark.parametrize("role", ["collector", "supervisor", "administrator", "strategy_analyst"])
def test_the_trail_is_for_compliance_and_audit_alone(make_staff: MakeStaff, role: str) -> None:
    client = page_of(make_staff(role))

    for address in ("trail/", "reveals/", "exports/", "record/people/role/1/"):
        assert client.get(f"/compliance/{address}").status_code == 403
    assert client.post("/compliance/trail/bundle").status_code == 403


def test_a_supervisor_approves_on_the_page(make_staff: MakeStaff, asked: int) -> None:
    client = page_of(make_staff("supervisor"))

    page = client.get(f"/compliance/approvals/{asked}/").content.decode()
    client.post(f"/compliance/approvals/{asked}/decide", {"decision": "approve"})

    assert "减免罚息" in page
    assert "138****1234" in page
    assert Approval.objects.get(pk=asked).status == "approved"


def test_a_rejection_without_remark_comes_back_with_the_sentence(
    make_staff: MakeStaff, asked: int
) -> None:
    client = page_of(make_staff("supervisor"))

    answer = client.post(f"/compliance/approvals/{asked}/decide", {"decision": "reject"})

    assert answer.status_code == 422
    assert "请写明原因" in answer.content.decode()
    assert Approval.objects.get(pk=asked).status == "pending"


def test_the_maker_withdraws_and_cannot_decide(asked: int) -> None:
    client = page_of(Approval.objects.get(pk=asked).maker)

    decided = client.post(f"/compliance/approvals/{asked}/decide", {"decision": "approve"})
    page = client.get(f"/compliance/approvals/{asked}/").content.decode()
    client.post(f"/compliance/approvals/{asked}/withdraw", {"remark": "不需要了"})

    assert decided.status_code == 403
    assert "撤回" in page
    assert Approval.objects.get(pk=asked).status == "withdrawn"


def test_an_auditor_reads_all_of_it_and_changes_nothing(
    make_staff: MakeStaff, asked: int, at: datetime
) -> None:
    client = page_of(make_staff("auditor", scope=WHOLE_BANK))
    changed(at)
    for address in (
        *("approvals/", f"approvals/{asked}/", "trail/", "reveals/", "exports/"),
        "record/contacts/contact/7/",
    ):
        answer = client.get(f"/compliance/{address}")
        assert answer.status_code == 200
        assert "只读" in answer.content.decode()

    before = AuditEntry.objects.count()
    assert client.post(f"/compliance/approvals/{asked}/decide", {}).status_code == 403
    assert client.post(f"/compliance/approvals/{asked}/withdraw", {}).status_code == 404
    assert AuditEntry.objects.count() == before
    assert client.post("/compliance/trail/bundle", {}).status_code == 200
