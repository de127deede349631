"""Appends to a case's timeline; the only place that writes entries one by one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Q

from recoup.apps.cases.models import Case, Entry
from recoup.apps.people.permissions import Actor, NotFound, in_scope
from recoup.kernel.chain import GENESIS, Linked, link


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happened to a case, before it has its place in the chain."""

    kind: str
    at: datetime
    actor_id: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    text: str = ""
    corrects: int | None = None


def content_of(entry: Entry) -> dict[str, object]:
    """Yield what the hash of an entry is taken over: instants in UTC, keys as they are."""
    return {
        "case": entry.case_id,
        "place": entry.place,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "kind": entry.kind,
        "facts": entry.facts,
        "text": entry.text,
        "corrects": entry.corrects,
    }


def linked(entry: Entry) -> Linked:
    """Yield an entry in the form in which the kernel verifies chains."""
    return Linked(content=content_of(entry), before=entry.hash_before, own=entry.hash_own)


def chained(case: Case, happening: Happening) -> Entry:
    """Yield the next entry of a case's chain, not yet written; the case's head moves on."""
    entry = Entry(
        case_id=case.pk,
        place=case.entries + 1,
        at=happening.at,
        actor_id=happening.actor_id,
        kind=happening.kind,
        facts=dict(happening.facts),
        text=happening.text,
        corrects=happening.corrects,
        hash_before=case.head_hash or GENESIS,
    )
    entry.hash_own = link(before=entry.hash_before, content=content_of(entry))
    case.entries, case.head_hash = entry.place, entry.hash_own
    return entry


def append(case: Case, happening: Happening, *, changed: Iterable[str] = ()) -> Entry:
    """Write the next entry of a locked case, with the columns of the case that changed."""
    entry = chained(case, happening)
    entry.save()
    case.save(update_fields=["entries", "head_hash", *changed])
    return entry


def locked_case(actor: Actor, debtor_id: str) -> Case:
    """Yield a case within the actor's scope, locked. Errors: NotFound."""
    found = Case.objects.select_for_update().filter(visible(actor), pk=debtor_id).first()
    if found is None:
        raise NotFound(what=debtor_id)
    return found


def locked_if_there(debtor_id: str) -> Case | None:
    """Yield a person's case, locked, whatever the scope; None where there is none."""
    return Case.objects.select_for_update().filter(pk=debtor_id).first()


def visible(actor: Actor) -> Q:
    """Yield the condition on cases that keeps those whom a person may see."""
    condition = in_scope(actor)
    if actor.conflicts:
        condition &= ~Q(pk__in=sorted(actor.conflicts))
    return condition
