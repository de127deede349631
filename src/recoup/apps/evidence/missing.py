"""What a court asks for about a person's loans, and whether we have it.

The list is law and practice, so it stands in the pack (topic ``court_papers``); which items are
asked for depends on the loans. We have an item when a room hands over a paper that shows it, or
when somebody has filed a document for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from recoup.apps.evidence.models import Filing
from recoup.apps.portfolio.queries import contracts_of, guarantors_of
from recoup.events.evidence import Paper
from recoup.kernel.explain import Words
from recoup.policy.asking import ask_rule
from recoup.policy.kinds import EVALUATORS
from recoup.policy.rules import RuleVersion
from recoup.web.house import pack
from recoup.web.shown import local

TOPIC = "court_papers"
HERE, MISSING, UNKNOWN = "here", "missing", "unknown"


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something a court asks for: its code, and the rule of the pack that says so."""

    code: str
    rule: RuleVersion

    @property
    def name(self) -> Words:
        """What it is called."""
        return Words(zh=self.rule.subject.zh, en=self.rule.subject.en)

    @property
    def is_practice(self) -> bool:
        """Whether no text of law says so."""
        return self.rule.source.force == "reading"

    def source(self, language: str) -> str:
        """Yield where it stands."""
        if self.is_practice:
            return "惯例" if language == "zh" else "practice"
        cited = self.rule.source.citation(language=language)
        return f"{cited} {self.rule.article.text}"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One item for one person: ``here``, ``missing``, or ``unknown`` whether it is asked for.

    Shape: ``papers`` are those that show it; ``filed`` whether somebody put one there by hand.
    """

    item: Item
    state: str
    papers: tuple[Paper, ...]
    filed: bool


def items_of(*, on: date) -> tuple[Item, ...]:
    """Yield what the pack says a court asks for on a day; nothing where the pack is silent."""
    rules = pack().rules_of(on=on, topic=TOPIC)
    return tuple(Item(code=str(rule.values["item"].value), rule=rule) for rule in rules)


def wanted(*, debtor_id: str, item: str) -> str:
    """Yield the document filed for an item now; empty where there is none."""
    return _filed(debtor_id).get(item, "")


def _filed(debtor_id: str) -> Mapping[str, str]:
    """The latest filing of each item counts. One query."""
    rows = Filing.objects.filter(debtor_id=debtor_id).order_by("pk")
    return dict(rows.values_list("item", "paper"))


def circumstances(debtor_id: str) -> Mapping[str, bool]:
    """Yield what of the loans decides which items are asked for; what nobody recorded is not there.

    Three queries.
    """
    loans = contracts_of((debtor_id,)).get(debtor_id, ())
    security = {loan.security for loan in loans}
    return {
        "loan": bool(loans),
        "guaranteed": "guaranteed" in security or bool(guarantors_of(debtor_id)),
        "secured": bool(security & {"mortgaged", "pledged"}),
    }


def standing_of(*, debtor_id: str, papers: Sequence[Paper], at: datetime) -> tuple[Standing, ...]:
    """Yield each item that is asked for, or may be, and whether we have it. Four queries."""
    on = local(at).date()
    facts, filed = circumstances(debtor_id), _filed(debtor_id)
    found = []
    for item in items_of(on=on):
        asked = ask_rule(pack=pack(), rule_id=item.rule.rule_id, on=on, facts=dict(facts))
        answer = EVALUATORS[item.rule.kind](asked)
        if answer["decided"] is not None and not answer.get("asked"):
            continue
        shown = tuple(
            one for one in papers if item.code in one.shows or filed.get(item.code) == one.key
        )
        state = HERE if shown else UNKNOWN if answer["decided"] is None else MISSING
        by_hand = any(one.key == filed.get(item.code) for one in shown)
        found.append(Standing(item=item, state=state, papers=shown, filed=by_hand))
    return tuple(found)
