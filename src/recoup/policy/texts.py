"""What we say: the texts of a pack and a strategy, filled from facts and held to the rules.

A text leaves the house only by ``Texts.write`` (a text of ours) or after ``Texts.check`` found
nothing (what staff typed): no required element without its value, no forbidden phrase, no amount
that the ledger does not have. The texts are read apart from pack and strategy, because the night
needs none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from recoup.kernel.money import text_from_minor
from recoup.kernel.refusal import Refused
from recoup.kernel.texts.check import TextFinding, TextRules, check_text
from recoup.kernel.texts.elements import lost_elements
from recoup.kernel.texts.filling import (
    AMOUNT,
    PLACEHOLDERS,
    Part,
    Value,
    filled,
    shown_value,
)
from recoup.policy.bilingual import Bilingual
from recoup.policy.pack import Pack
from recoup.policy.strategy import Strategy
from recoup.policy.text_findings import TextFindings, TextsRefused
from recoup.policy.text_loading import Setting, first_places, read_messages, read_required
from recoup.policy.text_parts import Message, MessageVersion, Required, joined
from recoup.policy.text_rules import Law, read_text_rules
from recoup.policy.text_rules import joined as rules_joined

__all__ = ["Texts", "TextsRefused", "load_texts"]


class NoText(Refused):
    """There is no text for that purpose and channel on that day; nothing is made up."""

    def __init__(self, *, purpose: str, channel: str, on: date) -> None:
        super().__init__(
            zh=f"{on} 没有用途“{purpose}”、渠道“{channel}”的文字：请在策略的 texts/ 中补写。",
            en=f"On {on} there is no text for '{purpose}' by '{channel}': add one to the "
            "strategy's texts/.",
        )


class TextForbidden(Refused):
    """A text must not leave the house; ``findings`` mark each phrase and offer a better one."""

    def __init__(self, *, findings: Sequence[TextFinding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        super().__init__(
            zh=f"文字未放行，共 {len(self.findings)} 处：“{first.phrase}” {first.says.zh} "
            f"建议改为：{first.better.zh}",
            en=f"The text was stopped, {len(self.findings)} findings: '{first.phrase}': "
            f"{first.says.en} Better: {first.better.en}",
            rule=first.rule_id,
        )


class ElementsLost(Refused):
    """An edited text no longer says what one of its purpose must; ``parts`` are what is gone."""

    def __init__(self, *, parts: Sequence[Part], names: Sequence[Bilingual], rule: str) -> None:
        self.parts, self.names = tuple(parts), tuple(names)
        super().__init__(
            zh=f"文字缺少必须告知的内容：{'、'.join(one.zh for one in names)}。"
            f"建议补上：{' '.join(part.text for part in parts)}",
            en=f"The text no longer says what it must: {', '.join(one.en for one in names)}. "
            f"Put back: {' '.join(part.text for part in parts)}",
            rule=rule,
        )


@dataclass(frozen=True, kw_only=True)
class Written:
    """A text as it is sent, and the version that it was made from (``digest`` binds the permit)."""

    message_id: str
    version: int
    digest: str
    purpose: str
    contact: str
    channel: str
    language: str
    parts: tuple[Part, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Every text that may be sent under a pack and a strategy, and what none may say."""

    messages: Mapping[str, Message]
    required: Required
    rules: TextRules
    currency: str

    def version(self, *, purpose: str, channel: str, on: date) -> MessageVersion:
        """Yield the version of the text for a purpose and channel on a day. Errors: NoText."""
        for message in self.messages.values():
            if message.purpose == purpose and channel in message.channels:
                for version in message.versions:
                    if version.in_force(on=on):
                        return version
        raise NoText(purpose=purpose, channel=channel, on=on)

    def write(
        self,
        *,
        purpose: str,
        channel: str,
        on: date,
        language: str,
        values: Mapping[str, Value],
        figures: Sequence[int],
    ) -> Written:
        """Yield the text for a purpose and channel, filled and checked.

        Shape: ``language`` is ``zh`` or ``en``; ``values`` by placeholder (kernel.texts.filling);
        ``figures`` are the amounts that the ledger has for this person, the only ones named.
        Units: minor units of the pack's currency.
        Errors: NoText, ValuesMissing, WrongValue, TextForbidden.
        """
        version = self.version(purpose=purpose, channel=channel, on=on)
        parts = filled(
            parts=version.parts[language], values=values, language=language, currency=self.currency
        )
        text = joined(parts=parts, channels=(channel,), language=language)
        found = self.check(text=text, language=language, contact=version.contact, figures=figures)
        if found:
            raise TextForbidden(findings=found)
        return Written(
            message_id=version.message_id,
            version=version.version,
            digest=version.digest,
            purpose=purpose,
            contact=version.contact,
            channel=channel,
            language=language,
            parts=parts,
            text=text,
        )

    def offered(self, *, channel: str, on: date) -> tuple[MessageVersion, ...]:
        """Yield the texts that may be sent over a channel on a day, in the order of the files."""
        return tuple(
            version
            for message in self.messages.values()
            if channel in message.channels
            for version in message.versions
            if version.in_force(on=on)
        )

    def required_of(self, *, purpose: str) -> tuple[str, ...]:
        """Yield the elements that a text of a purpose must have."""
        return self.required.by_purpose.get(purpose, ())

    def hold_elements(
        self,
        *,
        text: str,
        purpose: str,
        language: str,
        parts: Sequence[Part],
        values: Mapping[str, Value],
    ) -> None:
        """Pass if an edited text still says all that one of its purpose must say.

        Shape: ``parts`` and ``values`` are those that the text was made from, filled.
        Errors: ElementsLost.
        """
        must = self.required_of(purpose=purpose)
        named = {
            element: [
                self._telling(name, values[name], language=language)
                for name in self.required.elements[element].needs
                if name in values
            ]
            for element in must
        }
        lost = lost_elements(
            text=text, parts=[part for part in parts if part.element in must], named=named
        )
        if lost:
            names = [self.required.elements[part.element].name for part in lost]
            raise ElementsLost(parts=lost, names=names, rule=self.required.rules.get(purpose, ""))

    def _telling(self, name: str, value: Value, *, language: str) -> str:
        """Yield by what a value is known in an edited text: of an amount, its digits."""
        if PLACEHOLDERS[name] == AMOUNT and isinstance(value, int):
            return text_from_minor(minor=value, currency=self.currency)
        return shown_value(name, value, language=language, currency=self.currency)

    def check(
        self, *, text: str, language: str, contact: str, figures: Sequence[int] | None
    ) -> tuple[TextFinding, ...]:
        """Yield everything that blocks a text; ``contact`` is what the gate is asked for."""
        return check_text(
            text=text,
            rules=self.rules,
            language=language,
            purpose=contact,
            figures=figures,
            currency=self.currency,
        )


def load_texts(*, pack: Pack, strategy: Strategy | None = None) -> Texts:
    """Yield the texts of a pack and of a strategy, the strategy's rules on top of the pack's.

    Errors: TextsRefused, with every finding: unknown placeholder, language or required element
    missing, a text that its own rules forbid, a version twice, a gap.
    """
    findings = TextFindings()
    law = Law(pack=pack, owner=pack.name)
    rules = read_text_rules(folder=pack.folder, law=law, findings=findings)
    if strategy is not None:
        owner = Bilingual(
            zh=f"{strategy.name.zh} {strategy.version}", en=f"{strategy.name.en} {strategy.version}"
        )
        own = read_text_rules(
            folder=strategy.folder, law=Law(pack=None, owner=owner), findings=findings
        )
        rules = rules_joined(first=rules, second=own)
    required = read_required(pack=pack, findings=findings)
    setting = Setting(pack=pack, required=required, rules=rules, findings=findings)
    folders = [pack.folder, *([strategy.folder] if strategy is not None else [])]
    messages = [one for folder in folders for one in read_messages(folder=folder, setting=setting)]
    first_places(messages, findings)
    found = findings.sorted()
    if found:
        raise TextsRefused(found)
    return Texts(
        messages=MappingProxyType({one.id: one for one in messages}),
        required=required,
        rules=rules,
        currency=pack.base_currency,
    )
