"""Files that prove something: looked at by content, kept by hash, told to the trail when read."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from recoup.apps.people.permissions import Actor, NotFound
from recoup.apps.portfolio.actions.acts import WrongEntry, begin, record, staff_id_of
from recoup.apps.portfolio.events import ProfileChanged
from recoup.apps.portfolio.models import Circumstance, Proof
from recoup.apps.portfolio.queries.cards import ProofCard
from recoup.apps.portfolio.queries.profile import proof as proof_in_scope
from recoup.apps.portfolio.queries.profile import proof_card
from recoup.events.bus import publish
from recoup.web.kept_files import UnknownContent, keep, kept_path, media_type_of


def attach_proof(
    *,
    actor: Actor,
    debtor_id: str,
    title: str,
    file_name: str,
    content: bytes,
    at: datetime,
    circumstance_id: int | None = None,
) -> ProofCard:
    """Keep a file that proves something of a debtor. Its type is told by its content alone.

    Errors: NotFound, NotAllowed, WrongEntry for an empty or too large file, or one of a type that
    is not kept.
    """
    with transaction.atomic():
        begin(actor, debtor_id, verb="work", room="cases")
        media_type = _checked(content)
        about = {"pk": circumstance_id, "debtor_id": debtor_id}
        if circumstance_id is not None and not Circumstance.objects.filter(**about).exists():
            raise NotFound(what=f"circumstance {circumstance_id}")
        kept = keep(content=content, folder=Path(settings.KEPT_FILES))
        name = Path(file_name.replace("\\", "/")).name.strip()[:200] or "file"
        row = Proof.objects.create(
            debtor_id=debtor_id,
            title=title.strip()[:200] or name,
            file_name=name,
            media_type=media_type,
            size=len(content),
            sha256=kept,
            circumstance_id=circumstance_id,
            made_by_id=staff_id_of(actor),
            made_at=at,
        )
        record(
            actor,
            verb="attach_proof",
            record="proof",
            record_id=row.pk,
            debtor_id=debtor_id,
            at=at,
            after={"title": row.title, "sha256": kept, "size": row.size, "type": media_type},
        )
        publish(ProfileChanged(debtor_id=debtor_id, record="proof", record_id=row.pk, at=at))
    return proof_card(row)


def _checked(content: bytes) -> str:
    most = settings.MOST_PROOF_BYTES
    if not content:
        raise WrongEntry(zh="文件是空的。", en="The file is empty.")
    if len(content) > most:
        raise WrongEntry(
            zh=f"文件超过 {most // 1024 // 1024} MiB 的上限，请压缩或拆分后重新上传。",
            en=f"The file is larger than {most // 1024 // 1024} MiB; make it smaller or cut it up.",
        )
    try:
        return media_type_of(content)
    except UnknownContent as unknown:
        raise WrongEntry(zh=unknown.zh, en=unknown.en) from unknown


def read_proof(*, actor: Actor, proof_id: int, at: datetime) -> tuple[ProofCard, Path]:
    """Yield a proof and where its content lies, for one download that the trail records.

    Errors: NotFound, out of scope or when the file is no longer there; NotAllowed.
    """
    card = proof_in_scope(actor, proof_id)
    path = kept_path(sha256=card.sha256, folder=Path(settings.KEPT_FILES))
    with transaction.atomic():
        begin(actor, card.debtor_id, verb="view", room="portfolio")
        if not path.is_file():
            raise NotFound(what=card.file_name)
        record(
            actor,
            verb="read_proof",
            record="proof",
            record_id=card.proof_id,
            debtor_id=card.debtor_id,
            at=at,
            after={"sha256": card.sha256},
        )
    return card, path
