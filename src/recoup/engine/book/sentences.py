"""The one catalogue of what may be wrong with a row: code, weight, and the sentences for people.

The order is the rank: where one row has several faults, the first in this list names it, so that
the reason does not depend on the order of rows or columns in the file.
"""

from dataclasses import dataclass
from enum import IntEnum

from recoup.engine.book import contract


class Severity(IntEnum):
    """How much a finding weighs: an error takes the row out; a warning or a note does not."""

    ERROR = 0
    WARNING = 1
    NOTE = 2

    @property
    def word(self) -> str:
        """The word that stands in the reject file."""
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One kind of finding: its code, its usual weight, and its sentences.

    ``spares``: an error that leaves the contract decidable (the row is lost, but nothing with it).
    ``of_row``: the whole row is at fault, so the weight does not depend on the column.
    """

    code: str
    zh: str
    en: str
    severity: Severity = Severity.ERROR
    spares: bool = False
    of_row: bool = False


_LIMIT = f"{contract.AMOUNT_LIMIT_MAJOR:,}"
_CELL = f"{contract.CELL_LIMIT_BYTES:,}"
_LINE = f"{contract.LINE_LIMIT_BYTES:,}"
_YEARS = f"{contract.FIRST_YEAR}-01-01 – {contract.LAST_YEAR}-12-31"

CATALOGUE: tuple[Finding, ...] = (
    Finding(
        "bad_bytes",
        "本行含有无法按文件编码解读的字节；请按 UTF-8 或 GB18030 重新导出该行。",
        "The row holds bytes that the file's encoding does not have; export it again as UTF-8 or "
        "GB18030.",
        of_row=True,
    ),
    Finding(
        "line_too_long",
        f"本行超过 {_LINE} 字节，未予读取；请检查是否漏了换行或引号未闭合。",
        f"The line is longer than {_LINE} bytes and was not read; look for a missing line break or "
        "an open quote.",
        of_row=True,
    ),
    Finding(
        "stray_line_break",
        "本行中间有回车符；请去掉后重新导出（单元格内不允许换行）。",
        "The line has a carriage return in its middle; remove it (cells may not hold line breaks).",
        of_row=True,
    ),
    Finding(
        "stray_quote",
        "本行引号不成对或位置不对；文本中的引号应写成两个，单元格内不允许换行。",
        "The line's quotes do not pair up or stand in the wrong place; write a quote inside text "
        "twice, and no line break inside a cell.",
        of_row=True,
    ),
    Finding(
        "wrong_column_count",
        "本行的列数与表头不同；请检查多余或缺少的逗号。",
        "The line has another number of columns than the header; look for a comma too many or few.",
        of_row=True,
    ),
    Finding(
        "missing_value",
        "必填项“{column}”为空；请补上。",
        "The required value {column} is missing; fill it in.",
    ),
    Finding(
        "cell_too_long",
        f"“{{column}}”超过 {_CELL} 字节，不予接受。",
        f"{{column}} is longer than {_CELL} bytes and is not accepted.",
    ),
    Finding(
        "not_a_date",
        "“{column}”不是日期；日期写作 YYYY-MM-DD。",
        "{column} is not a date; write dates as YYYY-MM-DD.",
    ),
    Finding(
        "date_out_of_range",
        f"“{{column}}”不在可信范围（{_YEARS}）内；请核对年份。",
        f"{{column}} lies outside the plausible range ({_YEARS}); check the year.",
    ),
    Finding(
        "not_an_instant",
        "“{column}”不是带时区偏移的时刻；写作 2026-11-20T21:59:00+08:00。",
        "{column} is not an instant with its offset; write 2026-11-20T21:59:00+08:00.",
    ),
    Finding(
        "not_an_amount",
        "“{column}”不是金额；只写数字和小数点，例如 1234.56。",
        "{column} is not an amount; write digits and a point only, as in 1234.56.",
    ),
    Finding(
        "too_many_digits",
        "“{column}”的小数位多于该币种；不作舍入，请按币种精度填写。",
        "{column} has more digits than its currency; it is not rounded, give it in the currency's "
        "own digits.",
    ),
    Finding(
        "amount_too_large",
        f"“{{column}}”达到或超过 {_LIMIT}（主币单位），不予接受；请核对。",
        f"{{column}} is {_LIMIT} major units or more and is not accepted; check it.",
    ),
    Finding(
        "negative_amount",
        "“{column}”为负数；此处金额不得小于零。",
        "{column} is negative; this amount may not be below zero.",
    ),
    Finding(
        "amount_not_positive",
        "“{column}”必须大于零；冲正请另行填写 reverses。",
        "{column} must be greater than zero; take a payment back by naming it in reverses.",
    ),
    Finding(
        "not_a_rate",
        "“{column}”不是利率；按年百分数填写，例如 4.35。",
        "{column} is not a rate; give percent a year, as in 4.35.",
    ),
    Finding(
        "rate_too_fine",
        "“{column}”的小数位超过四位（百万分之一）；不作舍入。",
        "{column} has more than four digits after the point (one part per million); it is not "
        "rounded.",
    ),
    Finding(
        "rate_out_of_range",
        "“{column}”小于零或大于 10000%；请核对。",
        "{column} is below zero or above 10000 percent; check it.",
    ),
    Finding(
        "not_a_whole_number",
        "“{column}”不是整数。",
        "{column} is not a whole number.",
    ),
    Finding(
        "number_out_of_range",
        f"“{{column}}”不在允许范围内（最大 {contract.COUNT_LIMIT:,}；期次自 1 起）。",
        f"{{column}} lies outside its range (at most {contract.COUNT_LIMIT:,}; instalments count "
        "from 1).",
    ),
    Finding(
        "not_a_boolean",
        "“{column}”不是是非值；写 true 或 false。",
        "{column} is not a yes or no; write true or false.",
    ),
    Finding(
        "unknown_code",
        "“{column}”的取值不在约定代码之列；可用代码见数据接口说明。",
        "{column} is not one of the agreed codes; the book contract lists them.",
    ),
    Finding(
        "unknown_currency",
        "“{column}”不是 ISO 4217 币种代码。",
        "{column} is not a currency code of ISO 4217.",
    ),
    Finding(
        "unknown_time_zone",
        "“{column}”不是时区名称；例如 Asia/Shanghai。",
        "{column} is not the name of a time zone, such as Asia/Shanghai.",
    ),
    Finding(
        "duplicate_key",
        "同一主键出现多行且内容不同，全部不采用；请只保留正确的一行。",
        "Several rows with different content have this key; none is used. Keep only the right one.",
        of_row=True,
    ),
    Finding(
        "duplicate_row",
        "本行与另一行完全相同；只采用一行，其余不采用。",
        "The row repeats another row word for word; one is used, the others are not.",
        spares=True,
        of_row=True,
    ),
    Finding(
        "unknown_debtor",
        "债务人表中没有此编号；请补上债务人或更正编号。",
        "Table debtors has no such id; add the debtor or correct the id.",
        of_row=True,
    ),
    Finding(
        "debtor_rejected",
        "该债务人自身的记录有错误（见 debtors 的拒收行），其合同无法判断。",
        "The debtor's own row is faulty (see the rejects of debtors), so this contract cannot be "
        "decided.",
        of_row=True,
    ),
    Finding(
        "unknown_contract",
        "合同表中没有此编号；请补上合同或更正编号。",
        "Table contracts has no such id; add the contract or correct the id.",
        of_row=True,
    ),
    Finding(
        "contract_rejected",
        "该合同自身的记录已被拒收（见 contracts 的拒收行），本行随之无法采用。",
        "The contract's own row was rejected (see the rejects of contracts), so this row cannot "
        "be used.",
        of_row=True,
    ),
    Finding(
        "contract_of_another_debtor",
        "该合同属于另一债务人；请更正债务人或合同编号。",
        "The contract belongs to another debtor; correct the debtor's or the contract's id.",
        of_row=True,
    ),
    Finding(
        "end_before_start",
        "“{column}”早于起始日；请核对两个日期。",
        "{column} lies before the first day; check both dates.",
        of_row=True,
    ),
    Finding(
        "duplicate_seq",
        "同一合同的同一期次出现多行且内容不同，全部不采用；请只保留正确的一行。",
        "Several different rows of this contract have this instalment number; none is used. Keep "
        "only the right one.",
        of_row=True,
    ),
    Finding(
        "due_dates_out_of_order",
        "本期的应还日早于前一期；期次与日期顺序须一致。",
        "The instalment is due before an earlier number; numbers and due days must agree.",
        of_row=True,
    ),
    Finding(
        "schedule_missing",
        "该合同没有任何可用的还款计划，无法判断是否逾期。",
        "The contract has no instalment at all, so that nobody can say whether it is overdue.",
        of_row=True,
    ),
    Finding(
        "schedule_too_large",
        "该合同金额合计过大，超出可计算范围；请核对还款计划与流水。",
        "The contract's amounts add up to more than can be counted; check schedule and payments.",
        of_row=True,
    ),
    Finding(
        "principal_does_not_add_up",
        "各期本金之和与合同本金不等；已照还款计划计算，请核对。",
        "The instalments' principal does not add up to the contract's; the schedule is used as it "
        "stands, check it.",
        Severity.WARNING,
    ),
    Finding(
        "reversal_of_unknown_payment",
        "被冲正的流水在该合同下不存在；请更正 reverses。",
        "This contract has no payment of the id that is reversed; correct reverses.",
        of_row=True,
    ),
    Finding(
        "reversal_of_reversal",
        "被冲正的流水本身是冲正；不能再冲正，请重新记一笔还款。",
        "What is reversed is itself a reversal; that cannot be reversed, enter the payment anew.",
        of_row=True,
    ),
    Finding(
        "already_reversed",
        "该流水已被另一笔冲正；一笔流水只能冲正一次。",
        "The payment has already been reversed by another row; it can be reversed only once.",
        of_row=True,
    ),
    Finding(
        "reversal_amount_differs",
        "冲正金额与原流水不等；请按原金额冲正，差额另记。",
        "The reversal's amount differs from the payment's; reverse the whole amount and enter the "
        "rest anew.",
        of_row=True,
    ),
    Finding(
        "negative_zero",
        "“{column}”写作负零；已按 0 采用，请检查导出程序。",
        "{column} is written as negative zero; it is used as 0, check the exporting program.",
        Severity.WARNING,
    ),
    Finding(
        "payment_after_as_of",
        "入账日晚于业务日；留待以后计算，不是错误。",
        "The payment is dated after the business date; it is kept for later and is no error.",
        Severity.NOTE,
    ),
)

BY_CODE = {finding.code: finding for finding in CATALOGUE}
#: 1 for the first finding of the catalogue; 0 means no finding.
RANK = {finding.code: number for number, finding in enumerate(CATALOGUE, start=1)}


def finding_of(rank: int) -> Finding:
    """Yield the finding of a rank (1 for the first of the catalogue)."""
    return CATALOGUE[rank - 1]


def severity_of(*, code: str, matters: bool) -> Severity:
    """Yield the weight of a finding in a column: faults in columns that decide nothing only warn.

    ``bad_bytes`` in one cell of a Parquet file is treated as an error of the row, as in CSV.
    """
    finding = BY_CODE[code]
    if finding.severity is Severity.ERROR and not finding.of_row and not matters:
        return Severity.WARNING
    return finding.severity


def sentence(*, code: str, column: str) -> tuple[str, str]:
    """Yield the sentence of a finding in Chinese and in English."""
    finding = BY_CODE[code]
    return finding.zh.format(column=column), finding.en.format(column=column)
