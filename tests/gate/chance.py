"""Contacts and histories thrown by chance, as JSON knows them, at instants where rules change."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

# Zones without and with daylight saving time; some put the clock forward at midnight itself.
ZONES = {
    "cn": ("Asia/Shanghai", "Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "Africa/Cairo"),
    "us": (
        *("America/New_York", "America/Denver", "America/Phoenix", "America/St_Johns"),
        *("Asia/Beirut", "America/Santiago", "Australia/Lord_Howe", "Pacific/Honolulu"),
    ),
}
# Days around which clocks change, a year or a leap day turns, law begins, or people rest.
DAYS = {
    "cn": (
        *(date(2025, 2, 27), date(2026, 1, 29), date(2026, 2, 16), date(2026, 3, 29)),
        *(date(2026, 4, 23), date(2026, 10, 25), date(2026, 12, 31), date(2028, 2, 28)),
    ),
    "us": (
        *(date(2021, 11, 29), date(2024, 2, 28), date(2026, 3, 7), date(2026, 3, 28)),
        *(date(2026, 4, 4), date(2026, 9, 5), date(2026, 10, 31), date(2026, 12, 31)),
    ),
}
# Local times at which something begins or ends, and the seconds beside them.
EDGES = (0, 8 * 3600, 21 * 3600, 22 * 3600)
DEBTOR_NUMBERS = ("13800000000", "13900000000")
NUMBERS = {
    "debtor": DEBTOR_NUMBERS,
    "co_obligor": ("13600000001",),
    "guarantor": ("13600000002",),
    "spouse_joint_debt": ("13600000003",),
    "listed_contact": ("13600000004", "13600000005"),
    "other": ("13600000006", "13600000007"),
}
SOURCES = ("contract", "contract", "debtor", "public", "purchased", "unknown", "bureau_authorised")
PRODUCTS = ("credit_card", "consumer_loan", "mortgage")
INSTITUTIONS = {
    "cn": ("bank", "bank", "agency", "consumer_finance", "small_loan", "debt_buyer"),
    "us": ("agency", "agency", "agency", "debt_buyer", "bank"),
}


class Throw:
    """One contact with its history; the same seed throws the same."""

    def __init__(self, pack: str, seed: int) -> None:
        self.pack = pack
        self.chance = Random(f"{pack} {seed}")
        zone = self.chance.choice(ZONES[pack])
        self.zone = ZoneInfo(zone)
        self.at = self._now()
        self.reach = self.chance.choice((10, 10, 60, 9 * 24)) * 3600
        self.contracts = self._contracts()
        self.party = self._pick("debtor", "debtor", "debtor", "debtor", *NUMBERS)
        # Before a third person is asked, it is mostly the debtor who was dialled.
        stranger = self.party not in ("debtor", "co_obligor", "guarantor")
        self.dialled = "debtor" if stranger and self.chance.random() < 0.6 else self.party
        self.facts = self._facts(zone)

    def _pick(self, *options: Any) -> Any:
        return self.chance.choice(options)

    def _now(self) -> datetime:
        """An instant in one of the days, half the time at an edge."""
        day = self._pick(*DAYS[self.pack]) + timedelta(self.chance.randrange(3))
        second = self.chance.randrange(86_400)
        if self.chance.random() < 0.5:
            second = (self._pick(*EDGES) + self._pick(-60, -1, 0, 0, 1, 60)) % 86_400
        elif self.chance.random() < 0.7:
            second = self.chance.randrange(8 * 3600, 21 * 3600)
        local = datetime.combine(day, time(0)) + timedelta(seconds=second)
        return local.replace(tzinfo=self.zone, fold=self._pick(0, 1)).astimezone(UTC)

    def _instant(self) -> str:
        """Before the instant asked about, seldom just after; sometimes on a local midnight."""
        then = self.at - timedelta(seconds=self.chance.randrange(-1800, self.reach))
        if self.chance.random() < 0.2:
            day = then.astimezone(self.zone).date()
            midnight = datetime.combine(day, time(0), tzinfo=self.zone)
            then = midnight.astimezone(UTC) + timedelta(seconds=self._pick(-1, 0, 1))
        return then.isoformat()

    def _some(self, most: int, make: Any, *, often: float) -> list[Any]:
        if self.chance.random() >= often:
            return []
        return [make() for _ in range(self.chance.randint(1, most))]

    def _contracts(self) -> list[dict[str, Any]]:
        institution = self._pick(*INSTITUTIONS[self.pack])
        return [
            {
                "contract_id": name,
                "product": self._pick(*PRODUCTS),
                "dpd": self.chance.randrange(200),
                "institution": institution,
            }
            for name in self._pick(("C1",), ("C1",), ("C1", "C2"))
        ]

    def _facts(self, zone: str) -> dict[str, Any]:
        chance = self.chance
        restoring = self.party in ("listed_contact", "other") and chance.random() < 0.7
        purposes = ("collect", "collect", "collect", "notice", "service", "restore_contact")
        return {
            "at": self.at.astimezone(self.zone).isoformat(),
            "person": {
                "id": "D1",
                "kind": "retail",
                "time_zone": zone,
                "language": "zh",
                "deceased_on": self._pick(None, None, None, None, None, "2021-01-01"),
                "bankrupt_on": None,
                "represented_by_attorney": chance.random() < 0.06,
            },
            "party": self.party,
            "number": {
                "value": self._pick(*NUMBERS[self.party]),
                "source": self._pick(*SOURCES) if chance.random() < 0.3 else "contract",
                "valid": True,
            },
            "channel": self._pick(
                "call", "call", "call", "ai_call", "sms", "email", "letter", "visit", "im", "portal"
            ),
            "interactive": chance.random() < 0.6,
            "robot": False,
            "purpose": "restore_contact" if restoring else self._pick(*purposes),
            "place": self._pick(None, None, "home", "home", "work", "other"),
            "reveals_debt": chance.random() < (0.3 if restoring else 0.7),
            "offers_to_pay": chance.random() < 0.1,
            "contracts": self.contracts,
            "agreed_hours": self._some(2, self._hours, often=0.25),
            "consents": self._some(2, self._consent, often=0.35),
            "refusals": self._some(2, self._refusal, often=0.15),
            "holds": self._some(2, self._hold, often=0.2),
            "attempts": self._attempts(),
        }

    def _hours(self) -> dict[str, str]:
        begins = self._pick(0, 6, 20, 21, 22, 23)
        ends = (begins + self._pick(1, 2, 9)) % 24
        return {"from": f"{begins:02}:00", "until": f"{ends:02}:30"}

    def _consent(self) -> dict[str, Any]:
        """At any instant, or about a week ago, when what it opens is about to close."""
        week = self.at - timedelta(days=self._pick(6, 7, 8), minutes=self._pick(0, 600))
        return {
            "channel": self._pick("call", "call", "ai_call", "sms", "email"),
            "at": week.isoformat() if self.chance.random() < 0.4 else self._instant(),
            "contract_id": self._pick("C1", "C1", "C2", None),
        }

    def _refusal(self) -> dict[str, Any]:
        party = self._pick(self.party, *NUMBERS)
        return {
            "party": party,
            "number": self._pick(None, *NUMBERS[party]),
            "channel": self._pick(None, None, "call", "sms", "email"),
            "at": self._instant(),
        }

    def _hold(self) -> dict[str, Any]:
        today = self.at.astimezone(self.zone).date()
        begins = today + timedelta(self.chance.randrange(-5, 3))
        ends = begins + timedelta(self.chance.randrange(1, 8))
        return {
            "kind": self._pick("plan_active", "do_not_contact", "dispute", "complaint"),
            "from": begins.isoformat(),
            "until": self._pick(None, ends.isoformat(), ends.isoformat()),
            "contract_id": self._pick(None, "C1", "C2"),
            "channel": self._pick(None, None, None, "call", "sms"),
        }

    def _attempts(self) -> list[dict[str, Any]]:
        """None, a few or many; a history may be all failures, or talk."""
        answered = self._pick(0.0, 0.1, 0.5, 0.9)
        many = self._pick(0, 3, 8, 14)
        dead = self._pick(0.0, 0.0, 0.2)
        alike = self._pick(0.3, 1.0)
        return [self._attempt(answered, dead, alike) for _ in range(self.chance.randint(0, many))]

    def _attempt(self, answered: float, dead: float, alike: float) -> dict[str, Any]:
        """``alike``: how often it is one more call of ours to the same person."""
        connected = self.chance.random() < answered
        more = self.chance.random() < alike
        party = self.dialled if more else self._pick("debtor", *NUMBERS)
        voice = ("call", "call", "call", "ai_call")
        return {
            "at": self._instant(),
            "channel": self._pick(*voice) if more else self._pick(*voice, "sms", "letter"),
            "direction": "out" if more else self._pick("out", "in"),
            "number": self._pick(*NUMBERS[party]),
            "party": party,
            "contract_id": self._pick("C1", "C1", "C1", "C2"),
            "connected": connected,
            "effective": connected and self.chance.random() < 0.5,
            "in_service": connected or self.chance.random() >= dead,
        }
