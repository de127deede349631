"""Duties: a verb in a room; their names, and which of them one person must not hold together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from recoup.kernel.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class Name:
    """A code in Chinese and English."""

    zh: str
    en: str


#: What may be done in a room. ``view`` reads; ``work`` does the room's daily acts; ``assign`` moves
#: work between people; ``approve`` is the second pair of eyes; ``post`` books money; ``reveal``
#: shows masked numbers with a reason; ``export`` takes data out; ``configure`` sets the room up.
VERB_NAMES = {
    "view": Name(zh="查看", en="view"),
    "work": Name(zh="办理", en="work"),
    "assign": Name(zh="分派", en="assign"),
    "approve": Name(zh="复核", en="approve"),
    "post": Name(zh="记账", en="post"),
    "reveal": Name(zh="查看完整号码", en="reveal numbers"),
    "export": Name(zh="导出", en="export"),
    "configure": Name(zh="设置", en="set up"),
}
ROOM_NAMES = {
    "people": Name(zh="人员", en="people"),
    "compliance": Name(zh="合规", en="compliance"),
    "portfolio": Name(zh="贷款与借款人", en="loans and debtors"),
    "ledger": Name(zh="账务", en="ledger"),
    "contacts": Name(zh="触达", en="contacts"),
    "arrangements": Name(zh="还款安排", en="arrangements"),
    "cases": Name(zh="案件", en="cases"),
    "visits": Name(zh="外访", en="visits"),
    "complaints": Name(zh="投诉", en="complaints"),
    "quality": Name(zh="质检", en="quality"),
    "closing": Name(zh="日终", en="nights"),
    "evidence": Name(zh="证据", en="evidence"),
    "analytics": Name(zh="分析", en="analytics"),
}
#: Rooms whose pages show debtors' data.
DEBTORS_ROOMS = frozenset(
    {
        *("compliance", "portfolio", "ledger", "contacts", "arrangements", "cases", "evidence"),
        *("analytics", "complaints", "visits", "quality"),
    }
)


class NotAllowed(Refused):
    """The person sees the record but has not the duty; the sentence names it."""

    def __init__(self, *, verb: str, room: str) -> None:
        act, place = VERB_NAMES.get(verb), ROOM_NAMES.get(room)
        super().__init__(
            zh=f"您没有“{place.zh if place else room}：{act.zh if act else verb}”的职责；"
            "如工作需要，请联系系统管理员。",
            en=f"You have not the duty '{verb} {room}'; the administrator can give it to you.",
            rule=f"duty:{verb}:{room}",
        )
        self.verb = verb
        self.room = room


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Duties that one person must not hold together, and why."""

    rule: str
    zh: str
    en: str


def clashes(*, roles: Collection[str], duties: Iterable[str]) -> tuple[Clash, ...]:
    """Yield what forbids a set of roles and duties in one hand; nothing, where it is allowed.

    Shape: role codes, and all duties (``verb room``) they come to.

    >>> [found.rule for found in clashes(roles={"auditor"}, duties={"view cases", "work cases"})]
    ['separation:auditor']
    >>> mixed = {"configure people", "view cases"}
    >>> [found.rule for found in clashes(roles={"administrator"}, duties=mixed)]
    ['separation:administrator']
    >>> clashes(roles={"collector"}, duties={"view cases", "work cases"})
    ()
    """
    held = set(duties)
    found = []
    if "auditor" in roles and any(not duty.startswith("view ") for duty in held):
        found.append(
            Clash(
                rule="separation:auditor",
                zh="审计人员可以查看一切，但不得办理任何业务；不能与其他职责合并。",
                en="An auditor reads everything and writes nothing; no other duty goes with it.",
            )
        )
    standing = any(duty.partition(" ")[2] in DEBTORS_ROOMS for duty in held)
    if "configure people" in held and standing:
        found.append(
            Clash(
                rule="separation:administrator",
                zh="能设置人员与权限的人不得长期查看借款人资料；如确有需要，可申请一小时的临时权限。",
                en="Who sets up people and duties has no standing access to debtors' data; it is "
                "borrowed for an hour, with a reason.",
            )
        )
    return tuple(found)
