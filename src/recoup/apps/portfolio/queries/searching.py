"""Finds debtors by what staff type: a name or part of one, a number, a masked number, a contract.

Each way of looking asks one index and takes a bounded number of rows; what is found most surely
comes first. Out of scope, nobody is found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from recoup.apps.people.permissions import Actor, require, sees
from recoup.apps.portfolio.models import ContactPoint, Contract, Debtor, NameGram
from recoup.apps.portfolio.name_grams import beginning_of, grams_of, plain_name
from recoup.apps.portfolio.queries.cards import SearchHit, card_of
from recoup.apps.portfolio.queries.debtors import products_of

#: Longest text that is looked for.
MOST_CHARACTERS = 64
#: Debtors looked at in one way of looking, of whom those within scope are shown.
MOST_LOOKED_AT = 2_000
#: Debtors whose names are compared in full, of those that share the rarest part.
MOST_COMPARED = 800
#: Debtors compared of a common text, where nobody is out of sight.
MOST_COMMON = 100
#: Names counted to find the rarest part; further parts asked for, where even that one is common.
MOST_COUNTED = 5_000
MOST_PARTS = 3
#: Contracts looked at that begin with a text, of which those within scope are shown.
MOST_BEGINNING = 300
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
    seen = Seen(actor)
    for look in _ways(asked):
        for hit in look(seen, asked, limit + 1):
            hits.setdefault(hit.debtor_id, hit)
        if len(hits) > limit:
            break
    return Found(hits=tuple(hits.values())[:limit], more=len(hits) > limit)


#: The columns that a hit shows, and those that scopes are drawn by.
_SCOPED = ("branch", "team", "collector_id", "products")
_SHOWN = (
    *("debtor_id", "name", "phone", "kind", "worst_dpd", "overdue_base_minor"),
    *("treatment", "gone_on", *_SCOPED),
)


@dataclass(frozen=True)
class Seen:
    """Debtors as one actor sees them.

    The scope is asked of rows already found: asked of the database together with a rare name, it
    leads SQLite to walk over the whole team.
    """

    actor: Actor

    @property
    def everybody(self) -> bool:
        """Whether nobody is out of the actor's sight."""
        return self.actor.whole_bank and not self.actor.conflicts

    def rows(self, found: QuerySet[Debtor], most: int) -> list[Debtor]:
        """Yield the first rows within scope, of a bounded number looked at, in the given order."""
        shown = found.only(*_SHOWN)
        if self.everybody:
            return list(shown[:most])
        return [row for row in shown[:MOST_LOOKED_AT] if self._sees(row)][:most]

    def keys(self, debtor_ids: Iterable[str]) -> list[str]:
        """Yield those of many debtors who are within scope: much cheaper than their rows."""
        if self.everybody:
            return list(debtor_ids)
        found = _these(debtor_ids).values_list("pk", *_SCOPED, named=True)
        return [row.pk for row in found if self._sees(row)]

    def _sees(self, row: Any) -> bool:
        return row.pk not in self.actor.conflicts and sees(
            self.actor,
            branch=row.branch,
            team=row.team,
            collector_id=row.collector_id,
            products=products_of(row.products),
        )


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
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=number)
    for matched, condition in (
        ("phone", Q(phone=number)),
        ("id_number", Q(id_number=number)),
        ("contact_point", Q(pk__in=points.values("debtor_id"))),
    ):
        for row in seen.rows(Debtor.objects.filter(condition).order_by("pk"), most):
            yield _hit(row, matched)


def _by_masked_number(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    """Find numbers by the digits left and right of the mask, as our own pages show them."""
    parts = _MASKED.fullmatch(_GAPS.sub("", asked))
    assert parts is not None
    head, tail = parts.group(1), parts.group(2).upper()
    if len(tail) >= END_DIGITS:
        yield from _ending(seen, head, tail, most)


def _by_end(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    yield from _ending(seen, "", asked, most)


def _ending(seen: Seen, head: str, tail: str, most: int) -> Iterator[SearchHit]:
    for column in ("phone", "id_number"):
        told = {
            f"{column}_end": tail[-END_DIGITS:],
            f"{column}__startswith": head,
            f"{column}__endswith": tail,
        }
        for row in seen.rows(Debtor.objects.filter(**told).order_by("pk"), most):
            yield _hit(row, f"{column}_part")


def _by_contract(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    found = Contract.objects.filter(pk=asked)
    if len(asked) >= LEAST_OF_ID and not found.exists():
        found = Contract.objects.filter(begins("contract_id", asked))
    bound = most if seen.everybody else MOST_BEGINNING
    owners = dict(found.values_list("contract_id", "debtor_id")[:bound])
    rows = {row.pk: row for row in seen.rows(_these(owners.values()), bound)}
    for contract_id, debtor_id in sorted(owners.items()):
        if debtor_id in rows:
            yield _hit(rows[debtor_id], "contract", contract_id)


def _by_debtor_id(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    rows = seen.rows(Debtor.objects.filter(pk=asked), most)
    if not rows and len(asked) >= LEAST_OF_ID:
        rows = seen.rows(Debtor.objects.filter(begins("debtor_id", asked)), most)
    for row in sorted(rows, key=lambda row: row.pk):
        yield _hit(row, "debtor")


def begins(column: str, text: str) -> Q:
    """Yield the condition that a column begins with a text, such that an index serves it.

    PostgreSQL has an index for LIKE, which serves no order but its own: who asks takes the first
    rows as they come and orders them afterwards. SQLite compares texts byte by byte, so a range
    serves.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": text})
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + "\U0010ffff"})


def _these(debtor_ids: Iterable[str]) -> QuerySet[Debtor]:
    return Debtor.objects.filter(pk__in=set(debtor_ids)).order_by("pk")


def _by_name(seen: Seen, asked: str, most: int) -> Iterator[SearchHit]:
    """Find the very name first, then names that have the text in them; one character, those that
    begin with it."""
    plain = plain_name(asked)
    if not plain:
        return
    exact = seen.rows(Debtor.objects.filter(name=asked).order_by("pk"), most)
    rows = {row.pk: row for row in (*exact, *_sharing(seen, plain))}
    for row in sorted(rows.values(), key=lambda row: _likeness(row, plain))[:most]:
        yield _hit(row, "name")


def _likeness(row: Debtor, plain: str) -> tuple[bool, bool, int, str]:
    """Order names: the very name, then those that begin so; those longest in arrears first."""
    name = plain_name(row.name)
    return (name != plain, not name.startswith(plain), -(row.worst_dpd or 0), row.pk)


def _sharing(seen: Seen, plain: str) -> list[Debtor]:
    """Yield debtors whose names have a text in them: all of a rare one, the first of a common."""
    parts = grams_of(plain) if len(plain) > 1 else (beginning_of(plain),)
    rarest, *others = sorted((_count(gram), gram) for gram in parts)
    sharing = NameGram.objects.filter(gram=rarest[1])
    if rarest[0] > MOST_COMPARED:
        for _, gram in others[:MOST_PARTS]:
            other = NameGram.objects.filter(gram=gram, debtor_id=OuterRef("debtor_id"))
            sharing = sharing.filter(Exists(other))
    # Of a common text nobody wants them all; of one team's people, a few hundred yield some.
    bound = MOST_COMPARED if rarest[0] <= MOST_COMPARED or not seen.everybody else MOST_COMMON
    found = sharing.order_by("debtor_id").values_list("debtor_id", flat=True)[:bound]
    rows = seen.rows(_these(seen.keys(found)), MOST_COMPARED)
    return [row for row in rows if plain in plain_name(row.name)]


def _count(gram: str) -> int:
    """Yield how many names have a part, counted no further than needed."""
    some = NameGram.objects.filter(gram=gram).values("pk")[: MOST_COUNTED + 1]
    return some.count()
