"""One statement: on screen, as PDF, by API, and equal to what the night decided."""

import html
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from django.test import Client

from recoup.apps.compliance.models import Export
from recoup.apps.ledger.actions import post_receipt, reverse_receipt
from recoup.apps.ledger.api import AccountShown
from recoup.apps.ledger.queries import CannotCount, sheet_of, statement
from recoup.apps.people.permissions import Actor
from recoup.apps.portfolio.models import BookReceipt, Contract, Debtor
from recoup.documents.sheet import Sheet
from recoup.engine.day import DayBook, DayChanges, DayReceipt
from recoup.kernel.money import text_from_minor

Act = Callable[..., Actor]
Make = Callable[..., Contract]
AS_OF = date(2026, 11, 20)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def busy_account(act_as: Act, make_contract: Make, at: datetime) -> Contract:
    """A contract with receipts of the book and the desk, a waiver, a reversal, a surplus."""
    contract, actor = make_contract("C-1"), act_as("supervisor")
    for number, (day, amount, more) in enumerate(
        [
            (date(2026, 2, 12), 1_030_000, {}),
            (date(2026, 3, 1), 500_000, {"is_reversed": True}),
            (date(2026, 4, 2), 12_345, {"is_waiver": True}),
            (date(2026, 5, 5), 2_000_000, {}),
        ]
    ):
        BookReceipt.objects.create(
            payment_id=f"B-{number}",
            contract=contract,
            paid_on=day,
            amount_minor=amount,
            as_of=AS_OF,
            source_row=number,
            **more,
        )
    for key, amount in (("one", 700_001), ("two", 20_000_000)):
        posted = post_receipt(
            actor=actor,
            idempotency_key=key,
            contract_id="C-1",
            paid_on=AS_OF,
            amount_minor=amount,
            channel="transfer",
            at=at,
        )
        if key == "one":
            reverse_receipt(actor=actor, payment_id=posted.payment_id, why="twice", at=at)
    return contract


def cells_on_screen(page: str) -> list[list[str]]:
    table = re.search(r'<table class="table rc-dense rc-statement.*?</table>', page, re.S)
    assert table
    body = table[0].split("<tbody>")[1]
    rows = []
    for row in re.findall(r"<tr.*?</tr>", body, re.S):
        found = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        cells = [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in found]
        rows.append(cells[1:] if "rc-row-piece" in row else cells)
    return rows


def lines_of_pdf(pdf: bytes) -> list[str]:
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return ["".join(line.split()) for line in text.splitlines() if line.strip()]


def cells_of_api(account: dict[str, object], sheet: Sheet) -> list[tuple[str, ...]]:
    """The day and the amounts of every line that the API tells, written as the sheet writes."""

    def money(minor: int) -> str:
        return text_from_minor(minor=minor, currency="CNY", grouped=True)

    def cells(on: str, amount: dict[str, int], balance: dict[str, int]) -> tuple[str, ...]:
        parts = ("fee_minor", "interest_minor", "principal_minor", "unplaced_minor")
        shown = [money(amount[part]) if amount[part] else "–" for part in parts]
        return (on, *shown, money(amount["total_minor"]), money(balance["total_minor"]))

    rows = []
    for line in account["lines"]:  # type: ignore[attr-defined]
        rows.append(cells(line["on"], line["amount"], line["balance"]))
    closing = account["closing"]
    rows.append(cells(str(account["on"]), closing, closing))  # type: ignore[arg-type]
    return rows


def found_in_order(wanted: Sequence[str], lines: Sequence[str]) -> list[str]:
    """What is wanted and does not follow in the lines."""
    left = list(wanted)
    for line in lines:
        if left and line == left[0]:
            left.pop(0)
    return left


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_screen_pdf_and_api_show_the_same_statement_line_by_line(
    client: Client,
    night: object,
    act_as: Act,
    make_staff: Callable[..., object],
    make_contract: Make,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    busy_account(act_as, make_contract, at)
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    client.force_login(make_staff("auditor", scope=("bank", "")), BACKEND)
    client.cookies["django_language"] = language
    auditor = act_as("auditor", scope=("bank", ""))
    found = statement(actor=auditor, contract_id="C-1", at=at)
    short = "zh" if language == "zh-hans" else "en"
    sheet = sheet_of(statement=found, debtor="李**", language=short)

    page = client.get("/ledger/contracts/C-1/statement").content.decode()
    pdf = client.post("/ledger/contracts/C-1/statement.pdf", {"language": short}).content
    from_api = AccountShown.model_validate(found.account).model_dump(mode="json")

    rows = [list(row.cells) for row in sheet.rows]
    assert cells_on_screen(page) == rows
    assert found_in_order(["".join("".join(row).split()) for row in rows], lines_of_pdf(pdf)) == []
    told = [(row.cells[0], *row.cells[2:]) for row in sheet.rows if row.kind != "piece"]
    assert cells_of_api(from_api, sheet) == told
    for proof in sheet.proofs:
        assert proof.counted == proof.found
        assert html.escape(proof.terms) in page
        assert any(
            "".join((proof.counted + "=" + proof.found).split()) in line
            for line in lines_of_pdf(pdf)
        )


def test_a_pdf_that_leaves_the_house_is_recorded_and_marked(
    client: Client,
    night: object,
    act_as: Act,
    make_staff: Callable[..., object],
    make_contract: Make,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy_account(act_as, make_contract, at)
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    staff = make_staff("collector", name="王敏")
    client.force_login(staff, BACKEND)

    answer = client.post("/ledger/contracts/C-1/statement.pdf", {"language": "zh"})

    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert any("王敏" in line for line in lines_of_pdf(answer.content))
    export = Export.objects.get()
    assert (export.kind, export.parameters["contract_id"]) == ("statement", "C-1")


def test_the_name_of_the_debtor_is_masked_on_every_carrier(
    night: object,
    act_as: Act,
    make_contract: Make,
    at: datetime,
    client: Client,
    make_staff: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy_account(act_as, make_contract, at)
    monkeypatch.setattr("recoup.site.presence.now", lambda: at)
    client.force_login(make_staff("collector"), BACKEND)

    page = client.get("/ledger/contracts/C-1/statement").content.decode()
    pdf = client.post("/ledger/contracts/C-1/statement.pdf", {"language": "en"}).content

    assert "李小明" not in page
    assert not any("李小明" in line for line in lines_of_pdf(pdf))


def test_every_statement_of_the_bank_says_what_the_night_decided(
    published_bank: object, act_as: Act, at: datetime
) -> None:
    auditor = act_as("auditor", scope=("bank", ""))
    names = (
        *("dpd", "max_dpd_12m", "overdue_principal_minor", "overdue_interest_minor"),
        *("overdue_fee_minor", "outstanding_principal_minor", "overdue_instalments"),
    )
    seen = 0

    for contract in Contract.objects.filter(gone_on=None):
        if contract.bad_code:
            with pytest.raises(CannotCount):
                statement(actor=auditor, contract_id=contract.pk, at=at)
            continue
        figures = statement(actor=auditor, contract_id=contract.pk, at=at).account.figures
        assert {name: getattr(figures, name) for name in names} == {
            name: getattr(contract, name) for name in names
        }
        seen += 1

    assert seen > 200


def test_a_posted_receipt_goes_where_the_day_decision_puts_it(
    published_bank: object, night_result: Path, act_as: Act, at: datetime
) -> None:
    contract = Contract.objects.filter(dpd__gt=20, bad_code="").order_by("-dpd").first()
    assert contract is not None
    actor = act_as("supervisor", scope=("bank", ""))
    amount = (contract.overdue_principal_minor or 0) + 77_777
    posted = post_receipt(
        actor=actor,
        idempotency_key="k",
        contract_id=contract.pk,
        paid_on=AS_OF,
        amount_minor=amount,
        channel="transfer",
        at=at,
    )
    book = DayBook(result=night_result)

    traced = book.trace(
        contract_id=contract.pk,
        changes=DayChanges(
            receipts=(
                DayReceipt(
                    payment_id=posted.payment_id,
                    contract_id=contract.pk,
                    paid_on=AS_OF,
                    amount_minor=amount,
                ),
            )
        ),
    )
    found = statement(actor=actor, contract_id=contract.pk, at=at).account

    book.close()
    assert [
        (line.key, one.seq, one.part, one.amount_minor)
        for line in found.lines
        for one in line.placed
    ] == [(one.payment_id, one.seq, one.part, one.amount_minor) for one in traced.pieces]
    same = replace(found.figures, in_observation=False)
    assert same.dpd == traced.trace.dpd
    assert same.overdue_principal_minor == traced.trace.overdue_principal_minor


def test_a_debtor_whom_the_desk_does_not_meet_has_a_statement_too(
    published_bank: object, act_as: Act, at: datetime
) -> None:
    person = Debtor.objects.filter(is_detailed=False).first()
    assert person is not None
    contract = Contract.objects.filter(debtor=person, bad_code="").first()
    assert contract is not None

    found = statement(actor=act_as("auditor", scope=("bank", "")), contract_id=contract.pk, at=at)

    assert found.account.lines
