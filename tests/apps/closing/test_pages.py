"""Pages of nights: who may see and do what, progress, refused rows, the morning page's policy."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from recoup.apps.closing.models import CatchUp, Night, NightSchedule
from recoup.apps.closing.night_runs import adopt
from recoup.apps.closing.rejects import RejectFilter, RejectRow, all_rows, csv_of
from recoup.apps.compliance.models import Export
from recoup.apps.people.models import Staff
from recoup.events.clock import clock_of_jobs

MakeStaff = Callable[..., Staff]
Budget = Callable[..., Any]


@pytest.fixture
def night(night_result: Path, settings: Any, tmp_path: Path, db: None) -> Night:
    """The demo night, taken over into the history and brought to the desk."""
    settings.NIGHTS = tmp_path / "nights"
    return adopt(result=night_result, book=night_result.parent / "book", clock=clock_of_jobs())


@pytest.fixture
def browse(make_staff: MakeStaff) -> Callable[..., Client]:
    """A browser in which somebody with a role has signed in, in English."""

    def signed_in(role: str, language: str = "en") -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE=language)
        staff = make_staff(role, scope=("bank", ""))
        Staff.objects.filter(pk=staff.pk).update(language=language)
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = language
        return client

    return signed_in


def test_the_history_takes_as_many_queries_for_thirty_nights_as_for_one(
    night: Night, browse: Callable[..., Client], django_assert_max_num_queries: Budget
) -> None:
    client = browse("auditor")
    client.get("/nights/")
    fields = {"as_of": night.as_of, "trigger": "button", "ordered_at": night.ordered_at}
    Night.objects.bulk_create(
        Night(status="done", ordered_by_id=client.session["_auth_user_id"], **fields)
        for _ in range(40)
    )

    with django_assert_max_num_queries(22):
        page = client.get("/nights/")

    assert page.status_code == 200
    assert page.content.count(b"data-row") == 30
    assert b"Run a night" not in page.content


def test_one_night_shows_inputs_hashes_and_control_sums(
    night: Night, browse: Callable[..., Client]
) -> None:
    page = browse("auditor").get(f"/nights/{night.pk}/").content.decode()

    digest = night.manifest["inputs"]["payments.parquet"]
    assert digest[:16] in page
    assert "Control sums of the decisions" in page
    assert "shown now" in page


def test_the_morning_page_runs_only_its_own_scripts_in_a_sandbox(
    night: Night, browse: Callable[..., Client]
) -> None:
    answer = browse("auditor").get(f"/nights/{night.pk}/report")

    policy = answer["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "unsafe" not in policy
    assert policy.endswith("sandbox allow-scripts")
    inline = re.findall(rb"<script>(.*?)</script>", answer.content, re.DOTALL)
    assert policy.count("'sha256-") == len(inline) + answer.content.count(b"<style>")


def test_findings_are_filtered_and_told_in_the_language_of_the_page(
    night: Night, browse: Callable[..., Client]
) -> None:
    client, chinese = browse("strategy_analyst"), browse("strategy_analyst", "zh-hans")
    address = f"/nights/{night.pk}/rejects?severity=error&table=payments"

    english_page = client.get(address).content.decode()
    chinese_page = chinese.get(address).content.decode()

    assert "payments.parquet" in english_page
    assert "debtors.parquet" not in english_page
    assert "账册检查明细" in chinese_page
    found = all_rows(path=Path(night.rejects_file), wanted=RejectFilter(), chinese=True)
    assert any(row.sentence in chinese_page for row in found if row.table == "payments")
    assert client.get(f"/nights/{night.pk}/rejects?page=99999").status_code == 200
    assert client.get(f"/nights/{night.pk}/rejects?page=x&code=<b>&q=%25").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_of_findings_is_recorded_and_watermarked(
    night: Night, browse: Callable[..., Client], form: str
) -> None:
    answer = browse("strategy_analyst").post(
        f"/nights/{night.pk}/rejects-file", {"form": form, "severity": "error"}
    )

    export = Export.objects.get()
    assert answer.status_code == 200
    assert f".{form}" in answer["Content-Disposition"]
    assert (export.kind, export.parameters["night"]) == ("rejects", night.pk)
    assert export.rows == sum(
        row.severity == "error"
        for row in all_rows(path=Path(night.rejects_file), wanted=RejectFilter(), chinese=False)
    )
    if form == "csv":
        assert answer.content.decode("utf-8-sig").splitlines()[-1].strip('"') in export.watermark


def test_whoever_may_not_export_gets_no_file(night: Night, browse: Callable[..., Client]) -> None:
    answer = browse("auditor").post(f"/nights/{night.pk}/rejects-file", {"form": "csv"})

    assert answer.status_code == 403
    assert not Export.objects.exists()


def test_names_and_numbers_are_masked_and_formulas_are_harmless() -> None:
    row = RejectRow(
        table="debtors",
        file="debtors.csv",
        row=1,
        key="=1+1",
        column="kind",
        value="-5",
        code="c",
        severity="error",
        sentence="s",
    )

    line = csv_of([row], head=["a"]).decode("utf-8-sig").splitlines()[1]

    assert line == "debtors,debtors.csv,1,'=1+1,kind,'-5,c,error,s"


def test_a_night_is_run_by_the_button_and_its_progress_is_polled(
    night: Night, browse: Callable[..., Client], at: datetime
) -> None:
    client = browse("administrator")

    ordered = client.post("/nights/run", {"as_of": "2026-11-20"})
    second = client.post("/nights/run", {"as_of": "2026-11-19"})

    made = Night.objects.get(status="waiting")
    part = client.get(f"/nights/{made.pk}/progress")
    over = client.get(f"/nights/{night.pk}/progress")
    assert (ordered.status_code, ordered["Location"]) == (302, f"/nights/{made.pk}/")
    assert second.status_code == 422
    assert b"One night runs at a" in second.content
    assert b"every 1s" in part.content
    assert "HX-Refresh" not in part
    assert over["HX-Refresh"] == "true"


@pytest.mark.parametrize("address", ["/nights/run", "/nights/catch-up", "/nights/schedule"])
def test_who_only_looks_at_nights_may_not_change_anything(
    browse: Callable[..., Client], address: str
) -> None:
    client = browse("auditor")

    assert client.get(address).status_code == 403
    assert client.post(address, {}).status_code == 403


def test_a_collector_does_not_see_nights(night: Night, browse: Callable[..., Client]) -> None:
    client = browse("collector")

    assert client.get("/nights/").status_code == 403
    assert client.get(f"/nights/{night.pk}/report").status_code == 403


def test_missed_dates_are_ordered_by_the_form(browse: Callable[..., Client]) -> None:
    client = browse("administrator")

    wrong = client.post("/nights/catch-up", {"first_on": "2026-11-20", "last_on": "2026-11-18"})
    right = client.post("/nights/catch-up", {"first_on": "2026-11-18", "last_on": "2026-11-20"})

    assert wrong.status_code == 422
    assert right.status_code == 302
    assert CatchUp.objects.get().last_on.isoformat() == "2026-11-20"


def test_the_schedule_is_set_by_the_form_and_an_outdated_form_is_told(
    browse: Callable[..., Client],
) -> None:
    client = browse("administrator")
    values = {
        "version": 0,
        "is_on": "on",
        "starts_at": "01:30",
        "weekdays": [1, 2, 3],
        "days_back": 1,
        "book": "in/{as_of}",
        "pack": "cn",
        "strategy": "example",
        "max_bad": "0.5",
    }

    first = client.post("/nights/schedule", values)
    outdated = client.post("/nights/schedule", values)
    bad = client.post("/nights/schedule", {**values, "version": 1, "book": "../etc"})

    kept = NightSchedule.objects.get()
    assert (first.status_code, outdated.status_code, bad.status_code) == (302, 409, 422)
    assert (kept.max_bad_ppm, kept.weekdays, kept.book) == (5_000, [1, 2, 3], "in/{as_of}")


def test_a_night_that_does_not_exist_is_not_found(browse: Callable[..., Client]) -> None:
    client = browse("administrator")

    assert client.get("/nights/99/").status_code == 404
    assert client.post("/nights/99/again").status_code == 404
