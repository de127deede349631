"""Facts of a plain, permitted contact, to be changed in one point by each test."""

from typing import Any

NUMBER = "13800000000"


def contact(**changes: Any) -> dict[str, Any]:
    """A call by a bank to its debtor on a weekday morning; ``changes`` replace top-level facts."""
    facts: dict[str, Any] = {
        "at": "2026-03-02T10:00:00+08:00",
        "person": {
            "id": "D1",
            "kind": "retail",
            "time_zone": "Asia/Shanghai",
            "language": "zh",
            "deceased_on": None,
            "bankrupt_on": None,
            "represented_by_attorney": False,
        },
        "party": "debtor",
        "number": {"value": NUMBER, "source": "contract", "valid": True},
        "channel": "call",
        "interactive": True,
        "robot": False,
        "purpose": "collect",
        "place": None,
        "reveals_debt": True,
        "contracts": [
            {"contract_id": "C1", "product": "consumer_loan", "dpd": 12, "institution": "bank"}
        ],
        "agreed_hours": [],
        "consents": [],
        "refusals": [],
        "holds": [],
        "attempts": [],
    }
    return facts | changes


def attempt(at: str, **changes: Any) -> dict[str, Any]:
    """A call of ours that was not answered; ``changes`` replace facts of it."""
    facts: dict[str, Any] = {
        "at": at,
        "channel": "call",
        "direction": "out",
        "number": NUMBER,
        "party": "debtor",
        "contract_id": "C1",
        "connected": False,
        "effective": False,
        "in_service": True,
    }
    return facts | changes


def card(**changes: Any) -> dict[str, Any]:
    """The contract of a credit card."""
    return {
        "contract_id": "C1",
        "product": "credit_card",
        "dpd": 45,
        "institution": "bank",
    } | changes
