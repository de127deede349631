"""An answer with its reasons: the steps that led to it, each with inputs, rule and source.

Every answer of the kernel that a person may dispute can be told as an `Explanation`; `render`
writes it as plain text in zh or en, the same content in both.
"""

from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in one of LANGUAGES."""
        if language not in LANGUAGES:
            raise ValueError(f"explanations are written in zh and en, not in {language!r}")
        return self.zh if language == "zh" else self.en


def same(text: str) -> Words:
    """A text that is the same in both languages: a number, a date, an id.

    >>> same("2026-11-20").zh
    '2026-11-20'
    """
    return Words(zh=text, en=text)


@dataclass(frozen=True, kw_only=True)
class Input:
    """A fact that a step looked at; `value` None means the fact is not known."""

    name: Words
    value: Words | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: what was looked at, by which rule and source, and what came out."""

    label: Words
    result: Words
    inputs: tuple[Input, ...] = ()
    rule_id: str | None = None
    rule_version: str | None = None
    source: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """Steps that belong together, under one heading."""

    heading: Words
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How one answer came about: the answer first, then the sections that led to it."""

    title: Words
    answer: Words
    sections: tuple[Section, ...]


_NOT_KNOWN = Words(zh="不详", en="not known")
_NOTHING = Words(zh="（无）", en="(nothing)")
_ANSWER = Words(zh="结果", en="Answer")
_BY = Words(zh="依据", en="by")
_COLON = Words(zh="：", en=": ")
_COMMA = Words(zh="，", en=", ")
_BRACKETS = {"zh": "（{}）", "en": " ({})"}


def render(*, explanation: Explanation, language: str) -> str:
    """The explanation as plain text, one line per step, ending with a line end.

    >>> step = Step(label=Words(zh="逾期天数", en="dpd"), result=same("91"), rule_id="CN-CLS-05")
    >>> heading = Words(zh="数字", en="Figures")
    >>> story = Explanation(
    ...     title=same("C1"),
    ...     answer=same("substandard"),
    ...     sections=(Section(heading=heading, steps=(step,)),),
    ... )
    >>> print(render(explanation=story, language="en"), end="")
    C1
    Answer: substandard
    <BLANKLINE>
    Figures
      dpd: 91 (by CN-CLS-05)
    """
    colon = _COLON.of(language)
    lines = [
        explanation.title.of(language),
        f"{_ANSWER.of(language)}{colon}{explanation.answer.of(language)}",
    ]
    for section in explanation.sections:
        lines += ["", section.heading.of(language)]
        lines += [f"  {_line(step=step, language=language)}" for step in section.steps]
        if not section.steps:
            lines.append(f"  {_NOTHING.of(language)}")
    return "\n".join(lines) + "\n"


def _line(*, step: Step, language: str) -> str:
    colon, comma = _COLON.of(language), _COMMA.of(language)
    text = step.label.of(language)
    if step.inputs:
        facts = comma.join(
            f"{fact.name.of(language)} = {(fact.value or _NOT_KNOWN).of(language)}"
            for fact in step.inputs
        )
        text += _BRACKETS[language].format(facts)
    text += f"{colon}{step.result.of(language)}"
    if basis := _basis(step=step, language=language):
        text += _BRACKETS[language].format(f"{_BY.of(language)} {basis}")
    return text


def _basis(*, step: Step, language: str) -> str:
    version = f"@{step.rule_version}" if step.rule_version else ""
    rule = f"{step.rule_id}{version}" if step.rule_id else ""
    source = step.source.of(language) if step.source else ""
    return _COMMA.of(language).join(part for part in (rule, source) if part)
