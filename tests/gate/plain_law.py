"""The law of contact, told once more as plainly as possible, to hold the gate against.

Written from the texts, with numbers of its own, and without the gate's code: facts as JSON knows
them, loops, and sets of rule ids. Facts must be complete; histories end with the instant asked.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Facts = Mapping[str, Any]

STANDARD_FROM = date(2025, 2, 28)
GUIDELINE_FROM = date(2026, 1, 30)
REGULATION_F_FROM = date(2021, 11, 30)
VOICE = ("call", "ai_call")
OBLIGORS = ("debtor", "co_obligor", "guarantor", "spouse_joint_debt")
STRANGERS = ("listed_contact", "other")
DUNNING = ("collect", "restore_contact")
ANY_HOUR_COUNTS = ("collect", "notice", "restore_contact")
LAWFUL_SOURCES = ("contract", "debtor", "authorised", "public", "told_by_contact")


class Asked:
    """One question: the facts, and what follows from them by reading."""

    def __init__(self, facts: Facts, at: datetime) -> None:
        self.facts = facts
        self.zone = ZoneInfo(facts["person"]["time_zone"])
        self.asked_at = datetime.fromisoformat(facts["at"])
        wall = at.astimezone(self.zone)
        self.day = wall.date()
        self.minute = wall.hour * 60 + wall.minute
        self.party = facts["party"]
        self.channel = facts["channel"]
        self.purpose = facts["purpose"]
        self.voice = self.channel in VOICE
        self.at = at
        self.past = [
            (then, then.astimezone(self.zone).date(), attempt)
            for attempt in facts["attempts"]
            if (then := datetime.fromisoformat(attempt["at"])) <= self.asked_at
        ]

    def institutions(self, *names: str) -> bool:
        return any(one["institution"] in names for one in self.facts["contracts"])

    def to_party(self, *, days: int = 1) -> list[Facts]:
        """Voice calls of ours to the party in so many days, today among them."""
        return [
            attempt
            for _, day, attempt in self.past
            if attempt["direction"] == "out"
            and attempt["channel"] in VOICE
            and attempt["party"] == self.party
            and 0 <= (self.day - day).days < days
        ]

    def in_agreed_hours(self) -> bool:
        return any(_holds(one, self.minute) for one in self.facts["agreed_hours"])

    def consented(self) -> bool:
        given = [
            one["contract_id"]
            for one in self.facts["consents"]
            if one["channel"] == self.channel and datetime.fromisoformat(one["at"]) <= self.asked_at
        ]
        ours = {one["contract_id"] for one in self.facts["contracts"]}
        return None in given or (bool(ours) and ours <= set(given))

    def asked_to_stop(self, *, by_channel: bool) -> bool:
        return any(
            self._means(one)
            and not (by_channel and one["channel"] not in (None, self.channel))
            and datetime.fromisoformat(one["at"]) <= self.asked_at
            for one in self.facts["refusals"]
        )

    def _means(self, refusal: Facts) -> bool:
        """A number named is the number meant; a stranger's number stays closed to any stranger."""
        if refusal["number"] is None:
            return bool(refusal["party"] == self.party)
        both_others = "debtor" not in (refusal["party"], self.party)
        same_party = refusal["party"] == self.party
        same_number = refusal["number"] == self.facts["number"]["value"]
        return same_number and (same_party or both_others)

    def held(self, kind: str, *, contracts: Iterable[str]) -> bool:
        for hold in self.facts["holds"]:
            begun = date.fromisoformat(hold["from"]) <= self.day
            ended = hold["until"] is not None and self.day >= date.fromisoformat(hold["until"])
            channel = hold.get("channel")
            meant = hold["contract_id"] is None or hold["contract_id"] in set(contracts)
            if hold["kind"] == kind and begun and not ended and meant:
                if channel in (None, self.channel):
                    return True
        return False


def _holds(hours: Facts, minute: int) -> bool:
    begins, ends = _minutes(hours["from"]), _minutes(hours["until"])
    return (minute - begins) % 1440 < (ends - begins) % 1440


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:5])


def refused_in_china(facts: Facts, at: datetime) -> set[str]:
    """Yield the rules of China that forbid a contact at an instant."""
    asked = Asked(facts, at)
    refused = _cards(asked)
    if asked.day < STANDARD_FROM:
        return refused | {"pack:silent"}
    guided = asked.day >= GUIDELINE_FROM
    bank = guided and asked.institutions("bank", "consumer_finance", "agency")
    refused |= _chinese_hours(asked, bank)
    if asked.voice and asked.purpose in DUNNING:
        refused |= _chinese_counts(asked, guided, bank)
    refused |= _strangers(asked, guided, bank)
    sources = (*LAWFUL_SOURCES, "bureau_authorised")
    if bank and asked.channel != "portal" and facts["number"]["source"] not in sources:
        refused.add("CN-CON-13")
    return refused


def _cards(asked: Asked) -> set[str]:
    refused = set()
    cards = [
        one["contract_id"] for one in asked.facts["contracts"] if one["product"] == "credit_card"
    ]
    if cards and asked.purpose == "collect":
        if asked.party not in ("debtor", "co_obligor", "guarantor"):
            refused.add("CN-CON-17")
    if cards and asked.purpose in DUNNING and asked.held("plan_active", contracts=cards):
        refused.add("CN-CON-20")
    return refused


def _chinese_hours(asked: Asked, bank: bool) -> set[str]:
    if asked.purpose not in ANY_HOUR_COUNTS or 8 * 60 <= asked.minute < 22 * 60:
        return set()
    if asked.party == "debtor" and (asked.in_agreed_hours() or asked.consented()):
        return set()
    return {"CN-CON-01", "CN-CON-02"} if bank else {"CN-CON-01"}


def _chinese_counts(asked: Asked, guided: bool, bank: bool) -> set[str]:
    refused = set()
    today = asked.to_party()
    connected = len([one for one in today if one["connected"]])
    effective = len([one for one in today if one["effective"]])
    if not asked.facts["interactive"] and connected >= 3:
        refused.add("CN-CON-03")
    if asked.facts["interactive"] and effective >= 3:
        refused.add("CN-CON-04")
    if guided and connected >= 3:
        refused.add("CN-CON-06")
    number = asked.facts["number"]["value"]
    if bank and len([1 for one in today if one["number"] == number and not one["connected"]]) >= 6:
        refused.add("CN-CON-05")
    return refused


def _strangers(asked: Asked, guided: bool, bank: bool) -> set[str]:
    refused = set()
    stranger = asked.party in STRANGERS
    offers = asked.facts.get("offers_to_pay") is True
    restoring = asked.purpose == "restore_contact"
    if asked.purpose == "collect" and asked.party not in OBLIGORS and not offers:
        refused.add("CN-CON-09")
    allowed_to_ask = asked.facts["person"]["deceased_on"] is not None or out_of_reach(asked)
    wrong_purpose = stranger and not restoring and not offers
    stopped = asked.party in (*STRANGERS, "spouse_joint_debt")
    stopped = stopped and asked.asked_to_stop(by_channel=False)
    reveals = asked.facts["reveals_debt"] and not offers
    if wrong_purpose or stopped or (stranger and restoring and not allowed_to_ask):
        refused.add("CN-CON-10")
    if stranger and reveals:
        refused.add("CN-CON-11")
    if bank:
        related = stranger or asked.party == "spouse_joint_debt"
        told = stranger or (asked.party == "spouse_joint_debt" and restoring)
        if wrong_purpose or stopped or (related and restoring and not allowed_to_ask):
            refused.add("CN-CON-12")
        if told and reveals:
            refused.add("CN-CON-12")
    return refused


def out_of_reach(asked: Asked) -> bool:
    """Three dials in a row failed before today, or on three days in a row, or the line is dead."""
    failures: list[tuple[date, Facts]] = []
    for _, day, attempt in sorted(asked.past, key=lambda one: one[0]):
        if attempt["party"] != "debtor":
            continue
        if attempt["direction"] == "in" or attempt["connected"]:
            failures = []
        elif attempt["channel"] in VOICE:
            failures.append((day, attempt))
    if any(not attempt["in_service"] for _, attempt in failures):
        return True
    if len(failures) >= 3 and failures[2][0] < asked.day:
        return True
    days = {day for day, _ in failures}
    return any({day, day + timedelta(1), day + timedelta(2)} <= days for day in days)


def refused_in_the_united_states(facts: Facts, at: datetime) -> set[str]:
    """Yield the rules of Regulation F that forbid a contact at an instant."""
    asked = Asked(facts, at)
    if asked.day < REGULATION_F_FROM or not asked.institutions("agency", "debt_buyer"):
        return {"pack:silent"}
    refused = set()
    if asked.voice and any(_too_often(asked, one) for one in facts["contracts"]):
        refused.add("US-REGF-01")
    spoken_or_written = ("call", "ai_call", "sms", "email", "im", "visit")
    if asked.purpose in ANY_HOUR_COUNTS and asked.channel in spoken_or_written:
        night = not 8 * 60 <= asked.minute < 21 * 60
        if night and not (asked.party == "debtor" and asked.in_agreed_hours()):
            refused.add("US-REGF-04")
    refused |= _places_and_requests(asked)
    refused |= _whom(asked)
    return refused


def _too_often(asked: Asked, contract: Facts) -> bool:
    name = contract["contract_id"]
    if _invited(asked, name, asked.channel, asked.at):
        return False
    calls = 0
    for then, day, attempt in asked.past:
        ago = (asked.day - day).days
        about = attempt["contract_id"] == name and attempt["party"] == asked.party
        if attempt["channel"] not in VOICE or not about or not 0 <= ago <= 6:
            continue
        if attempt["effective"]:
            return True
        if attempt["direction"] == "out" and attempt["in_service"]:
            calls += not _invited(asked, name, attempt["channel"], then)
    return calls >= 7


def _invited(asked: Asked, contract: str, channel: str, at: datetime) -> bool:
    """In the seven days of a debtor's consent to calls about the debt, its day the first."""
    if asked.party != "debtor":
        return False
    day = at.astimezone(asked.zone).date()
    for one in asked.facts["consents"]:
        given = datetime.fromisoformat(one["at"])
        since = (day - given.astimezone(asked.zone).date()).days
        about = one["contract_id"] in (None, contract)
        if one["channel"] == channel and about and given <= at and given <= asked.asked_at:
            if since <= 6:
                return True
    return False


def _places_and_requests(asked: Asked) -> set[str]:
    refused = set()
    stopped = asked.asked_to_stop(by_channel=True)
    if asked.facts["place"] == "work" and asked.purpose in ANY_HOUR_COUNTS:
        own = asked.facts["number"]["source"] == "debtor"
        if not own or (stopped and asked.party in OBLIGORS):
            refused.add("US-REGF-05")
    if stopped and asked.purpose in DUNNING:
        refused.add("US-REGF-08")
    contracts = [one["contract_id"] for one in asked.facts["contracts"]]
    if asked.purpose != "notice" and asked.held("do_not_contact", contracts=contracts):
        refused.add("US-REGF-07")
    if asked.purpose in DUNNING and asked.held("dispute", contracts=contracts):
        refused.add("US-REGF-17")
    return refused


def _whom(asked: Asked) -> set[str]:
    refused = set()
    person = asked.facts["person"]
    if person["represented_by_attorney"] and asked.party not in ("co_obligor", "guarantor"):
        refused.add("US-REGF-06")
    restoring = asked.purpose == "restore_contact"
    stranger = asked.party in STRANGERS
    if stranger and (not restoring or asked.facts["reveals_debt"]):
        refused.add("US-REGF-11")
    if stranger and restoring:
        number = asked.facts["number"]["value"]
        ten_years = timedelta(3650)
        before = [
            one
            for _, day, one in asked.past
            if one["direction"] == "out" and asked.day - day < ten_years
        ]
        if any(one["number"] == number and one["party"] == asked.party for one in before):
            refused.add("US-REGF-11-LOCATION")
    if person["deceased_on"] is not None and not restoring:
        if stranger or asked.party == "debtor":
            refused.add("US-REGF-21")
    return refused
