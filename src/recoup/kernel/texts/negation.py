"""Whether a phrase is denied where it stands: "we will not tell your family" tells nobody.

A denial counts when it stands before the phrase, in the same clause, and nothing in between turns
it round ("if you do not pay we will tell your family", "不还款就要坐牢"). Two denials are no
denial.
"""

import re
from typing import Final

_DENIALS: Final = {
    "zh": re.compile(
        r"不会|不得|不应|不能|不可|不是|不向|不把|不对|不再|不因|无权|没有权|并不|并非|绝不|决不|从不|"
        r"请勿|切勿|请不要|千万不要|不要|不必|不用|无需|无须|禁止|不允许|不存在|没有任何|没人会|不收|并未|"
        r"从未|也不|都不|不属于|未曾|拒绝|不$"
    ),
    "en": re.compile(
        r"(?<![a-z])(?:not|never|no|nobody|nor|neither|cannot|without|none|[a-z]+n't|free_of)"
        # "those who do not pay", "not paying": what is said of them is not denied by that.
        r"(?![a-z]|\s+(?:pay|paid|paying|payments?|repay\w*|settl\w*|answer\w*|respond\w*|reply\w*))"
    ),
}
#: What ends the reach of a denial.
_TURNS: Final = {
    "zh": re.compile(
        r"[，。！？；：,.!?;:\n]|否则|不然|就|除非|直到|为止|要不|只能|只好|再不|我是|我就是"
    ),
    "en": re.compile(
        r"[.!?;:\n]|(?<![a-z])(?:if|unless|until|or_we|or_you|or_else|otherwise|but|then|only|"
        r"until|we_will|we_shall|we'll|you_will|you'll|i_will|i'll|we_are_going|you_are_going|"
        r"want|unless|because|before)(?![a-z])".replace("_", r"\s+")
    ),
}
#: The longest way from a denial to what it denies.
_REACH: Final = {"zh": 30, "en": 90}
#: Denials that go on with the one before them, and words between two such denials.
_GO_ON: Final = ("也不", "都不")
_AND: Final = re.compile(r"\s+(?:and|or)\s+(?:will|shall|do|does|can|must|may)?\s*")
#: A denial that, put before another one, takes it back.
_ASKS: Final = re.compile(
    r"难道|是不是|莫非|why\s+(?:don't|not)|isn't\s+it|don't\s+you\s+(?:think|know)"
)


def denied(*, text: str, at: int, language: str) -> bool:
    """Tell whether what stands at ``at`` of a text in normal form is denied there.

    >>> denied(text="我们不会告诉您的家人", at=4, language="zh")
    True
    >>> denied(text="不还款就告诉您的家人", at=4, language="zh")
    False
    """
    before = text[max(0, at - _REACH[language]) : at]
    turns = list(_TURNS[language].finditer(before))
    clause = before[turns[-1].end() :] if turns else before
    denials = list(_DENIALS[language].finditer(clause))
    return _counted(clause, denials) == 1 and not _ASKS.search(clause)


def _counted(clause: str, denials: list[re.Match[str]]) -> int:
    """How many denials there are; "无权也不", "cannot and will not" deny once."""
    count, last = 0, 0
    for one in denials:
        between = clause[last : one.start()]
        goes_on = one.group() in _GO_ON or _AND.fullmatch(between) is not None
        if count == 0 or not goes_on or len(between) > 1 + len(" and shall "):
            count += 1
        last = one.end()
    return count
