"""The room's pages: seals, report, a person's evidence; and the command line."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.apps.evidence.conftest import DAY, Person

from recoup.apps.contacts.models import Message
from recoup.apps.evidence.models import Filing, Seal
from recoup.apps.people.models import Staff
from recoup.documents.bundle import signing
from recoup.site.cli import main

LATER = timedelta(days=2)


@pytest.fixture
def page_of(at: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """Sign somebody in, two days later, in a language."""
    monkeypatch.setattr("recoup.site.presence.now", lambda: at + LATER)

    def sign(staff: Staff, language: str = "en") -> Client:
        client = Client()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "zh-hans" if language == "zh" else "en"
        return client

    return sign


def test_an_auditor_lists_seals_and_verifies_one(
    sealed: Person, auditor_staff: Staff, page_of: Callable[..., Client], key: signing.SigningKey
) -> None:
    desk = page_of(auditor_staff)

    listed = desk.get(reverse("evidence:seals")).content.decode()
    intact = desk.get(reverse("evidence:seal", args=["2026-11-20"]), {"verify": "now"})
    Message.objects.update(body="别的")
    broken = desk.get(reverse("evidence:seal", args=["2026-11-20"]), {"verify": "now"})

    assert "Every day up to 2026-11-21 is sealed." in listed
    assert key.fingerprint in listed
    assert "Intact: statement, signature and root hold" in intact.content.decode()
    assert "changed after it was sealed" in broken.content.decode()
    assert desk.get(reverse("evidence:seal", args=["2026-11-19"])).status_code == 404
    assert desk.get(reverse("evidence:seal", args=["x"])).status_code == 404


def test_a_page_says_when_there_is_no_key(
    auditor_staff: Staff, page_of: Callable[..., Client], settings: Any, tmp_path: Any
) -> None:
    settings.SEAL_KEY = tmp_path / "none"

    page = page_of(auditor_staff).get(reverse("evidence:seals")).content.decode()

    assert "recoup seal key" in page
    assert "No day has been sealed yet." in page


def test_an_auditor_takes_a_bundle_in_one_click(
    sealed: Person, auditor_staff: Staff, page_of: Callable[..., Client]
) -> None:
    desk = page_of(auditor_staff, "zh")
    address = reverse("evidence:bundle", args=["D1"])

    panel = desk.get(reverse("evidence:panel", args=["D1"])).content.decode()
    taken = desk.post(address, {"why": "向某区人民法院起诉", "language": "zh"})
    refused = desk.post(address, {"why": "x"})

    assert "借款合同（签署件）" in panel
    assert address in panel
    with zipfile.ZipFile(io.BytesIO(taken.content)) as opened:
        assert json.loads(opened.read("manifest.json"))["about"] == "D1"
    assert taken["Cache-Control"] == "private, no-store"
    assert refused.status_code == 422
    assert "原因" in refused.content.decode()


def test_the_person_who_works_the_case_files_a_document(
    person: Person,
    make_staff: Callable[..., Staff],
    auditor_staff: Staff,
    page_of: Callable[..., Client],
    key: signing.SigningKey,
) -> None:
    counsel = make_staff("counsel", scope=("bank", ""))
    desk, address = page_of(counsel), reverse("evidence:case", args=["D1"])
    paper = next(
        one.key for one in desk.get(address).context["evidence"].papers if one.title[0] == "签"
    )

    sent = {"item": "contract", "paper": paper}
    filed = desk.post(reverse("evidence:file-paper", args=["D1"]), sent, follow=True)

    assert "Filed." in filed.content.decode()
    assert Filing.objects.get().paper == paper
    assert "Take back" in filed.content.decode()
    assert "Take back" not in page_of(auditor_staff).get(address).content.decode()


def test_the_report_is_shown_and_taken_along(
    person: Person, auditor_staff: Staff, page_of: Callable[..., Client]
) -> None:
    desk = page_of(auditor_staff)

    page = desk.get(reverse("evidence:report"))
    sent = {"from_on": "2026-11-01", "last_on": "2026-11-20", "known_on": "2026-11-21"}
    pdf = desk.post(reverse("evidence:take-report"), {**sent, "form": "pdf"})
    table = desk.post(reverse("evidence:take-report"), {**sent, "form": "csv"})
    wrong = desk.get(reverse("evidence:report"), {**sent, "from_on": "2026-11-30"})

    assert page.context["report"].last == (page.context["report"].known_on)
    assert "CN-CON-01" in page.content.decode()
    assert pdf.content.startswith(b"%PDF-")
    assert "report-2026-11-01-2026-11-20-known-2026-11-21.csv" in table["Content-Disposition"]
    assert wrong.status_code == 422


def test_days_are_sealed_and_verified_from_the_command_line(
    person: Person,
    at: datetime,
    settings: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("recoup.site.clock.now", lambda: at + DAY)
    monkeypatch.setattr("recoup.site.commands.seal.migrate", lambda: None)
    settings.SEAL_KEY = tmp_path / "seal.json"

    none = main(["seal", "day", "--date", "2026-11-20"])
    made = main(["seal", "key"])
    again = main(["seal", "key"])
    sealed = main(["seal", "day", "--date", "2026-11-20"])
    early = main(["seal", "day", "--date", "2026-11-21"])
    fingerprint = signing.signing_key().fingerprint
    whole = main(["seal", "verify", "--key", fingerprint])
    other = main(["seal", "verify", "--date", "2026-11-20", "--key", "0" * 64])
    nothing = main(["seal", "verify", "--date", "2026-11-19"])
    Message.objects.update(body="别的")
    broken = main(["seal", "verify"])

    said = capsys.readouterr()
    assert (none, made, again, sealed, early, whole) == (3, 0, 3, 0, 3, 0)
    assert (other, nothing, broken) == (1, 3, 1)
    assert fingerprint in said.out
    assert Seal.objects.get().root in said.out
    assert "changed after it was sealed" in said.out
    assert signing.signing_key().private.hex() not in said.out + said.err
