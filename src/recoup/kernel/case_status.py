"""The states of a case and the moves between them that exist.

A case is one person with all loans. It is *new* until somebody has it, *assigned* until that person
has done something, then *in work*; a live *promise*, a *plan* in force, a *legal* course or a
*suspension* (dispute, complaint, death ...) rests the ordinary work; *closed* once nothing is left.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recoup.kernel.explain import Words
from recoup.kernel.refusal import Refused

NEW = "new"
ASSIGNED = "assigned"
IN_WORK = "in_work"
PROMISED = "promised"
PLAN = "plan"
LEGAL = "legal"
SUSPENDED = "suspended"
CLOSED = "closed"

STATUS_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        NEW: Words(zh="待分案", en="new"),
        ASSIGNED: Words(zh="已分案", en="assigned"),
        IN_WORK: Words(zh="处理中", en="in work"),
        PROMISED: Words(zh="已承诺", en="promised"),
        PLAN: Words(zh="分期履行中", en="plan in force"),
        LEGAL: Words(zh="法律程序中", en="in legal proceedings"),
        SUSPENDED: Words(zh="暂停", en="suspended"),
        CLOSED: Words(zh="已结案", en="closed"),
    }
)

#: From each state the states that can follow. A closed case is only ever opened anew. One at rest
#: goes back to whoever has it, or to nobody, once what rested it is over: a promise of the bank's
#: book that is kept before anybody has worked the case leaves it new.
MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        NEW: frozenset({ASSIGNED, IN_WORK, PROMISED, PLAN, LEGAL, SUSPENDED, CLOSED}),
        ASSIGNED: frozenset({NEW, IN_WORK, PROMISED, PLAN, LEGAL, SUSPENDED, CLOSED}),
        IN_WORK: frozenset({NEW, ASSIGNED, PROMISED, PLAN, LEGAL, SUSPENDED, CLOSED}),
        PROMISED: frozenset({NEW, ASSIGNED, IN_WORK, PLAN, LEGAL, SUSPENDED, CLOSED}),
        PLAN: frozenset({NEW, ASSIGNED, IN_WORK, PROMISED, LEGAL, SUSPENDED, CLOSED}),
        LEGAL: frozenset({NEW, ASSIGNED, IN_WORK, PROMISED, PLAN, SUSPENDED, CLOSED}),
        SUSPENDED: frozenset({NEW, ASSIGNED, IN_WORK, PROMISED, PLAN, LEGAL, CLOSED}),
        CLOSED: frozenset({NEW}),
    }
)
#: States in which a collector has nothing to do of the ordinary kind.
RESTING = frozenset({PROMISED, PLAN, LEGAL, SUSPENDED})


class IllegalMove(Refused):
    """A case cannot go from its state to the one wanted."""

    def __init__(self, *, before: str, after: str) -> None:
        ways = sorted(MOVES.get(before, ()))
        zh = "、".join(STATUS_WORDS[one].zh for one in ways) or "无"
        en = ", ".join(STATUS_WORDS[one].en for one in ways) or "nothing"
        from_words, to_words = STATUS_WORDS.get(before), STATUS_WORDS.get(after)
        super().__init__(
            zh=f"案件状态为“{from_words.zh if from_words else before}”，不能改为"
            f"“{to_words.zh if to_words else after}”；可以改为：{zh}。",
            en=f"The case is '{from_words.en if from_words else before}' and cannot become "
            f"'{to_words.en if to_words else after}'; it can become: {en}.",
            rule="case:status",
        )


def moved(*, before: str, after: str) -> str:
    """Yield the state after a move; staying is no move. Errors: IllegalMove.

    >>> moved(before="assigned", after="in_work")
    'in_work'
    """
    if after != before and after not in MOVES.get(before, frozenset()):
        raise IllegalMove(before=before, after=after)
    return after


def resting_place(*, has_collector: bool, worked: bool) -> str:
    """Yield the state to which a case returns when what rested it has ended.

    >>> resting_place(has_collector=True, worked=False)
    'assigned'
    """
    if worked:
        return IN_WORK
    return ASSIGNED if has_collector else NEW
