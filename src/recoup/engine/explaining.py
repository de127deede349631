"""How one contract's figures, class and treatment came about, line by line.

The contract is decided anew in plain Python from the rows that the night kept, under the pack and
the strategy that the night kept, and held against the night's decision: if the two differ, that is
said first, because then one of them is wrong.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from recoup.engine.book_rows import BookRows, NoSuchContract, PaymentRow, PersonSource, Row
from recoup.engine.one_person import OneContract, OnePerson, PersonRules, decide_person
from recoup.engine.placing import MARK
from recoup.engine.refusal import NightRefused
from recoup.engine.wording import (
    CLASS_WORDS,
    FACT_WORDS,
    INPUT_WORDS,
    PART_WORDS,
    STATUS_WORDS,
    UNKNOWN_WHY,
)
from recoup.kernel.explain import Explanation, Input, Section, Step, Words, same
from recoup.kernel.money import text_from_minor
from recoup.kernel.tracing import Piece
from recoup.policy.classify import Looked
from recoup.policy.experiments import ELIGIBILITY
from recoup.policy.pack import Pack, load_pack
from recoup.policy.rules import RuleVersion
from recoup.policy.strategy import Strategy, load_strategy
from recoup.tables.table import Decided

#: Columns of a decision that are held against the plain-Python one.
COMPARED = (
    *("dpd", "dpd_prev", "max_dpd_12m", "overdue_principal_minor", "overdue_interest_minor"),
    *("overdue_fee_minor", "outstanding_principal_minor", "overdue_instalments", "bucket"),
    *("asset_class", "roll", "paid_ratio_3m_bp", "paid_ratio_6m_bp", "paid_ratio_12m_bp"),
    *("broken_promises_6m", "segment", "treatment", "first_over_30_on", "first_over_90_on"),
    *("experiment", "arm", "arm_probability_ppm"),
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One contract of a result: the night's decision, the same in plain Python, and under what."""

    decision: Row
    person: OnePerson
    contract: OneContract
    pack: Pack
    strategy: Strategy
    as_of: date

    @property
    def differences(self) -> tuple[str, ...]:
        """Columns in which the night and plain Python disagree; none, unless there is a fault."""
        plain = plain_decision(self.contract)
        return tuple(name for name in COMPARED if plain[name] != self.decision[name])


def plain_decision(contract: OneContract) -> Mapping[str, object]:
    """Yield the compared columns as plain Python has them."""
    found: dict[str, object] = dict.fromkeys(COMPARED)
    if contract.traced is not None:
        trace = contract.traced.trace
        found |= {name: getattr(trace, name) for name in COMPARED if hasattr(trace, name)}
    found |= {name: contract.facts.get(name) for name in COMPARED if name in contract.facts}
    found["asset_class"] = contract.asset_class
    return found


def tell(*, result: Path, contract_id: str) -> Told:
    """Yield one contract of a result folder, decided anew beside the night's decision.

    Errors: NightRefused, when the folder is no result; NoSuchContract.
    """
    rules = kept_rules(result=result, manifest=read_manifest_with_book(result))
    rows = BookRows(folder=result / "book")
    contract = rows.contract(contract_id)
    decisions = pq.read_table(
        result / "decisions.parquet", filters=[("contract_id", "=", contract_id)]
    ).to_pylist()
    if not decisions:
        raise NoSuchContract(contract_id=contract_id)
    return told(decision=decisions[0], rows=rows, person=int(str(contract["person"])), rules=rules)


def told(*, decision: Row, rows: PersonSource, person: int, rules: PersonRules) -> Told:
    """Yield one contract decided anew from a person's rows, beside the decision given."""
    one = decide_person(rows=rows, person=person, rules=rules)
    decided = next(own for own in one.contracts if own.contract_id == decision["contract_id"])
    return Told(
        decision=decision,
        person=one,
        contract=decided,
        pack=rules.pack,
        strategy=rules.strategy,
        as_of=rules.as_of,
    )


def read_manifest(result: Path) -> Mapping[str, object]:
    """Yield the manifest of a result folder. Errors: NightRefused, when it is no result."""
    if not (result / MARK).is_file():
        raise NightRefused(
            zh=f"{result} 不是一次日终运行的结果（没有 {MARK}）。",
            en=f"{result} is not the result of a night (it has no {MARK}).",
        )
    manifest: Mapping[str, object] = json.loads((result / MARK).read_text(encoding="utf-8"))
    return manifest


def read_manifest_with_book(result: Path) -> Mapping[str, object]:
    """Yield the manifest of a result folder that keeps the rows of the book.

    Errors: NightRefused, when it is no result, or was made on a cluster and keeps no such rows.
    """
    manifest = read_manifest(result)
    if not (result / "book").is_dir():
        raise NightRefused(
            zh=f"{result} 不含账册的行：它是在 Spark 上得出的。逐笔解释、发布到作业台和日间重判"
            "需要这些行；请用 --engine duckdb 对同一账册（或其中一部分）运行日终。",
            en=f"{result} keeps no rows of the book: it was made on Spark. To explain it, to "
            "publish it to the desk or to decide anew by day these rows are needed; run the night "
            "of the same book, or of a part of it, with --engine duckdb.",
        )
    return manifest


def kept_rules(*, result: Path, manifest: Mapping[str, object]) -> PersonRules:
    """Yield the law, policy and day of a result, from the copies that the night kept."""
    pack_head, strategy_head, tables = (
        _mapping(manifest[name]) for name in ("pack", "strategy", "tables")
    )
    pack = load_pack(result / "policy" / "pack" / str(pack_head["id"]), with_cases=False)
    folder = result / "policy" / "strategy" / str(strategy_head["id"])
    strategy = load_strategy(folder, dry_run="dry_run" in manifest)
    for kept, head in ((pack, pack_head), (strategy, strategy_head)):
        if kept.content_hash != head["content_hash"]:
            raise NightRefused(
                zh=f"结果中保存的“{head['id']}”已被改动，与清单中的哈希不符；拒绝据此解释。",
                en=f"The copy of '{head['id']}' in the result was altered: its hash differs from "
                "the manifest. Nothing is explained from it.",
            )
    debtors = _mapping(tables["debtors"])
    columns = debtors["columns"]
    assert isinstance(columns, list)
    return PersonRules(
        pack=pack,
        strategy=strategy,
        as_of=date.fromisoformat(str(manifest["as_of"])),
        debtor_columns=frozenset(columns),
        tables=frozenset(tables),
    )


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def explanation(told: Told) -> Explanation:
    """Yield the whole story of one contract."""
    contract, decision = told.contract, told.decision
    money = _Money(str(contract.row["currency"]))
    debtor = contract.row["debtor_id"]
    sections = [
        *_faults(told),
        Section(
            heading=Words(zh="还款：每一笔去了哪里", en="Receipts: where each unit went"),
            steps=tuple(_receipts(contract, told.as_of, money)),
        ),
        Section(
            heading=Words(zh="逾期的分期", en="Overdue instalments"),
            steps=tuple(_overdue(contract, told.as_of, money)),
        ),
        Section(heading=Words(zh="数字", en="Figures"), steps=tuple(_figures(decision, money))),
        Section(
            heading=Words(zh="分类：看过的每条规则", en="Class: every rule that was looked at"),
            steps=tuple(_rules(told)),
        ),
        Section(
            heading=Words(zh="承诺", en="Promises to pay"), steps=tuple(_promises(told, money))
        ),
        Section(heading=Words(zh="处置", en="Treatment"), steps=tuple(_treatment(told))),
    ]
    return Explanation(
        title=Words(
            zh=f"合同 {contract.contract_id}（债务人 {debtor}），营业日期 {told.as_of}",
            en=f"Contract {contract.contract_id} (debtor {debtor}), business date {told.as_of}",
        ),
        answer=_answer(told, money),
        sections=tuple(sections),
    )


@dataclass(frozen=True)
class _Money:
    currency: str

    def __call__(self, minor: object) -> str:
        if not isinstance(minor, int):
            return "?"
        return text_from_minor(minor=minor, currency=self.currency, grouped=True)


def _answer(told: Told, money: _Money) -> Words:
    decision = told.decision
    class_words = CLASS_WORDS[str(decision["asset_class"])]
    if decision["dpd"] is None:
        why = UNKNOWN_WHY.get(str(decision["asset_class_unknown_why"]), same("?"))
        return Words(zh=f"{class_words.zh}：{why.zh}", en=f"{class_words.en}: {why.en}")
    exposure = money(decision["exposure_minor"])
    currency = decision["currency"]
    return Words(
        zh=f"逾期 {decision['dpd']} 天，{decision['bucket']}，{class_words.zh}，"
        f"敞口 {currency} {exposure}，处置 {decision['treatment']}",
        en=f"{decision['dpd']} days past due, {decision['bucket']}, {class_words.en}, "
        f"exposure {currency} {exposure}, treatment {decision['treatment']}",
    )


def _faults(told: Told) -> Iterator[Section]:
    if told.differences:
        yield Section(
            heading=Words(
                zh="警告：重新计算与日终结果不一致，请报告此问题",
                en="Warning: deciding anew differs from the night; please report this",
            ),
            steps=tuple(
                Step(
                    label=same(name),
                    result=same(f"{told.decision[name]} / {plain_decision(told.contract)[name]}"),
                )
                for name in told.differences
            ),
        )


def _receipts(contract: OneContract, as_of: date, money: _Money) -> Iterator[Step]:
    pieces = contract.traced.pieces if contract.traced else ()
    for payment in contract.payments:
        own = [piece for piece in pieces if piece.payment_id == payment.payment_id]
        yield Step(
            label=_payment_label(payment, money),
            result=_payment_result(payment, own, as_of, money, decided=bool(contract.traced)),
        )


def _payment_label(payment: PaymentRow, money: _Money) -> Words:
    amount = money(payment.amount_minor)
    zh, en = ("减免", "waiver") if payment.is_waiver else ("还款", "receipt")
    return Words(
        zh=f"{payment.paid_on} {zh} {amount}（{payment.payment_id}）",
        en=f"{payment.paid_on} {en} {amount} ({payment.payment_id})",
    )


def _payment_result(
    payment: PaymentRow, pieces: Sequence[Piece], as_of: date, money: _Money, *, decided: bool
) -> Words:
    if payment.is_reversed:
        return Words(zh="已冲正，自始不计", en="reversed: counts for nothing from the beginning")
    if payment.paid_on > as_of:
        return Words(zh="在营业日期之后，暂不计入", en="after the business date: not counted yet")
    if not decided:
        return Words(
            zh="合同有被拒收的行，不作抵充", en="rows of the contract were refused: not allocated"
        )
    placed = [
        Words(
            zh=f"第 {piece.seq} 期{PART_WORDS[piece.part].zh} {money(piece.amount_minor)}",
            en=f"instalment {piece.seq} {PART_WORDS[piece.part].en} {money(piece.amount_minor)}",
        )
        for piece in pieces
    ]
    rest = payment.amount_minor - sum(piece.amount_minor for piece in pieces)
    if rest:
        placed.append(
            Words(zh=f"超出全部应还 {money(rest)}", en=f"beyond everything due {money(rest)}")
        )
    return Words(zh="，".join(one.zh for one in placed), en=", ".join(one.en for one in placed))


def _overdue(contract: OneContract, as_of: date, money: _Money) -> Iterator[Step]:
    if contract.traced is None:
        return
    paid: dict[tuple[int, str], int] = {}
    for piece in contract.traced.pieces:
        key = (piece.seq, piece.part)
        paid[key] = paid.get(key, 0) + piece.amount_minor
    for instalment in contract.instalments:
        owed = {
            part: getattr(instalment, f"{part}_minor") - paid.get((instalment.seq, part), 0)
            for part in PART_WORDS
        }
        if instalment.due_on >= as_of or not any(owed.values()):
            continue
        parts = [part for part, left in owed.items() if left]
        yield Step(
            label=Words(
                zh=f"第 {instalment.seq} 期，{instalment.due_on} 到期，"
                f"逾期 {(as_of - instalment.due_on).days} 天",
                en=f"instalment {instalment.seq}, due {instalment.due_on}, "
                f"{(as_of - instalment.due_on).days} days past due",
            ),
            result=Words(
                zh="，".join(f"{PART_WORDS[part].zh} {money(owed[part])}" for part in parts),
                en=", ".join(f"{PART_WORDS[part].en} {money(owed[part])}" for part in parts),
            ),
        )


def _figures(decision: Row, money: _Money) -> Iterator[Step]:
    for name, words in FACT_WORDS.items():
        value = decision.get(name)
        shown = money(value) if name.endswith("_minor") and value is not None else str(value)
        if name.endswith("_bp") and isinstance(value, int):
            shown = f"{value // 100}.{value % 100:02d} %"
        yield Step(label=words, result=_missing(name, decision) if value is None else same(shown))


def _missing(name: str, decision: Row) -> Words:
    """Yield why a figure is empty.

    Of a decided contract, a ratio has nothing to divide by, and what has no first day never was.
    """
    if name.endswith("_bp") and decision["dpd"] is not None:
        return Words(zh="期间无到期款项", en="nothing fell due in that time")
    if name.startswith("first_over_") and decision["dpd"] is not None:
        return Words(zh="从未", en="never")
    return Words(zh="不详", en="not known")


def _rules(told: Told) -> Iterator[Step]:
    contract = told.contract
    if contract.traced is None:
        code = str(contract.row["bad_code"])
        yield Step(
            label=Words(zh="未分类", en="not classified"),
            result=Words(
                zh=f"合同自身的行被拒收（{code}），见 rejects.parquet",
                en=f"the contract's own rows were refused ({code}), see rejects.parquet",
            ),
        )
        return
    binding = told.decision["asset_class_rules"]
    assert isinstance(binding, list)
    for looked in contract.classified.looked_at:
        yield _rule_step(told, looked, binds=looked.rule in binding)


def _rule_step(told: Told, looked: Looked, *, binds: bool) -> Step:
    floor = CLASS_WORDS[looked.floor]
    rank_bound = binds and looked.floor == told.decision["asset_class"]
    if looked.holds is None:
        result = Words(
            zh=f"缺少事实，未能审查（若符合：至少{floor.zh}）",
            en=f"a fact is missing: it could not be examined (if it held: at least {floor.en})",
        )
    elif not looked.holds:
        result = Words(
            zh=f"不符合（若符合：至少{floor.zh}）",
            en=f"does not apply (if it held: at least {floor.en})",
        )
    elif rank_bound:
        result = Words(zh=f"符合，决定分类：{floor.zh}", en=f"holds and decides: {floor.en}")
    else:
        result = Words(zh=f"符合，至少{floor.zh}", en=f"holds: at least {floor.en}")
    version = (
        told.pack.rules[looked.rule].version_on(on=told.as_of)
        if (looked.rule in told.pack.rules)
        else None
    )
    # Limbs that are numbers are the law's own; other names are the pack author's.
    limb = f" ({looked.limb})" if looked.limb[:1].isdigit() else ""
    subject = version.subject if version else _policy_row(told, looked.rule)
    return Step(
        label=Words(zh=f"{subject.zh}{limb}", en=f"{subject.en}{limb}"),
        inputs=tuple(
            Input(name=INPUT_WORDS.get(name, same(name)), value=_shown(value))
            for name, value in looked.facts.items()
        ),
        result=result,
        rule_id=looked.rule,
        source=_source(version) if version else Words(zh="银行策略", en="bank policy"),
    )


def _policy_row(told: Told, rule: str) -> Words:
    """Yield what a row of the bank's own matrix says."""
    name, _, row = rule.partition(":")
    table = told.strategy.tables[name]
    return Words(zh=table.row_text(row, "zh"), en=table.row_text(row, "en"))


def _shown(value: object) -> Words | None:
    if isinstance(value, bool):
        return Words(zh="是", en="yes") if value else Words(zh="否", en="no")
    return None if value is None else same(str(value))


def _source(version: RuleVersion) -> Words:
    source = version.sources[0]
    article = version.article.text
    mark = version.confidence
    shown = {"high": "高", "medium": "中", "low": "低"}.get(mark, mark)
    return Words(
        zh=f"{source.title.zh} {article}，可信度{shown}",
        en=f"{source.title.en}, {article}, confidence {mark}",
    )


def _promises(told: Told, money: _Money) -> Iterator[Step]:
    for one in told.person.promises:
        if one.promise.contract_id not in (None, told.contract.contract_id):
            continue
        status = STATUS_WORDS[one.status]
        amount, matched = money(one.promise.amount_minor), money(one.matched_minor)
        yield Step(
            label=Words(
                zh=f"{one.promise.made_on} 承诺 {one.promise.due_on} 前还 {amount}"
                f"（{one.promise.promise_id}）",
                en=f"on {one.promise.made_on} promised {amount} by {one.promise.due_on} "
                f"({one.promise.promise_id})",
            ),
            result=Words(zh=f"{status.zh}，已对应 {matched}", en=f"{status.en}, matched {matched}"),
        )


def _treatment(told: Told) -> Iterator[Step]:
    contract, decision = told.contract, told.decision
    yield from _rows_chosen(told, "segment", "segment", contract.segment)
    yield from _enrolment(told)
    own_table = contract.enrolled.treatment_table
    yield from _rows_chosen(told, "treatment", own_table, contract.treatment)
    yield from _rows_chosen(told, "points", "points", contract.points)
    yield Step(
        label=Words(zh="渠道", en="channel"),
        result=same(str(decision["channel"])) if decision["channel"] else Words(zh="无", en="none"),
    )
    blocked = decision["blocked_by"]
    assert isinstance(blocked, list)
    yield Step(
        label=Words(zh="现在不得联系，因为", en="contact is refused now by"),
        result=same(", ".join(blocked)) if blocked else Words(zh="无", en="nothing"),
    )


_OUTPUT_WORDS = {
    "segment": Words(zh="分群", en="segment"),
    "treatment": Words(zh="处置方式", en="treatment"),
    "points": Words(zh="优先分", en="points"),
}


def _rows_chosen(told: Told, output: str, table: str, decided: Decided) -> Iterator[Step]:
    words, value = _OUTPUT_WORDS[output], decided.outputs.get(output)
    for row in decided.rows or ("",):
        yield Step(
            label=Words(zh=f"{words.zh} {value}", en=f"{words.en} {value}"),
            result=_row_said(told, table, row),
            rule_id=f"{table}:{row}" if row else None,
        )


def _row_said(told: Told, table: str, row: str) -> Words:
    if not row:
        return Words(zh="没有一行符合", en="no row applies")
    found = told.strategy.tables[table]
    return Words(zh=found.row_text(row, "zh"), en=found.row_text(row, "en"))


def _enrolment(told: Told) -> Iterator[Step]:
    """Yield why the contract takes part in an experiment, in which arm and by which chance."""
    own = told.contract.enrolled
    if not own.rows:
        return
    rule = f"{ELIGIBILITY}:{own.rows[0]}"
    said = _row_said(told, ELIGIBILITY, own.rows[0])
    if own.experiment is None:
        yield Step(label=Words(zh="不参加实验", en="in no experiment"), result=said, rule_id=rule)
        return
    yield Step(
        label=Words(zh=f"实验 {own.experiment}", en=f"experiment {own.experiment}"),
        result=said,
        rule_id=rule,
    )
    ppm = own.probability_ppm or 0
    share = f"{ppm // 10_000}.{ppm % 10_000:04d}".rstrip("0").rstrip(".") + " %"
    yield Step(
        label=Words(zh=f"组别 {own.arm}", en=f"arm {own.arm}"),
        result=Words(
            zh=f"按（实验，债务人）的 MD5 分入，概率 {share}",
            en=f"by MD5 of (experiment, debtor), with a probability of {share}",
        ),
    )
