"""Holds a text to the rules on what must not be said, and to the figures of the ledger.

Pure: rules come from packs and strategies, figures from the ledger. Whatever is in doubt blocks:
a language that no rule is written for, an amount when no figures are given, an amount that is not
exact. Each finding marks the phrase as it was written and offers a better one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recoup.kernel.explain import Words
from recoup.kernel.money import text_from_minor
from recoup.kernel.texts.amounts import amounts_in
from recoup.kernel.texts.negation import denied
from recoup.kernel.texts.normal import CJK, NormalText, normal

#: Kinds of what must not be said.
KINDS: Final = (
    *("threat", "false_legal_claim", "shaming", "disclosure", "borrowing"),
    *("false_authority", "false_urgency", "unkind"),
)
#: Where a denial lets a phrase pass: before it, before it or inside it, nowhere.
BEFORE, WITHIN, NOWHERE = "before", "within", "none"
DENIALS: Final = (BEFORE, WITHIN, NOWHERE)
AMOUNT, NOT_CHECKED = "wrong_amount", "not_checked"
LONGEST: Final = 8_000
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_CHINESE = re.compile(f"[{CJK}]")
_LATIN = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, kw_only=True)
class TextRule:
    """A rule on what must not be said: phrases by language, and what lets them pass.

    ``unless``: a phrase in the same sentence with which it is said rightly. ``denial``: where a
    denial lets it pass, one of DENIALS. ``purposes``: the contacts that it is for; None = all.
    """

    id: str
    kind: str
    says: Words
    better: Words
    source: Words
    phrases: Mapping[str, tuple[re.Pattern[str], ...]]
    unless: Mapping[str, tuple[re.Pattern[str], ...]]
    denial: str
    purposes: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """All rules that a text is held to, and the words that are often written in letters."""

    rules: tuple[TextRule, ...]
    pinyin: Mapping[str, str]

    @property
    def languages(self) -> frozenset[str]:
        """The languages that there are rules for."""
        return frozenset(
            language for rule in self.rules for language, found in rule.phrases.items() if found
        )


@dataclass(frozen=True, kw_only=True)
class TextFinding:
    """One thing that must not leave the house, with its place in the text as written."""

    rule_id: str
    kind: str
    start: int
    end: int
    phrase: str
    says: Words
    better: Words
    source: Words


def check_text(
    *,
    text: str,
    rules: TextRules,
    language: str,
    purpose: str,
    figures: Sequence[int] | None,
    currency: str,
) -> tuple[TextFinding, ...]:
    """Yield everything that blocks a text, from left to right; nothing found = it may go.

    Shape: ``language`` is the one that the text is to be written in (``zh`` or ``en``);
    ``purpose`` is what the gate is asked for (collect, notice, service, restore_contact);
    ``figures`` are the amounts of the ledger that may be named, None = not known.
    Units: minor units of ``currency``.
    """
    whole = normal(text=text[: LONGEST + 1], pinyin=rules.pinyin)
    if len(text) > LONGEST:
        return tuple(_unchecked(whole, text, rules, language))
    found = [
        *_unchecked(whole, text, rules, language),
        *_phrases(whole, text, rules, purpose),
        *_amounts(whole, text, figures, currency),
    ]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.rule_id)))


def _phrases(whole: NormalText, text: str, rules: TextRules, purpose: str) -> Iterator[TextFinding]:
    for rule in rules.rules:
        if rule.purposes is not None and purpose not in rule.purposes:
            continue
        spans: list[tuple[int, int]] = []
        for language, patterns in rule.phrases.items():
            for pattern in patterns:
                for match in pattern.finditer(whole.text):
                    if not _excused(rule, language, whole.text, match):
                        spans.append(match.span())
        for start, end in _outermost(spans):
            begins, ends = whole.original(start=start, end=end)
            yield TextFinding(
                rule_id=rule.id,
                kind=rule.kind,
                start=begins,
                end=ends,
                phrase=text[begins:ends],
                says=rule.says,
                better=rule.better,
                source=rule.source,
            )


def _excused(rule: TextRule, language: str, text: str, match: re.Match[str]) -> bool:
    if rule.denial != NOWHERE:
        at = match.end() - 1 if rule.denial == WITHIN else match.start()
        if denied(text=text, at=at, language=language):
            return True
    sentence = _sentence(text, match)
    return any(pattern.search(sentence) for pattern in rule.unless.get(language, ()))


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence, or sentences, in which a match stands."""
    start = 0
    for end in _SENTENCE_END.finditer(text, 0, match.start()):
        start = end.end()
    after = _SENTENCE_END.search(text, match.end())
    return text[start : after.end() if after else len(text)]


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping matches of one rule as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _amounts(
    whole: NormalText, text: str, figures: Sequence[int] | None, currency: str
) -> Iterator[TextFinding]:
    for amount in amounts_in(text=whole.text, currency=currency):
        if figures is not None and amount.minor in figures:
            continue
        start, end = whole.original(start=amount.start, end=amount.end)
        yield TextFinding(
            rule_id="AMOUNT",
            kind=AMOUNT,
            start=start,
            end=end,
            phrase=text[start:end],
            says=_UNKNOWN_FIGURES if figures is None else _OTHER_FIGURE,
            better=_listed(figures or (), currency),
            source=_LEDGER,
        )


_LEDGER = Words(zh="账务记录", en="the ledger")
_OTHER_FIGURE = Words(
    zh="这个金额与账务记录中的任何一个数字都不相等。",
    en="This amount equals none of the figures of the ledger.",
)
_UNKNOWN_FIGURES = Words(
    zh="文中有金额，但没有可核对的账务数字。",
    en="The text names an amount and there are no figures of the ledger to hold it to.",
)


def _listed(figures: Sequence[int], currency: str) -> Words:
    if not figures:
        return Words(
            zh="不写金额，请对方查看对账单。", en="Name no amount; point to the statement instead."
        )
    shown = [
        f"{currency} {text_from_minor(minor=one, currency=currency, grouped=True)}"
        for one in sorted(set(figures))
    ]
    return Words(zh=f"只写账上的数字：{'、'.join(shown)}", en=f"Use a figure: {', '.join(shown)}")


def _unchecked(
    whole: NormalText, text: str, rules: TextRules, language: str
) -> Iterator[TextFinding]:
    """What no rule can judge is not let through: empty, too long, or in another language."""
    said = None
    if not whole.text.strip():
        said = Words(zh="没有文字。", en="There is no text.")
    elif len(text) > LONGEST:
        said = Words(
            zh=f"文字超过 {LONGEST} 个字符，未作检查。",
            en=f"The text has more than {LONGEST} characters and was not checked.",
        )
    elif language not in rules.languages:
        said = Words(
            zh=f"没有语言“{language}”的规则，无法检查。",
            en=f"There are no rules for the language '{language}', so it cannot be checked.",
        )
    elif not (_CHINESE if language == "zh" else _LATIN).search(whole.text):
        said = Words(
            zh=f"这段文字不是用语言“{language}”写的。",
            en=f"The text is not written in the language '{language}'.",
        )
    if said is not None:
        yield TextFinding(
            rule_id="NOT-CHECKED",
            kind=NOT_CHECKED,
            start=0,
            end=len(text),
            phrase=text[:40],
            says=said,
            better=Words(zh="请用可检查的语言书写。", en="Write it in a language with rules."),
            source=Words(zh="存疑即不放行", en="what is in doubt does not leave"),
        )
