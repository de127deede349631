"""Which rules were used on which days, and what each said then, with its source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recoup.apps.evidence.gathering import Entries
from recoup.documents.bundle.packing import Member, plain_member
from recoup.kernel.explain import Words
from recoup.policy.rules import RuleVersion
from recoup.policy.showing import period, version_as_json
from recoup.web.house import pack, strategy
from recoup.web.shown import local


@dataclass(frozen=True, kw_only=True)
class RuleUsed:
    """One version of a rule that was looked at: of the pack, or of the bank's own policy."""

    rule_id: str
    period: str
    sentence: Words
    source: Words
    days: tuple[date, ...]
    as_json: Mapping[str, object]


def rules_used(entries: Entries) -> tuple[RuleUsed, ...]:
    """Yield each version of a rule that an answer of the gate looked at, named or laid on someone.

    A rule that the pack does not know is the bank's own; what was told of it then is repeated.
    """
    days: dict[tuple[str, str], set[date]] = {}
    versions: dict[tuple[str, str], RuleVersion] = {}
    own: dict[str, Mapping[str, Any]] = {}
    for entry in entries.of("gate"):
        on = local(datetime.fromisoformat(str(entry.content["at"]))).date()
        for rule_id, told in _named(entry.content):
            rule = pack().rules.get(rule_id)
            version = rule.version_on(on=on) if rule else None
            key = (rule_id, period(version) if version else "")
            days.setdefault(key, set()).add(on)
            if version:
                versions[key] = version
            elif told:
                own[rule_id] = told
    return tuple(
        _used(key, tuple(sorted(found)), versions.get(key), own.get(key[0], {}))
        for key, found in sorted(days.items())
    )


def _named(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for rule_id in content["looked_at"]:
        yield str(rule_id), {}
    for name in ("reasons", "duties", "warnings"):
        for told in content[name]:
            if isinstance(told, Mapping) and told.get("rule"):
                yield str(told["rule"]), told


def _used(
    key: tuple[str, str],
    days: tuple[date, ...],
    version: RuleVersion | None,
    told: Mapping[str, Any],
) -> RuleUsed:
    if version is None:
        words = Words(zh=str(told.get("zh", "")), en=str(told.get("en", "")))
        source = str(told.get("source", "")) or f"strategy {strategy().id} {strategy().version}"
        return RuleUsed(
            rule_id=key[0],
            period="",
            sentence=words,
            source=Words(zh=source, en=source),
            days=days,
            as_json={"sentence_zh": words.zh, "sentence_en": words.en, "source": source},
        )

    def cited(language: str) -> str:
        named = ", ".join(one.citation(language=language) for one in version.sources)
        return f"{named} {version.article.text}"

    return RuleUsed(
        rule_id=key[0],
        period=key[1],
        sentence=Words(zh=version.sentence.zh, en=version.sentence.en),
        source=Words(zh=cited("zh"), en=cited("en")),
        days=days,
        as_json=version_as_json(version),
    )


def policy_in_words() -> str:
    """Yield pack and strategy of the desk by their versions."""
    law, bank = pack(), strategy()
    return f"pack {law.id} {law.version} · strategy {bank.id} {bank.version}"


def rules_member(rules: tuple[RuleUsed, ...]) -> Member:
    """Yield the file of the rules, with pack and strategy by version and hash."""
    law, bank = pack(), strategy()
    return plain_member(
        "rules/rules.json",
        {
            "pack": {"id": law.id, "version": law.version, "sha256": law.content_hash},
            "strategy": {"id": bank.id, "version": bank.version, "sha256": bank.content_hash},
            "rules": [
                {
                    "rule": one.rule_id,
                    "used_on": [day.isoformat() for day in one.days],
                    **one.as_json,
                }
                for one in rules
            ],
        },
    )
