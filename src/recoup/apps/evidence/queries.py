"""Reading of seals, and of what a person's bundle would hold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from recoup.apps.evidence.missing import MISSING, Item, Standing, items_of, standing_of
from recoup.apps.evidence.models import Seal, SealKey
from recoup.apps.evidence.verifying import Verified, verified
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.queries import debtor
from recoup.documents.bundle.signing import has_key
from recoup.events.evidence import Paper, PaperAsked, papers_of
from recoup.web.shown import local, speaks_chinese

__all__ = [
    "CaseEvidence",
    "Item",
    "SealsStanding",
    "Standing",
    "case_evidence",
    "one_seal",
    "seals",
    "seals_standing",
    "verify_seal",
]

#: Entries of one seal that a page reads again; a larger one is read again by the command.
MOST_REREAD = 20_000


@dataclass(frozen=True, kw_only=True)
class SealsStanding:
    """How the seals stand: up to which day, how many days wait, by which key, stamped or not."""

    last_on: date | None
    waiting: int
    has_key: bool
    keys: tuple[SealKey, ...]
    authority: str


def seals(actor: Actor) -> QuerySet[Seal]:
    """Yield the seals, the latest first; the page cuts them. Errors: NotAllowed."""
    require(actor, "view", "compliance")
    return Seal.objects.select_related("key", "stamp").order_by("-day")


def seals_standing(actor: Actor, *, at: datetime) -> SealsStanding:
    """Yield how the seals stand. Two queries. Errors: NotAllowed."""
    require(actor, "view", "compliance")
    last = Seal.objects.order_by("-day").values_list("day", flat=True).first()
    yesterday = local(at).date() - timedelta(days=1)
    return SealsStanding(
        last_on=last,
        waiting=max(0, (yesterday - last).days) if last else 1,
        has_key=has_key(),
        keys=tuple(SealKey.objects.order_by("-pk")),
        authority=settings.TSA_URL,
    )


def one_seal(actor: Actor, *, day: date) -> Seal:
    """Yield the seal of a day. Errors: NotAllowed, NotFound."""
    found = seals(actor).filter(day=day).first()
    if found is None:
        raise NotFound(what=day.isoformat())
    return found


def verify_seal(actor: Actor, *, day: date) -> Verified:
    """Verify a day's seal now. Errors: NotAllowed, NotFound."""
    seal = one_seal(actor, day=day)
    return verified(seal, reread=seal.entries <= MOST_REREAD)


@dataclass(frozen=True, kw_only=True)
class CaseEvidence:
    """What we have about a person: papers, and what a court would ask for beside them."""

    debtor_id: str
    papers: tuple[Paper, ...]
    standing: tuple[Standing, ...]
    asks_anything: bool

    @property
    def missing(self) -> int:
        """How many items are missing."""
        return sum(one.state == MISSING for one in self.standing)


def case_evidence(actor: Actor, *, debtor_id: str, at: datetime) -> CaseEvidence:
    """Yield what we have about a person, and what is missing. Errors: NotFound, NotAllowed."""
    debtor(actor, debtor_id)
    require(actor, "view", "evidence")
    asked = PaperAsked(debtor_id=debtor_id, language="zh" if speaks_chinese() else "en", at=at)
    papers = papers_of(asked)
    return CaseEvidence(
        debtor_id=debtor_id,
        papers=papers,
        standing=standing_of(debtor_id=debtor_id, papers=papers, at=at),
        asks_anything=bool(items_of(on=local(at).date())),
    )
