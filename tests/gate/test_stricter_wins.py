"""Law and bank policy together: a contact needs leave of both, and a refusal says who refuses."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.gate.chance import Throw

from recoup.kernel.contact_case import LAW, STRATEGY
from recoup.kernel.contact_facts import read_facts
from recoup.kernel.contact_rules import ContactRules, Permit, decide
from recoup.policy.contact_policy import strategy_rules
from recoup.policy.gate import gate_rules
from recoup.policy.pack import load_pack
from recoup.policy.strategy import load_strategy

ROOT = Path(__file__).resolve().parents[2]
CONTACTS = 2_500


class Laws:
    """One pack's law, the example's policy, and both as the gate joins them."""

    def __init__(self, pack_id: str) -> None:
        pack = load_pack(ROOT / "packs" / pack_id, with_cases=False)
        strategy = load_strategy(ROOT / "strategies" / "example", pack=pack)
        self.both = gate_rules(pack=pack, strategy=strategy)
        self.law = gate_rules(pack=pack, strategy=None)
        self.policy = ContactRules(basis=("policy",), rules=strategy_rules(strategy=strategy))


def reasons(facts, rules: ContactRules):
    decided = decide(facts=facts, rules=rules)
    if isinstance(decided, Permit):
        return {}, None
    return {one.rule: one for one in decided.reasons}, decided.next_allowed_at


@pytest.mark.parametrize("pack", ["cn", "us"])
def test_a_contact_needs_leave_of_law_and_of_policy_and_each_says_its_own(pack):
    laws = Laws(pack)
    seen: Counter[tuple[str, str]] = Counter()

    for number in range(CONTACTS):
        facts = read_facts(Throw(pack, number).facts)
        both, first = reasons(facts, laws.both)
        law, law_first = reasons(facts, laws.law)
        policy, _ = reasons(facts, laws.policy)
        policy.pop("pack:silent", None)

        assert both.keys() == law.keys() | policy.keys()
        assert {one.origin for name, one in both.items() if name in law} <= {LAW}
        assert {one.origin for name, one in both.items() if name in policy} <= {STRATEGY}
        if first is not None:
            later = [one for one in (law_first if law else None,) if one is not None]
            assert all(first >= one for one in later)
        if law and law_first is None:
            assert first is None
        who = " and ".join(name for name, one in (("law", law), ("policy", policy)) if one)
        for name in both or {"": None}:
            seen[(who, name)] += 1

    refusing = {who for who, _ in seen}
    assert refusing == {"", "law", "policy", "law and policy"}
    # Caps, hours, holds, a state, a request to stop: each kind of policy refuses alone somewhere.
    alone = {name for who, name in seen if who == "policy"}
    assert {"EX-CAP-CALL", "EX-QUIET-VISIT", "EX-HOLD-COMPLAINT", "EX-HOLD-DECEASED"} <= alone
    assert "EX-HOLD-DO-NOT-CONTACT" in alone


def test_where_both_limit_the_same_thing_the_stricter_one_decides_first():
    """Three calls answered today are the law's limit; seven dialled in the week are the bank's."""
    laws = Laws("cn")
    throw = Throw("cn", 1).facts
    contract = {"contract_id": "C1", "product": "consumer_loan", "dpd": 12, "institution": "bank"}
    plain = throw | {
        "at": "2026-03-04T15:00:00+08:00",
        "party": "debtor",
        "channel": "call",
        "interactive": True,
        "purpose": "collect",
        "number": {"value": "13800000000", "source": "contract", "valid": True},
        "contracts": [contract],
        "person": throw["person"] | {"time_zone": "Asia/Shanghai", "deceased_on": None},
        **{name: [] for name in ("agreed_hours", "consents", "refusals", "holds")},
    }

    def calls(count: int, *, day: date, answered: bool) -> list[dict[str, object]]:
        return [
            {
                "at": f"{day}T{9 + number:02}:00:00+08:00",
                "channel": "call",
                "direction": "out",
                "number": "13800000000",
                "party": "debtor",
                "contract_id": "C1",
                "connected": answered,
                "effective": answered,
                "in_service": True,
            }
            for number in range(count)
        ]

    def refused(attempts) -> list[str]:
        found, _ = reasons(read_facts(plain | {"attempts": attempts}), laws.both)
        return sorted(found)

    today, before = date(2026, 3, 4), date(2026, 3, 2)
    assert refused(calls(3, day=today, answered=True)) == ["CN-CON-04", "CN-CON-06"]
    assert refused(calls(7, day=before, answered=False)) == ["EX-CAP-CALL"]
    assert refused(calls(6, day=before, answered=False)) == []
    both = [*calls(3, day=today, answered=True), *calls(4, day=before, answered=False)]
    assert refused(both) == ["CN-CON-04", "CN-CON-06", "EX-CAP-CALL"]
