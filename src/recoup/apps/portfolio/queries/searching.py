"""Finds debtors by what staff type: a name or part of one, a number, a masked number, a contract.

Each way of looking asks one index and takes a bounded number of rows; what is found most surely
comes first. Out of scope, nobody is found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from recoup.apps.people.permissions import Actor, require
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor, NameGram
from recoup.apps.portfolio.name_grams import grams_of, plain_name
from recoup.apps.portfolio.queries.cards import SearchHit, card_of
from recoup.apps.portfolio.queries.debtors import visible

#: Longest text that is looked for.
MOST_CHARACTERS = 64
#: Debtors whose names are compared in full, of those that share the rarest part.
MOST_COMPARED = 2_000
#: Debtors fetched, where every part of the name is common, and parts asked for then.
MOST_COMMON = 200
MOST_PARTS = 4
#: Shortest beginning of a contract's or a debtor's id that is looked for.
LEAST_OF_ID = 4
#: Digits by which a masked number is found.
END_DIGITS = 4

_MASKED = re.compile(r"([0-9]{0,17})[*＊•xX]+([0-9]{2,16}[0-9xX])")
_NUMBER = re.compile(r"\+?[0-9]+[0-9xX]?")
_GAPS = re.compile(r"[\s\-()]+")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found. ``more``: there are others, which a longer text would tell apart."""

    hits: tuple[SearchHit, ...]
    more: bool


def search(actor: Actor, text: str, limit: int = 20) -> tuple[SearchHit, ...]:
    """Yield debtors within the actor's scope that match a text, the surest matches first.

    Errors: NotAllowed.
    """
    return find(actor, text, limit).hits


def find(actor: Actor, text: str, limit: int = 20) -> Found:
    """Yield what ``search`` does, and whether there are others. Errors: NotAllowed."""
    require(actor, "view", "portfolio")
    asked = unicodedata.normalize("NFKC", text).strip()[:MOST_CHARACTERS]
    asked = asked.replace("\x00", "")
    hits: dict[str, SearchHit] = {}
    seen = Debtor.objects.filter(visible(actor)).only(*_SHOWN)
    for look in _ways(asked):
        for hit in look(seen, asked, limit + 1):
            hits.setdefault(hit.debtor_id, hit)
        if len(hits) > limit:
            break
    return Found(hits=tuple(hits.values())[:limit], more=len(hits) > limit)


#: The columns that a hit shows.
_SHOWN = (
    *("debtor_id", "name", "phone", "kind", "team", "worst_dpd", "overdue_base_minor"),
    *("treatment", "gone_on"),
)
Seen = QuerySet[Debtor]
Look = Callable[[Seen, str, int], Iterable[SearchHit]]


def _ways(asked: str) -> Iterator[Look]:
    """Yield the ways of looking that a text allows, the surest first."""
    if not asked:
        return
    if _MASKED.fullmatch(_GAPS.sub("", asked)):
        yield _by_masked_number
        return
    is_number = _NUMBER.fullmatch(_GAPS.sub("", asked)) is not None
    if is_number:
        yield _by_number
    if asked.isascii():
        yield _by_contract
        yield _by_debtor_id
    if is_number and len(asked) == END_DIGITS:
        yield _by_end
    if not is_number:
        yield _by_name


def _hit(row: Debtor, matched: str, contract_id: str = "") -> SearchHit:
    return card_of(SearchHit, row, matched=matched, contract_id=contract_id)


def _by_number(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    number = _GAPS.sub("", asked).upper()
    for row in seen.filter(phone=number).order_by("pk")[:most]:
        yield _hit(row, "phone")
    for row in seen.filter(id_number=number).order_by("pk")[:most]:
        yield _hit(row, "id_number")
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=number)
    for row in seen.filter(pk__in=points.values("debtor_id")).order_by("pk")[:most]:
        yield _hit(row, "contact_point")


def _by_masked_number(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    """Find numbers by the digits left and right of the mask, as our own pages show them."""
    parts = _MASKED.fullmatch(_GAPS.sub("", asked))
    assert parts is not None
    head, tail = parts.group(1), parts.group(2).upper()
    if len(tail) < END_DIGITS:
        return
    end = tail[-END_DIGITS:]
    for column, rows in (
        ("phone", seen.filter(phone_end=end)),
        ("id_number", seen.filter(id_number_end=end)),
    ):
        for row in rows.filter(
            **{f"{column}__startswith": head, f"{column}__endswith": tail}
        ).order_by("pk")[:most]:
            yield _hit(row, f"{column}_part")


def _by_end(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    for row in seen.filter(phone_end=asked).order_by("pk")[:most]:
        yield _hit(row, "phone_part")
    for row in seen.filter(id_number_end=asked).order_by("pk")[:most]:
        yield _hit(row, "id_number_part")


def _by_contract(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    found = Contract.objects.filter(pk=asked)
    if len(asked) >= LEAST_OF_ID and not found.exists():
        found = Contract.objects.filter(begins("contract_id", asked)).order_by("contract_id")
    owners = dict(found.values_list("contract_id", "debtor_id")[: most * 10])
    rows = {row.pk: row for row in seen.filter(pk__in=set(owners.values()))}
    for contract_id, debtor_id in owners.items():
        if debtor_id in rows:
            yield _hit(rows[debtor_id], "contract", contract_id)


def _by_debtor_id(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    exact = list(seen.filter(pk=asked))
    if exact or len(asked) < LEAST_OF_ID:
        yield from (_hit(row, "debtor") for row in exact)
        return
    for row in seen.filter(begins("debtor_id", asked)).order_by("debtor_id")[:most]:
        yield _hit(row, "debtor")


def begins(column: str, text: str) -> Q:
    """Yield the condition that a column begins with a text, such that an index serves it.

    PostgreSQL has an index for LIKE; SQLite compares texts byte by byte, so a range serves.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": text})
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + "\U0010ffff"})


def _by_name(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    plain = plain_name(asked)
    if not plain:
        return
    if len(plain) == 1:
        rows = list(seen.filter(begins("name", asked[:1])).order_by("name", "pk")[:most])
    else:
        rows = _sharing(seen, plain)
    rows.sort(key=lambda row: _likeness(row, plain))
    for row in rows[:most]:
        yield _hit(row, "name")


def _likeness(row: Debtor, plain: str) -> tuple[bool, bool, int, str]:
    """Order names: the very name, then those that begin so; those longest in arrears first."""
    name = plain_name(row.name)
    return (name != plain, not name.startswith(plain), -(row.worst_dpd or 0), row.pk)


def _sharing(seen: Seen, plain: str) -> list[Debtor]:
    """Yield the debtors whose names have a text in them; where every part is common, some."""
    grams = sorted((_count(gram), gram) for gram in grams_of(plain))
    least, rarest = grams[0]
    rows = seen.filter(pk__in=NameGram.objects.filter(gram=rarest).values("debtor_id"))
    if least > MOST_COMPARED:
        for _, gram in grams[1:MOST_PARTS]:
            rows = rows.filter(Exists(NameGram.objects.filter(gram=gram, debtor=OuterRef("pk"))))
        rows = rows.order_by("pk")[:MOST_COMMON]
    return [row for row in rows if plain in plain_name(row.name)] if least else []


def _count(gram: str) -> int:
    """Yield how many names have a part, counted no further than needed."""
    some = NameGram.objects.filter(gram=gram).values("pk")[: MOST_COMPARED + 1]
    return some.count()
