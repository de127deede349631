"""The roles that a new installation starts with; the administrator may change them afterwards."""

from dataclasses import dataclass

from recoup.kernel.duties import ROOM_NAMES, VERB_NAMES

ROOMS = tuple(ROOM_NAMES)
VERBS = tuple(VERB_NAMES)

Duties = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StandardRole:
    """A role: its code, its names, its duties as ``verb room`` and its limit of approval."""

    code: str
    zh: str
    en: str
    duties: Duties
    approves_up_to_minor: int = 0


_DESK: Duties = (
    *("view portfolio", "reveal portfolio", "view ledger", "view contacts", "work contacts"),
    *("view arrangements", "work arrangements", "view cases", "work cases"),
    *("view complaints", "work complaints"),
)
_READ_ALL: Duties = tuple(f"view {room}" for room in ROOM_NAMES)

STANDARD_ROLES = (
    StandardRole(code="collector", zh="清收人员", en="collector", duties=_DESK),
    StandardRole(
        code="senior_collector",
        zh="高级清收人员",
        en="senior collector",
        duties=(*_DESK, "work portfolio", "post ledger", "work visits"),
    ),
    StandardRole(
        code="loan_officer",
        zh="客户经理",
        en="loan officer",
        duties=(*_DESK, "work portfolio", "post ledger", "work visits"),
    ),
    StandardRole(
        code="counsel", zh="法务", en="counsel", duties=(*_DESK, "work portfolio", "view evidence")
    ),
    StandardRole(
        code="supervisor",
        zh="主管",
        en="supervisor",
        duties=(
            *(*_DESK, "work portfolio", "post ledger", "assign cases", "view people"),
            *("view analytics", "export analytics", "approve ledger", "approve arrangements"),
            *("view closing", "approve cases", "assign people", "export contacts"),
            "assign contacts",
            *("assign complaints", "approve complaints"),
            *("view visits", "work visits", "view quality", "work quality", "assign quality"),
        ),
        approves_up_to_minor=5_000_000,
    ),
    StandardRole(
        code="strategy_analyst",
        zh="策略分析人员",
        en="strategy analyst",
        duties=(
            *("view portfolio", "view cases", "view analytics", "export analytics"),
            *("view closing", "view arrangements", "view contacts", "export closing"),
        ),
    ),
    StandardRole(
        code="compliance_officer",
        zh="合规人员",
        en="compliance officer",
        duties=(
            *(*_READ_ALL, "reveal portfolio", "approve compliance", "export compliance"),
            *("approve ledger", "export closing", "assign contacts"),
            *("work complaints", "assign complaints", "approve complaints", "export complaints"),
            *("work quality", "assign quality"),
        ),
        approves_up_to_minor=1_000_000_000,
    ),
    StandardRole(code="auditor", zh="审计人员", en="auditor", duties=_READ_ALL),
    StandardRole(
        code="administrator",
        zh="系统管理员",
        en="administrator",
        duties=(
            *("view people", "configure people", "view closing", "configure closing"),
            *("work closing", "export closing"),
        ),
    ),
)
#: What an administrator may do while access is borrowed.
BORROWED: Duties = (
    *("view portfolio", "view cases", "view ledger", "view contacts"),
    "view arrangements",
)
#: The value of a scope over the whole bank.
WHOLE_BANK = ""
