"""Files that prove something: handed in, and handed out again to those within scope."""

from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.portfolio import actions
from recoup.apps.portfolio.actions import WrongEntry
from recoup.apps.portfolio.web.asked import Asked, entered, number
from recoup.web.kept_files import download


@require_POST
def add_proof(request: Asked, debtor_id: str) -> HttpResponse:
    """Keep a file that a debtor or a colleague handed in."""

    def act() -> None:
        sent = request.FILES.get("file")
        if sent is None:
            raise WrongEntry(zh="请选择一个文件。", en="Choose a file.")
        actions.attach_proof(
            actor=request.actor,
            debtor_id=debtor_id,
            title=request.POST.get("title", ""),
            file_name=sent.name or "",
            content=sent.read(),
            circumstance_id=(
                number(request, "circumstance") if request.POST.get("circumstance") else None
            ),
            at=request.at,
        )

    return entered(request, "proofs", debtor_id, act)


@require_safe
def download_proof(request: Asked, proof_id: int) -> FileResponse:
    """Hand a proof out as a file to keep, never to show in place; the trail records it."""
    card, path = actions.read_proof(actor=request.actor, proof_id=proof_id, at=request.at)
    return download(path=path, file_name=card.file_name, media_type=card.media_type)
