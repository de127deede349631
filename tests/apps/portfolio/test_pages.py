"""Pages and parts of the room, as a person in a browser meets them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from recoup.apps.compliance.models import AuditEntry, Reveal
from recoup.apps.people.models import Staff
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor, IncomeStatement, Proof
from recoup.apps.portfolio.queries import PublicationCard

MakeDebtor = Callable[..., Debtor]
SignIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7 made for a test"


@pytest.fixture
def sign_in(make_staff: Callable[..., Staff]) -> SignIn:
    """Yield a browser in which somebody with a role has signed in, in English."""

    def sign(role: str = "collector", **more: Any) -> Client:
        client = Client()
        client.force_login(
            make_staff(role, **more), backend="django.contrib.auth.backends.ModelBackend"
        )
        client.cookies[configured.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return sign


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    """A folder of its own for kept files."""
    settings.KEPT_FILES = tmp_path / "files"
    return tmp_path / "files"


def _page(name: str, *args: object) -> str:
    return reverse(f"portfolio:{name}", args=args)


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_search_page_shows_names_and_numbers_masked(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    make_debtor("D-77", name="李小明", phone="13812341234")

    told = _text(sign_in().get(_page("search"), {"q": "李小明"}))

    assert "李**" in told
    assert "138****1234" in told
    assert "13812341234" not in told


def test_the_list_below_the_search_field_leads_to_the_debtor(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    make_debtor("D-77", name="李小明")

    told = _text(sign_in().get(_page("found"), {"q": "小明"}, headers=HTMX))

    assert 'role="option"' in told
    assert "D-77" in told
    assert "<html" not in told


@pytest.mark.parametrize("q", ["", "zz", "%", "'", "<script>alert(1)</script>", "李" * 500])
def test_any_text_may_be_searched_for(q: str, sign_in: SignIn) -> None:
    answer = sign_in().get(_page("search"), {"q": q})

    assert answer.status_code == 200
    assert "<script>alert" not in _text(answer)


def test_a_debtors_page_shows_no_number_before_a_reason_is_given(
    sign_in: SignIn, make_contract: Callable[..., Contract]
) -> None:
    contract = make_contract()
    debtor = contract.debtor
    ContactPoint.objects.create(debtor=debtor, kind="phone", value=debtor.phone, source="contract")

    told = _text(sign_in().get(_page("debtor", debtor.pk)))

    assert debtor.phone not in told
    assert debtor.id_number not in told
    assert contract.pk in told


def test_a_number_is_shown_for_a_reason_that_is_recorded(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor = make_debtor()
    client, address = sign_in(), _page("reveal", debtor.pk)

    asked = client.get(address, {"field": "phone"}, headers=HTMX)
    shown = client.post(address, {"field": "phone", "chosen": "contact"}, headers=HTMX)

    assert debtor.phone not in _text(asked)
    assert debtor.phone in _text(shown)
    assert "no-store" in shown["Cache-Control"]
    kept = Reveal.objects.get()
    assert (kept.debtor_id, kept.field, kept.reason) == (debtor.pk, "phone", "contact")


def test_without_a_reason_nothing_is_shown_and_nothing_recorded(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor = make_debtor()

    answer = sign_in().post(
        _page("reveal", debtor.pk), {"field": "phone", "chosen": "", "reason": " "}, headers=HTMX
    )

    assert answer.status_code == 422
    assert debtor.phone not in _text(answer)
    assert not Reveal.objects.exists()


@pytest.mark.parametrize("field", ["", "row_hash", "contact_point:", "contact_point:x", "pk"])
def test_only_what_is_masked_can_be_revealed(
    field: str, sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    answer = sign_in().post(
        _page("reveal", make_debtor().pk), {"field": field, "chosen": "contact"}, headers=HTMX
    )

    assert answer.status_code == 404
    assert not Reveal.objects.exists()


def test_a_debtor_out_of_scope_does_not_exist_on_any_page(
    sign_in: SignIn, make_contract: Callable[..., Contract], files: Path
) -> None:
    contract = make_contract()
    debtor_id = contract.debtor_id
    point = ContactPoint.objects.create(
        debtor_id=debtor_id, kind="phone", value="1", source="debtor"
    )
    client = sign_in(team="T2")

    for address in (
        *(_page("debtor", debtor_id), _page("contract", contract.pk), _page("why", contract.pk)),
        *(_page("reveal", debtor_id), _page("proof", 1)),
    ):
        assert client.get(address).status_code == 404
    for name in ("add-point", "add-hold", "add-statement", "add-circumstance", "add-proof"):
        sent = {"file": SimpleUploadedFile("a.pdf", PDF), "version": "0", "code": "illness"}
        assert client.post(_page(name, debtor_id), sent).status_code == 404
    assert client.post(_page("judge-point", point.pk), {"version": 1}).status_code == 404
    assert not Proof.objects.exists()


def test_an_auditor_sees_the_page_and_no_form_and_can_record_nothing(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor = make_debtor()
    client = sign_in("auditor", scope=("bank", ""))

    told = _text(client.get(_page("debtor", debtor.pk)))

    assert 'hx-post="/debtors' not in told
    sent = {"code": "illness"}
    assert client.post(_page("add-circumstance", debtor.pk), sent).status_code == 403
    assert client.post(_page("reveal", debtor.pk), {"field": "phone"}).status_code == 403


def test_a_statement_is_entered_and_the_part_comes_back_with_what_is_left(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor = make_debtor()
    sent = {"version": "0", "currency": "CNY", "income:wages": "8,000", "expense:food": "2000.50"}

    answer = sign_in().post(_page("add-statement", debtor.pk), sent, headers=HTMX)

    assert answer.status_code == 200
    assert "¥5,999.50" in _text(answer)


def test_a_wrong_amount_is_told_and_what_was_typed_stays(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor = make_debtor()
    sent = {"version": "0", "income:wages": "a lot", "expense:food": "2000"}

    answer = sign_in().post(_page("add-statement", debtor.pk), sent, headers=HTMX)

    assert answer.status_code == 422
    assert "is no amount" in _text(answer)
    assert 'value="a lot"' in _text(answer)
    assert 'value="2000"' in _text(answer)
    assert not IncomeStatement.objects.exists()


def test_an_entry_over_somebody_elses_is_told_with_409(
    sign_in: SignIn, make_debtor: MakeDebtor
) -> None:
    debtor, client = make_debtor(), sign_in()
    sent = {"version": "0", "income:wages": "1", "expense:food": "1"}
    client.post(_page("add-statement", debtor.pk), sent, headers=HTMX)

    assert client.post(_page("add-statement", debtor.pk), sent, headers=HTMX).status_code == 409


def test_a_proof_is_kept_by_its_hash_and_comes_back_as_a_download_that_no_browser_runs(
    sign_in: SignIn, make_debtor: MakeDebtor, files: Path
) -> None:
    debtor, client = make_debtor(), sign_in()
    sent = {"title": "住院", "file": SimpleUploadedFile("住院 证明.pdf", PDF)}
    assert client.post(_page("add-proof", debtor.pk), sent, headers=HTMX).status_code == 200
    proof = Proof.objects.get()

    answer = client.get(_page("proof", proof.pk))

    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/pdf"
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%E4%BD%8F%E9%99%A2%20%E8%AF%81%E6%98%8E.pdf" in disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert (files / proof.sha256[:2] / proof.sha256).read_bytes() == PDF
    assert AuditEntry.objects.get(verb="read_proof").record_id == str(proof.pk)


def _office(*parts: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.exe", PDF, "application/pdf"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.txt", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("a", b"RIFF....WEBPVP8 ", "image/webp"),
        ("a.bin", "收入证明\n".encode("gb18030"), "text/plain"),
        ("a.zip", _office("word/document.xml"), "document"),
        ("a.zip", _office("xl/workbook.xml"), "sheet"),
    ],
)
def test_the_content_of_a_file_tells_its_type_not_its_name(
    name: str,
    content: bytes,
    media_type: str,
    sign_in: SignIn,
    make_debtor: MakeDebtor,
    files: Path,
) -> None:
    sent = {"file": SimpleUploadedFile(name, content)}

    answer = sign_in().post(_page("add-proof", make_debtor().pk), sent, headers=HTMX)

    assert answer.status_code == 200
    assert Proof.objects.get().media_type.endswith(media_type)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<svg onload=alert(1)>", b"MZ\x90\x00\x03", b"\x7fELF....", b"PK\x03\x04broken"),
        *(_office("a.txt"), _office("word/document.xml", "word/vbaProject.bin"), b"x" * 2048),
    ],
)
def test_a_file_that_is_not_kept_is_refused_with_a_sentence(
    content: bytes, sign_in: SignIn, make_debtor: MakeDebtor, files: Path, settings: Any
) -> None:
    settings.MOST_PROOF_BYTES = 1024
    sent = {"file": SimpleUploadedFile("proof.pdf", content)}

    answer = sign_in().post(_page("add-proof", make_debtor().pk), sent, headers=HTMX)

    assert answer.status_code == 422
    assert 'role="alert"' in _text(answer)
    assert not Proof.objects.exists()
    assert not files.exists()


def test_a_contract_shows_its_schedule_with_what_is_paid_and_why(
    sign_in: SignIn, published_bank: PublicationCard
) -> None:
    contract = Contract.objects.filter(dpd__gt=0).order_by("pk")[0]
    client = sign_in("supervisor", scope=("bank", ""))

    page = _text(client.get(_page("contract", contract.pk)))
    why = _text(client.get(_page("why", contract.pk), headers=HTMX))

    assert "paid off" in page
    assert "overdue" in page
    assert "Receipts: where each unit went" in why
    assert "Why a contract stands" not in why


def test_a_contract_of_somebody_who_pays_is_shown_from_the_nights_own_files(
    sign_in: SignIn, published_bank: PublicationCard
) -> None:
    contract = Contract.objects.filter(debtor__is_detailed=False, status="active").order_by("pk")[0]
    client = sign_in("supervisor", scope=("bank", ""))

    page = client.get(_page("contract", contract.pk))

    assert page.status_code == 200
    assert len(page.context["schedule"].rows) > 0


def test_when_the_nights_files_are_gone_the_page_says_so(
    sign_in: SignIn, make_contract: Callable[..., Contract]
) -> None:
    contract, client = make_contract(), sign_in()

    assert "No night has been published yet" in _text(client.get(_page("contract", contract.pk)))
    assert client.get(_page("why", contract.pk), headers=HTMX).status_code == 422


def test_a_list_of_many_hits_takes_a_fixed_number_of_queries(
    sign_in: SignIn,
    make_debtor: MakeDebtor,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for _ in range(30):
        make_debtor(name="李小明")
    client = sign_in()
    client.get(_page("search"), {"q": "李小明"})

    with django_assert_max_num_queries(16):
        answer = client.get(_page("search"), {"q": "李小明"})

    assert len(answer.context["lines"]) == 30
