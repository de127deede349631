"""The book contract as data: every table, column, type, code and limit, once.

Reading, checking, the normal form and the generated documentation all take it from here.
"""

from dataclasses import dataclass
from enum import StrEnum

#: No amount in a book may reach this many major units (a hundred trillion), in any currency.
AMOUNT_LIMIT_MAJOR = 10**14
#: Most digits after the point that any currency of ISO 4217 has.
MOST_AMOUNT_DIGITS = 4
#: Greatest rate, in parts per million a year (10,000 percent).
RATE_LIMIT_PPM = 100_000_000
#: Greatest number of an instalment, rank or count.
COUNT_LIMIT = 100_000
#: A text cell longer than this many bytes is refused.
CELL_LIMIT_BYTES = 65_536
#: A CSV line longer than this many bytes is refused unread.
LINE_LIMIT_BYTES = 1_048_576
#: Days outside these years are refused as slips of the pen.
FIRST_YEAR = 1900
LAST_YEAR = 2199


class Kind(StrEnum):
    """What a cell holds, and with that how it is read."""

    ID = "id"
    TEXT = "text"
    CODE = "code"
    CURRENCY = "currency"
    ZONE = "zone"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    AMOUNT = "amount"
    RATE = "rate"
    WHOLE = "whole"
    FRACTION = "fraction"


@dataclass(frozen=True)
class Column:
    """One column of a table of the contract.

    ``normal`` is its name in the normal form. ``decides``: a value that is there but cannot be read
    makes the row's contract undecidable; elsewhere only that value is left out, with a warning.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    normal: str = ""
    required: bool = False
    codes: tuple[str, ...] = ()
    decides: bool = False
    least: int = 0

    @property
    def stored_as(self) -> str:
        """The column's name in the normal form."""
        return self.normal or self.name

    @property
    def matters(self) -> bool:
        """Whether a fault in this cell is an error of the row, not only a warning."""
        return self.required or self.decides


@dataclass(frozen=True)
class TableSpec:
    """One table of the contract: its columns, its key, and whether a book must have it."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False

    def column(self, name: str) -> Column:
        """Yield the column of that name; KeyError when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in the contract's order."""
        return tuple(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
        """The names of the columns without which the table is refused."""
        return tuple(column.name for column in self.columns if column.required)


KINDS = ("retail", "small_business", "non_retail")
SECURITIES = ("unsecured", "guaranteed", "mortgaged", "pledged")
STATUSES = ("active", "settled", "written_off", "transferred")
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
CHANNELS = ("call", "ai_call", "sms", "email", "letter", "visit", "im", "portal")
DIRECTIONS = ("out", "in")
PARTIES = ("debtor", "co_obligor", "guarantor", "listed_contact", "other")
PURPOSES = ("collect", "notice", "service")
OUTCOMES = (
    "answered",
    "right_party",
    "no_answer",
    "busy",
    "invalid",
    "promise",
    "refused",
    "asked_to_stop",
    "delivered",
    "failed",
)
HOLDS = (
    "dispute",
    "complaint",
    "hardship",
    "vulnerable",
    "legal",
    "attorney",
    "deceased",
    "bankruptcy",
    "do_not_contact",
    "plan_active",
)
PAYMENT_KINDS = ("receipt", "waiver")
GUARANTEE_KINDS = ("general", "joint")

DEBTOR_ID = Column("debtor_id", Kind.ID, "债务人编号", "debtor's id", required=True)
CONTRACT_ID = Column("contract_id", Kind.ID, "合同（借据）编号", "contract's id", required=True)
CONTRACT_OPTIONAL = Column("contract_id", Kind.ID, "合同编号（可空）", "contract's id, if any")

DEBTORS = TableSpec(
    "debtors",
    "债务人",
    "debtors",
    (
        DEBTOR_ID,
        Column("name", Kind.TEXT, "姓名或名称", "name"),
        Column("kind", Kind.CODE, "类别", "kind", required=True, codes=KINDS),
        Column("id_type", Kind.TEXT, "证件类型", "type of identity document"),
        Column("id_number", Kind.TEXT, "证件号码", "number of identity document"),
        Column("phone", Kind.TEXT, "电话", "telephone"),
        Column("email", Kind.TEXT, "电子邮箱", "e-mail"),
        Column("language", Kind.TEXT, "语言", "language"),
        Column("time_zone", Kind.ZONE, "时区", "time zone", decides=True),
        Column("region", Kind.TEXT, "地区", "region"),
        Column("deceased_on", Kind.DATE, "死亡日期", "day of death", decides=True),
        Column("bankrupt_on", Kind.DATE, "破产日期", "day of bankruptcy", decides=True),
        Column("vulnerable", Kind.BOOLEAN, "需特殊关照", "vulnerable", decides=True),
    ),
    key=("debtor_id",),
    required=True,
)

CONTRACTS = TableSpec(
    "contracts",
    "合同",
    "contracts",
    (
        CONTRACT_ID,
        DEBTOR_ID,
        Column("product", Kind.TEXT, "产品", "product", required=True),
        Column("currency", Kind.CURRENCY, "币种", "currency", required=True),
        Column(
            "principal", Kind.AMOUNT, "本金", "principal", normal="principal_minor", required=True
        ),
        Column("annual_rate", Kind.RATE, "年利率（%）", "rate, percent a year", "annual_rate_ppm"),
        Column(
            "penalty_rate",
            Kind.RATE,
            "罚息年利率（%）",
            "penalty rate, percent a year",
            "penalty_rate_ppm",
        ),
        Column("start_date", Kind.DATE, "起始日", "first day", normal="start_on", required=True),
        Column("maturity_date", Kind.DATE, "到期日", "last day", normal="maturity_on"),
        Column("branch", Kind.TEXT, "机构", "branch"),
        Column("team", Kind.TEXT, "团队", "team"),
        Column("officer", Kind.TEXT, "客户经理", "loan officer"),
        Column("security", Kind.CODE, "担保方式", "security", codes=SECURITIES),
        Column("status", Kind.CODE, "状态", "status", codes=STATUSES, decides=True),
        Column("restructured_on", Kind.DATE, "重组日", "day of restructuring", decides=True),
        Column(
            "first_due_after_restructuring",
            Kind.DATE,
            "重组后首个还款日",
            "first due day after restructuring",
            normal="first_due_after_restructuring_on",
            decides=True,
        ),
        Column("times_restructured", Kind.WHOLE, "重组次数", "times restructured", decides=True),
        Column("financial_difficulty", Kind.BOOLEAN, "财务困难", "in difficulty", decides=True),
        Column("credit_impaired", Kind.BOOLEAN, "已发生信用减值", "credit impaired", decides=True),
        Column(
            "expected_credit_loss",
            Kind.AMOUNT,
            "预期信用损失",
            "expected credit loss",
            normal="expected_credit_loss_minor",
            decides=True,
        ),
        Column("use_changed", Kind.BOOLEAN, "改变用途", "use of funds changed", decides=True),
        Column("evades_debt", Kind.BOOLEAN, "逃废债", "evades the debt", decides=True),
        Column(
            "judged_overdue_technical",
            Kind.BOOLEAN,
            "认定为技术性逾期",
            "judged a technical delay",
            decides=True,
        ),
        Column(
            "previous_class", Kind.CODE, "上次分类", "previous class", codes=CLASSES, decides=True
        ),
        Column("written_off_on", Kind.DATE, "核销日", "day of write-off", decides=True),
    ),
    key=("contract_id",),
    required=True,
)

INSTALMENTS = TableSpec(
    "instalments",
    "还款计划",
    "instalments",
    (
        CONTRACT_ID,
        Column("seq", Kind.WHOLE, "期次", "number of the instalment", required=True, least=1),
        Column("due_date", Kind.DATE, "应还日", "due day", normal="due_on", required=True),
        Column(
            "principal", Kind.AMOUNT, "应还本金", "principal due", "principal_minor", required=True
        ),
        Column("interest", Kind.AMOUNT, "应还利息", "interest due", "interest_minor", decides=True),
        Column("fee", Kind.AMOUNT, "应还费用", "fee due", "fee_minor", decides=True),
    ),
    key=("contract_id", "seq"),
    required=True,
)

PAYMENTS = TableSpec(
    "payments",
    "还款流水",
    "payments",
    (
        Column("payment_id", Kind.ID, "流水号", "payment's id", required=True),
        CONTRACT_ID,
        Column("paid_on", Kind.DATE, "入账日", "day paid", required=True),
        Column("amount", Kind.AMOUNT, "金额", "amount", "amount_minor", required=True, least=1),
        Column("kind", Kind.CODE, "类别", "kind", codes=PAYMENT_KINDS, decides=True),
        Column("reverses", Kind.ID, "冲正的流水号", "payment that it reverses", decides=True),
    ),
    key=("payment_id",),
    required=True,
)

CONTACTS = TableSpec(
    "contacts",
    "触达记录",
    "contacts",
    (
        Column("contact_id", Kind.ID, "触达编号", "contact's id", required=True),
        DEBTOR_ID,
        CONTRACT_OPTIONAL,
        Column("at", Kind.INSTANT, "时刻", "instant", required=True),
        Column("channel", Kind.CODE, "渠道", "channel", required=True, codes=CHANNELS),
        Column("direction", Kind.CODE, "方向", "direction", required=True, codes=DIRECTIONS),
        Column("party", Kind.CODE, "对象", "party", codes=PARTIES),
        Column("number", Kind.TEXT, "号码", "number"),
        Column("purpose", Kind.CODE, "目的", "purpose", codes=PURPOSES),
        Column("outcome", Kind.CODE, "结果", "outcome", codes=OUTCOMES),
    ),
    key=("contact_id",),
)

PROMISES = TableSpec(
    "promises",
    "还款承诺",
    "promises",
    (
        Column("promise_id", Kind.ID, "承诺编号", "promise's id", required=True),
        DEBTOR_ID,
        CONTRACT_OPTIONAL,
        Column("made_on", Kind.DATE, "承诺日", "day made", required=True),
        Column("due_on", Kind.DATE, "承诺还款日", "day promised", required=True),
        Column("amount", Kind.AMOUNT, "承诺金额", "amount", "amount_minor", required=True, least=1),
    ),
    key=("promise_id",),
)

HOLD_ROWS = TableSpec(
    "holds",
    "暂停催收",
    "holds",
    (
        DEBTOR_ID,
        Column("kind", Kind.CODE, "类别", "kind", required=True, codes=HOLDS),
        CONTRACT_OPTIONAL,
        Column("from", Kind.DATE, "起", "first day", normal="from_on", required=True),
        Column("until", Kind.DATE, "止（不含）", "end (exclusive)", "until_on", decides=True),
        Column("channel", Kind.CODE, "渠道", "channel", codes=CHANNELS, decides=True),
    ),
    key=("debtor_id", "kind", "contract_id", "from", "channel"),
)

COLLATERAL = TableSpec(
    "collateral",
    "抵质押物",
    "collateral",
    (
        Column("collateral_id", Kind.ID, "押品编号", "collateral's id", required=True),
        CONTRACT_ID,
        Column("kind", Kind.TEXT, "种类", "kind", required=True),
        Column("value", Kind.AMOUNT, "评估价值", "appraised value", normal="value_minor"),
        Column("valued_on", Kind.DATE, "评估日", "day of appraisal"),
        Column("registered_on", Kind.DATE, "登记日", "day of registration"),
        Column("insured_until", Kind.DATE, "保险止期", "insured until"),
        Column("rank", Kind.WHOLE, "顺位", "rank"),
    ),
    key=("collateral_id", "contract_id"),
)

GUARANTORS = TableSpec(
    "guarantors",
    "保证人",
    "guarantors",
    (
        CONTRACT_ID,
        Column("guarantor_id", Kind.ID, "保证人编号", "guarantor's id", required=True),
        Column("name", Kind.TEXT, "姓名或名称", "name"),
        Column("guarantee_kind", Kind.CODE, "保证方式", "guarantee", codes=GUARANTEE_KINDS),
        Column("guaranteed_until", Kind.DATE, "保证期间止", "guaranteed until"),
    ),
    key=("contract_id", "guarantor_id"),
)

RATES = TableSpec(
    "rates",
    "汇率",
    "exchange rates",
    (
        Column("currency", Kind.CURRENCY, "币种", "currency", required=True),
        Column("on", Kind.DATE, "日期", "day", required=True),
        Column(
            "to_base", Kind.FRACTION, "折本位币", "base currency per unit", required=True, least=1
        ),
    ),
    key=("currency", "on"),
)

OUTSIDE = TableSpec(
    "outside",
    "他行债权",
    "claims of other institutions",
    (
        DEBTOR_ID,
        Column(
            "claims_all_banks",
            Kind.AMOUNT,
            "全部银行债权",
            "claims of all banks",
            "claims_all_banks_minor",
            decides=True,
        ),
        Column(
            "overdue_90_all_banks",
            Kind.AMOUNT,
            "全部银行逾期 90 天以上债权",
            "claims of all banks overdue more than 90 days",
            "overdue_90_all_banks_minor",
            decides=True,
        ),
        Column(
            "npl_elsewhere", Kind.BOOLEAN, "他行已列不良", "non-performing elsewhere", decides=True
        ),
        Column("as_of", Kind.DATE, "数据日", "day of the data", decides=True),
    ),
    key=("debtor_id", "as_of"),
)

#: Every table, in the order in which the intake reads them and the rejects list them.
TABLES = (
    DEBTORS,
    CONTRACTS,
    INSTALMENTS,
    PAYMENTS,
    CONTACTS,
    PROMISES,
    HOLD_ROWS,
    COLLATERAL,
    GUARANTORS,
    RATES,
    OUTSIDE,
)
BY_NAME = {table.name: table for table in TABLES}
