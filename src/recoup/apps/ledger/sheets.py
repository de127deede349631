"""Writes a statement of account in words: one sheet that screen, PDF and API show alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from recoup.apps.ledger.accounts import Statement
from recoup.documents.sheet import (
    BACK,
    CHARGE,
    CLOSING,
    MONEY,
    OPENING,
    PIECE,
    Fact,
    Sheet,
    SheetProof,
    SheetRow,
)
from recoup.kernel.explain import Words
from recoup.kernel.money import text_from_minor
from recoup.kernel.statement import DUE, REVERSAL, WAIVER, Account, Parts, Placed, StatementLine
from recoup.web.shown import instant
from recoup.web.words import WORDS

PART_WORDS = {
    "fee": Words(zh="费用", en="fee"),
    "interest": Words(zh="利息", en="interest"),
    "principal": Words(zh="本金", en="principal"),
}
#: What stands where a line has nothing of a part.
NOTHING = "–"


@dataclass(frozen=True)
class _Pen:
    """Writes amounts and words in one language."""

    language: str
    currency: str

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def money(self, minor: int | None) -> str:
        if minor is None:
            return "—"
        return text_from_minor(minor=minor, currency=self.currency, grouped=True)


def sheet_of(*, statement: Statement, debtor: str, language: str) -> Sheet:
    """Yield the statement in words; ``debtor`` is the name as it may be shown."""
    pen = _Pen("zh" if language.startswith("zh") else "en", statement.currency)
    account = statement.account
    with_unplaced = any(
        parts.unplaced_minor
        for parts in (account.opening, *(line.amount for line in account.lines))
    )
    headings = [pen.say("日期", "Date"), pen.say("事项", "Entry")]
    headings += [PART_WORDS[part].of(pen.language).capitalize() for part in PART_WORDS]
    if with_unplaced:
        headings.append(pen.say("未抵充", "Unplaced"))
    headings += [pen.say("金额", "Amount"), pen.say("应还余额", "Due and unpaid")]
    since = statement.account.since or statement.start_on or ""
    return Sheet(
        language=pen.language,
        title=pen.say("对账单", "Statement of account"),
        subtitle=pen.say(
            f"{since} 至 {statement.on}，金额单位：{statement.currency}",
            f"{since} to {statement.on}, amounts in {statement.currency}",
        ),
        facts=_facts(statement, debtor, pen),
        headings=tuple(headings),
        rows=tuple(_rows(account, pen, with_unplaced=with_unplaced)),
        figures_heading=pen.say("截至当日", "On that day"),
        figures=_figures(account, pen),
        proofs_heading=pen.say("核对：两种算法结果一致", "Proof: counted two ways, the same"),
        proofs=_proofs(account, pen),
        notes=_notes(statement, pen),
        footer=pen.say(
            f"合同 {statement.contract_id} · 生成于 {instant(statement.at)}",
            f"Contract {statement.contract_id} · made {instant(statement.at)}",
        ),
        page_words=("第 ", " / ", " 页") if pen.language == "zh" else ("page ", " of ", ""),
    )


def _facts(statement: Statement, debtor: str, pen: _Pen) -> tuple[Fact, ...]:
    product = WORDS.get("product", {}).get(statement.product)
    shown = pen.say(product.zh, product.en) if product else statement.product
    return (
        Fact(label=pen.say("合同", "Contract"), value=statement.contract_id),
        Fact(label=pen.say("借款人", "Debtor"), value=f"{debtor} ({statement.debtor_id})"),
        Fact(label=pen.say("产品", "Product"), value=shown),
        Fact(
            label=pen.say("合同本金", "Principal lent"), value=pen.money(statement.principal_minor)
        ),
        Fact(label=pen.say("起始日", "Start"), value=str(statement.start_on or "—")),
        Fact(
            label=pen.say("账册日期", "Book of"),
            value=pen.say(
                f"{statement.as_of}，另含当日登记", f"{statement.as_of}, with postings since"
            ),
        ),
    )


def _rows(account: Account, pen: _Pen, *, with_unplaced: bool) -> list[SheetRow]:
    def row(kind: str, code: str, day: str, entry: str, amount: Parts, balance: Parts) -> SheetRow:
        parts = [amount.fee_minor, amount.interest_minor, amount.principal_minor]
        if with_unplaced:
            parts.append(amount.unplaced_minor)
        amounts = (pen.money(amount.total_minor), pen.money(balance.total_minor))
        cells = (day, entry, *(pen.money(part) if part else NOTHING for part in parts), *amounts)
        return SheetRow(kind=kind, code=code, cells=cells)

    rows = []
    if account.since is not None:
        opening = pen.say("期初余额", "Opening balance")
        rows.append(
            row(OPENING, "opening", str(account.since), opening, account.opening, account.opening)
        )
    for line in account.lines:
        rows.append(
            row(
                _kind(line),
                f"{line.kind}:{line.key}",
                str(line.on),
                _entry(line, pen),
                line.amount,
                line.balance,
            )
        )
        below = (*(_piece(one, pen) for one in line.placed), *_remarks(line, pen))
        code = f"piece:{line.key}"
        rows.extend(SheetRow(kind=PIECE, code=code, cells=(words,)) for words in below)
    closing = pen.say("期末余额", "Closing balance")
    rows.append(row(CLOSING, "closing", str(account.on), closing, account.closing, account.closing))
    return rows


def _kind(line: StatementLine) -> str:
    if line.is_reversed:
        return BACK
    return CHARGE if line.kind == DUE else MONEY


def _entry(line: StatementLine, pen: _Pen) -> str:
    if line.kind == DUE:
        return pen.say(f"第 {line.key} 期到期", f"Instalment {line.key} falls due")
    if line.kind == REVERSAL:
        return pen.say(f"冲正 {line.key}", f"Reversal {line.key}")
    word = pen.say("减免", "Waiver") if line.kind == WAIVER else pen.say("还款", "Receipt")
    return f"{word} {line.key}"


def _remarks(line: StatementLine, pen: _Pen) -> Iterator[str]:
    """Yield what else is to be said of a line, each on a row of its own below it."""
    if line.contractual_on:
        yield pen.say(
            f"合同到期日 {line.contractual_on}，遇休息日顺延",
            f"due by contract on {line.contractual_on}, moved off a rest day",
        )
    if line.kind == REVERSAL:
        if line.booked_on:
            yield pen.say(f"{line.booked_on} 登记", f"booked on {line.booked_on}")
    elif line.is_reversed:
        yield pen.say("已冲正，自始不计", "reversed: counts for nothing from the start")
    elif line.is_posted:
        yield pen.say("尚未入账册", "not yet in the book")
    left = -line.amount.unplaced_minor
    if left > 0 and not line.is_reversed:
        yield pen.say(
            f"→ 没有可抵充的分期，留存 {pen.money(left)}",
            f"→ nothing left to pay, kept unplaced {pen.money(left)}",
        )


def _piece(one: Placed, pen: _Pen) -> str:
    part = PART_WORDS[one.part].of(pen.language)
    amount = pen.money(one.amount_minor)
    return pen.say(
        f"→ 第 {one.seq} 期（{one.due_on}）{part} {amount} · {one.rule}",
        f"→ instalment {one.seq} ({one.due_on}) {part} {amount} · {one.rule}",
    )


def _figures(account: Account, pen: _Pen) -> tuple[Fact, ...]:
    found = account.figures
    overdue = found.overdue_fee_minor + found.overdue_interest_minor + found.overdue_principal_minor
    figures = [
        (("逾期天数", "Days past due"), str(found.dpd)),
        (("逾期金额", "Overdue"), pen.money(overdue)),
        (("其中费用", "of which fee"), pen.money(found.overdue_fee_minor)),
        (("其中利息", "of which interest"), pen.money(found.overdue_interest_minor)),
        (("其中本金", "of which principal"), pen.money(found.overdue_principal_minor)),
        (("今日到期", "Due today"), pen.money(account.due_today_minor)),
        (("提前还款", "Paid ahead"), pen.money(account.ahead_minor)),
        (("未抵充", "Unplaced"), pen.money(found.surplus_minor)),
        (("剩余本金", "Outstanding principal"), pen.money(found.outstanding_principal_minor)),
        (
            ("下一期", "Next instalment"),
            f"{found.next_due_on} · {pen.money(found.next_due_minor)}"
            if found.next_due_on
            else "—",
        ),
    ]
    return tuple(Fact(label=pen.say(*label), value=value) for label, value in figures)


def _proofs(account: Account, pen: _Pen) -> tuple[SheetProof, ...]:
    found = account.figures
    m = pen.money
    overdue = found.overdue_fee_minor + found.overdue_interest_minor + found.overdue_principal_minor
    due = account.fell_due.total_minor
    words = {
        "lines": (
            pen.say("各行相加", "The lines"),
            pen.say(
                f"期初 {m(account.opening.total_minor)} + 到期 {m(due)} − "
                f"还款 {m(account.received_minor)} − 减免 {m(account.waived_minor)}",
                f"opening {m(account.opening.total_minor)} + fell due {m(due)} − "
                f"received {m(account.received_minor)} − waived {m(account.waived_minor)}",
            ),
        ),
        "balance": (
            pen.say("余额的构成", "The balance"),
            pen.say(
                f"逾期 {m(overdue)} + 今日到期 {m(account.due_today_minor)} − "
                f"提前还款 {m(account.ahead_minor)} − 未抵充 {m(found.surplus_minor)}",
                f"overdue {m(overdue)} + due today {m(account.due_today_minor)} − "
                f"paid ahead {m(account.ahead_minor)} − unplaced {m(found.surplus_minor)}",
            ),
        ),
        "placed": (
            pen.say("每笔的去处", "Where money went"),
            pen.say(
                "自起始日起，各期所抵充之和 + 未抵充",
                "since the start: all pieces placed + unplaced",
            ),
        ),
        "money": (
            pen.say("全部还款", "All money"),
            pen.say("自起始日起，各还款行之和", "since the start: all lines of receipts"),
        ),
        "principal": (
            pen.say("剩余本金", "Principal"),
            pen.say("还款计划的本金 − 已抵充本金", "principal of the schedule − principal placed"),
        ),
    }
    return tuple(
        SheetProof(
            label=words[proof.name][0],
            terms=words[proof.name][1],
            counted=m(proof.counted_minor),
            found=m(proof.found_minor),
        )
        for proof in account.proofs
    )


def _notes(statement: Statement, pen: _Pen) -> tuple[str, ...]:
    rule = statement.rule
    return (
        pen.say("抵充规则", "Order of discharge")
        + f" {rule.rule_id}: {rule.sentence.of(pen.language)} ({rule.source.of(pen.language)})",
        pen.say(
            "还款按日期、编号先后，从最早的分期起抵充；冲正的还款自始不计，余额逐行可验。",
            "Receipts, in order of day and number, pay the earliest instalment first. A reversed "
            "receipt counts for nothing from the start; every balance can be checked line by line.",
        ),
    )
