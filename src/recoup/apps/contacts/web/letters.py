"""Letters to print, batches that went to print, and what the post tells of them."""

from datetime import timedelta

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from recoup.apps.contacts import actions
from recoup.apps.contacts import letters as reading
from recoup.apps.contacts.actions import PostTaken
from recoup.apps.contacts.web.breaches import Asked
from recoup.apps.people.permissions import require
from recoup.apps.people.queries import staff_cards
from recoup.channels.print_file import FATES, BadList, PostTold, read_list
from recoup.web.kept_files import PDF, TEXT, download
from recoup.web.typed import typed_day

STOPPED_DAYS = 14


@require_safe
def letters(request: Asked) -> HttpResponse:
    """Show the letters that wait for print, those that were stopped, and the latest batches."""
    require(request.actor, "export", "contacts")
    since = request.at - timedelta(days=STOPPED_DAYS)
    waiting = reading.letters_to_print(request.actor)
    batches = reading.batches(request.actor)
    makers = {*(one.made_by_id for one in waiting), *(one.made_by_id for one in batches)}
    context = {
        "waiting": waiting,
        "pages": sum(one.pages for one in waiting),
        "stopped": reading.letters_stopped(request.actor, since=since),
        "batches": batches,
        "days": STOPPED_DAYS,
        "staff": _names(makers),
    }
    return render(request, "contacts/letters.html", context)


def _names(staff_ids: set[int | None]) -> dict[int, str]:
    wanted = {one for one in staff_ids if one is not None}
    return {key: one.name for key, one in staff_cards(wanted).items()} if wanted else {}


@require_POST
def print_batch(request: Asked) -> HttpResponseRedirect:
    """Judge the letters that wait and print those that may leave."""
    made = actions.make_batch(actor=request.actor, at=request.at)
    said = ngettext("%(n)s letter went to print.", "%(n)s letters went to print.", made.letters)
    text = said % {"n": made.letters}
    if made.stopped:
        more = ngettext("%(n)s was stopped.", "%(n)s were stopped.", made.stopped)
        text = f"{text} {more % {'n': made.stopped}}"
    messages.success(request, text)
    return redirect("contacts:letter-batch", made.batch_id)


@require_safe
def batch(request: Asked, batch_id: int) -> HttpResponse:
    """Show one batch: its letters in the order of print, and what is known of each."""
    found = reading.batch_letters(request.actor, batch_id)
    require(request.actor, "export", "contacts")
    card = reading.batch(batch_id)
    context = {
        "batch": card,
        "letters": found,
        "fates": tuple(FATES),
        "maker": _names({card.made_by_id}).get(card.made_by_id, ""),
        "today": request.at.date(),
    }
    return render(request, "contacts/letter_batch.html", context)


@require_POST
def batch_file(request: Asked, batch_id: int) -> FileResponse:
    """Hand out a batch's file: the letters, or the list of them."""
    part = "list" if request.POST.get("part") == "list" else "pdf"
    path = actions.read_batch(actor=request.actor, batch_id=batch_id, part=part, at=request.at)
    if part == "list":
        return download(path=path, file_name=f"letters-{batch_id}.csv", media_type=TEXT)
    return download(path=path, file_name=f"letters-{batch_id}.pdf", media_type=PDF)


@require_safe
def letter_file(request: Asked, letter_id: int) -> FileResponse:
    """Hand out one letter; the trail records it."""
    card, path = actions.read_letter(actor=request.actor, letter_id=letter_id, at=request.at)
    return download(path=path, file_name=f"{card.file_number}.pdf", media_type=PDF)


@require_POST
def take_list(request: Asked) -> HttpResponseRedirect:
    """Take a list that the print house or the post sent back."""
    require(request.actor, "export", "contacts")
    sent = request.FILES.get("list")
    if sent is None:
        raise BadList(zh="请选择清单文件。", en="Choose the list's file.")
    told = read_list(sent.read())
    return _taken(request, actions.take_post(actor=request.actor, told=told, at=request.at))


@require_POST
def take_one(request: Asked, letter_id: int) -> HttpResponseRedirect:
    """Take a tracking number, or what became of one letter."""
    card = reading.letter(request.actor, letter_id)
    require(request.actor, "export", "contacts")
    fate, day = request.POST.get("fate", ""), request.POST.get("on", "").strip()
    if fate and fate not in FATES:
        raise BadList(zh="请选择信函的结果。", en="Choose what became of the letter.")
    told = PostTold(
        file_number=card.file_number,
        tracking_number=request.POST.get("tracking_number", "").strip()[:60],
        fate=fate,
        on=typed_day(day, refusal=BadList) if fate and day else None,
        remark=request.POST.get("remark", "").strip()[:200],
    )
    return _taken(request, actions.take_post(actor=request.actor, told=(told,), at=request.at))


def _taken(request: Asked, taken: PostTaken) -> HttpResponseRedirect:
    said = _("Taken: %(tracked)s tracking numbers, %(ended)s outcomes.") % {
        "tracked": taken.tracked,
        "ended": taken.ended,
    }
    messages.success(request, said)
    if taken.not_taken:
        numbers = ", ".join(taken.not_taken[:10])
        messages.warning(
            request,
            _("Not taken, unknown or known otherwise already: %(numbers)s") % {"numbers": numbers},
        )
    batch_id = request.POST.get("batch", "")
    if batch_id.isascii() and batch_id.isdigit():
        return redirect("contacts:letter-batch", int(batch_id))
    return redirect("contacts:letters")
