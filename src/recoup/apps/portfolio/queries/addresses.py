"""Whose a number or an address is: for what comes in from outside."""

import re
from dataclasses import dataclass

from recoup.apps.portfolio.models import ContactPoint, Debtor
from recoup.apps.portfolio.queries.searching import END_DIGITS
from recoup.kernel.contact_facts import DEBTOR, SHORTEST_COMPARABLE_NUMBER, same_number

#: How a number of this country may be written before its own digits.
PREFIXES = ("", "+86", "86", "0086", "+")
MOST = 50


@dataclass(frozen=True, kw_only=True)
class PersonAtAddress:
    """Somebody who can be met there: the debtor, or another party of the debtor's case."""

    debtor_id: str
    party: str


def people_at(address: str) -> tuple[PersonAtAddress, ...]:
    """Yield whose a telephone number or an e-mail address is; at most so many. Two queries."""
    found = set()
    points = ContactPoint.objects.filter(value__in=_written(address))
    for debtor_id, party in points.values_list("debtor_id", "party")[:MOST]:
        found.add((debtor_id, party))
    digits = re.sub(r"\D", "", address)
    if "@" not in address and len(digits) >= SHORTEST_COMPARABLE_NUMBER:
        own = Debtor.objects.filter(phone_end=digits[-END_DIGITS:])
        for debtor_id, phone in own.values_list("debtor_id", "phone"):
            if same_number(phone, address):
                found.add((debtor_id, DEBTOR))
    return tuple(
        PersonAtAddress(debtor_id=debtor_id, party=party) for debtor_id, party in sorted(found)
    )[:MOST]


def _written(address: str) -> set[str]:
    """Yield the ways in which an address may be on record."""
    plain = address.strip()
    ways = {plain, plain.casefold()}
    if "@" in plain:
        return ways
    digits = re.sub(r"\D", "", plain)
    tails = {digits[place:] for place in range(5) if len(digits) - place >= 7} or {digits}
    return ways | {prefix + tail for prefix in PREFIXES for tail in tails if tail}
