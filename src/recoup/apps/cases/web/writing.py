"""Writing: a text of ours or words of staff's own, looked at first, then sent.

A text of ours that nobody changed goes out bound to its version; once it is edited it is words of
staff's own, which must still say what the law asks for and may say nothing that it forbids.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recoup.apps.arrangements.queries import promises_of
from recoup.apps.cases.actions import NotPossible
from recoup.apps.cases.queries import CaseCard, case_of
from recoup.apps.cases.web.answers import answered
from recoup.apps.cases.web.asked import Asked, sent_day, sent_text
from recoup.apps.cases.web.instead import instead_of
from recoup.apps.cases.web.panes import FITTING, WRITTEN
from recoup.apps.contacts.actions import PARTIES, Intended, Letter, NotPermitted, queue_message
from recoup.apps.contacts.queries import (
    Draft,
    Wanted,
    draft,
    held_words,
    may_contact,
    offers,
    text_language_of,
)
from recoup.apps.people.permissions import NotFound, require
from recoup.apps.portfolio.queries import contract
from recoup.kernel.texts.check import TextFinding
from recoup.kernel.texts.filling import PLACEHOLDERS, Value
from recoup.policy.texts import ElementsLost, TextForbidden

LANGUAGES = ("zh", "en")
DEBTOR = "debtor"
#: Which text fits a treatment, where nothing else tells.
BY_TREATMENT = {"pre_due_reminder": "pre_due_reminder", "hardship_care": "hardship_offer"}
USUAL = "soft_message"


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A piece of a text as it was written; ``finding`` says what is wrong with it, if anything."""

    text: str
    finding: TextFinding | None = None


def marked(text: str, findings: Sequence[TextFinding]) -> tuple[Marked, ...]:
    """Yield a text in pieces, those that stop it with what is wrong and what to say instead."""
    pieces: list[Marked] = []
    place = 0
    for one in sorted(findings, key=lambda each: (each.start, -each.end)):
        if one.start < place:
            continue
        if one.start > place:
            pieces.append(Marked(text=text[place : one.start]))
        pieces.append(Marked(text=text[one.start : one.end], finding=one))
        place = one.end
    return (*pieces, Marked(text=text[place:])) if place < len(text) else tuple(pieces)


@require_POST
def drafted(request: Asked, debtor_id: str) -> HttpResponse:
    """Show the text that is chosen, filled for the person, or an empty field for own words."""
    case = case_of(request.actor, debtor_id)
    require(request.actor, "work", "contacts")
    channel, language = _channel(request), _language(request, debtor_id)
    known = _known_of(debtor_id)
    # The texts speak to the debtor; to anybody else go own words.
    to_debtor = _party(request) == DEBTOR
    offered = offers(channel=channel, at=request.at) if to_debtor else ()
    purpose = sent_text(request, "text_purpose")
    if purpose == FITTING:
        purpose = _fitting(case, known)
    if purpose not in {one.purpose for one in offered}:
        purpose = ""
    found = _draft(request, debtor_id, purpose, language, known) if purpose else None
    context = {
        "offers": offered,
        "languages": LANGUAGES,
        "language": language,
        "draft": found,
        "text": found.text if found else sent_text(request, "text") if not _was(request) else "",
        "typed": request.POST,
        "filled": _filled(request, found),
    }
    return render(request, "cases/_draft.html", context)


@require_POST
def looked_at(request: Asked, debtor_id: str) -> HttpResponse:
    """Tell what the rules say of a text and of the moment, before it is sent."""
    case_of(request.actor, debtor_id)
    require(request.actor, "work", "contacts")
    written = _written(request, debtor_id)
    context = _objections(debtor_id, written)
    answer = may_contact(
        debtor_id=debtor_id,
        channel=written.channel,
        party=written.party,
        purpose=written.purpose,
        at=request.at,
        contract_id=written.contract_id,
    )
    return render(request, "cases/_looked_at.html", context | {"gate": answer, "written": written})


@require_POST
def write(request: Asked, debtor_id: str) -> HttpResponse:
    """Write a message: it waits to leave, or what stops it is shown where it is."""
    case_of(request.actor, debtor_id)
    written = _written(request, debtor_id)
    try:
        _hold_elements(written)
        queue_message(
            actor=request.actor,
            intended=Intended(
                debtor_id=debtor_id,
                channel=written.channel,
                party=written.party,
                purpose=written.purpose,
                contract_id=written.contract_id,
            ),
            letter=written.letter,
            client_key=_wish(debtor_id, sent_text(request, "key"), written.letter.digest),
            at=request.at,
        )
    except (TextForbidden, ElementsLost):
        return _refused(request, _objections(debtor_id, written) | {"written": written})
    except NotPermitted as refused:
        decision = refused.decision
        context = {
            "answer": decision,
            "zone": decision.facts["person"]["time_zone"],
            "instead": instead_of(
                debtor_id=debtor_id,
                channel=decision.channel,
                purpose=decision.purpose,
                at=request.at,
            ),
        }
        return _refused(request, context)
    return answered(request, debtor_id, _("The message waits to leave."), worked=True)


def _refused(request: Asked, context: dict[str, object]) -> HttpResponse:
    part = "answer" in context
    name = "cases/_permit.html" if part else "cases/_looked_at.html"
    if not request.htmx:
        context["part"], name = name, "cases/not_sent.html"
    return render(request, name, context, status=422)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """What a form sends: to whom, the words, and the text of ours they were made from, if any."""

    channel: str
    party: str
    purpose: str
    #: Empty: about all loans in arrears.
    contract_id: str
    letter: Letter
    draft: Draft | None

    @property
    def whole(self) -> str:
        """Everything that is said, as the rules read it."""
        return f"{self.letter.subject}\n{self.letter.body}".strip()

    @property
    def is_edited(self) -> bool:
        """Whether a text of ours was changed."""
        return self.draft is not None and not self.letter.text_version


def _written(request: Asked, debtor_id: str) -> _Written:
    """Yield what is to be sent. Errors: NotPossible, for nothing; and those of a draft."""
    body = sent_text(request, "text").replace("\r\n", "\n")
    if not body:
        raise NotPossible(zh="请写下要发送的内容。", en="Write what is to be sent.")
    purpose = sent_text(request, "text_purpose")
    found = None
    if purpose and purpose != FITTING:
        language = _language(request, debtor_id)
        found = _draft(request, debtor_id, purpose, language, _known_of(debtor_id))
    unchanged = found is not None and not found.missing and body == found.text
    return _Written(
        channel=_channel(request),
        party=_party(request),
        purpose=found.contact if found else sent_text(request, "purpose") or "collect",
        contract_id=_contract(request, debtor_id),
        draft=found,
        letter=Letter(
            body=body,
            subject=sent_text(request, "subject"),
            language=_language_of(body),
            text_version=found.text_version if found and unchanged else "",
            figures=found.figures if found else (),
            answer_by=sent_day(request, "answer_by") if sent_text(request, "answer_by") else None,
        ),
    )


def _hold_elements(written: _Written) -> None:
    if written.draft is not None and written.is_edited:
        written.draft.hold_elements(written.letter.body)


def _objections(debtor_id: str, written: _Written) -> dict[str, object]:
    """Yield the text in pieces with what stops it, and what it no longer says."""
    findings = held_words(
        debtor_id=debtor_id,
        text=written.whole,
        language=written.letter.language,
        purpose=written.purpose,
        more_figures=written.letter.figures,
    )
    lost: ElementsLost | None = None
    try:
        _hold_elements(written)
    except ElementsLost as found:
        lost = found
    return {
        "pieces": marked(written.whole, findings),
        "findings": findings,
        "lost": tuple(zip(lost.names, lost.parts, strict=True)) if lost else (),
        "rule": lost.rule if lost else "",
    }


def _draft(
    request: Asked, debtor_id: str, purpose: str, language: str, known: dict[str, Value]
) -> Draft:
    typed = {
        name: sent_text(request, f"value:{name}")
        for name in PLACEHOLDERS
        if sent_text(request, f"value:{name}")
    }
    wanted = Wanted(
        debtor_id=debtor_id,
        channel=_channel(request),
        purpose=purpose,
        language=language,
        known=known,
        typed=typed,
    )
    return draft(actor=request.actor, wanted=wanted, at=request.at)


def _filled(request: Asked, found: Draft | None) -> tuple[tuple[str, str], ...]:
    """Yield what staff filled in and the text has taken up, for the form to send again."""
    open_ones = {f"value:{one.name}" for one in found.missing} if found else set()
    return tuple(
        (name, value)
        for name in request.POST
        if found and name.startswith("value:") and name not in open_ones
        if (value := sent_text(request, name))
    )


def _known_of(debtor_id: str) -> dict[str, Value]:
    """Yield what promises say: the one that runs, else the one that was broken last."""
    found = promises_of(debtor_id=debtor_id)
    live = [one for one in found if one.is_live]
    broken = [one for one in found if one.status == "broken"]
    if not live and not broken:
        return {}
    one = min(live, key=lambda each: each.due_on) if live else broken[0]
    return {"promised": one.missing_minor, "promised_on": one.due_on}


def _fitting(case: CaseCard, known: dict[str, Value]) -> str:
    """Yield the purpose of the text that fits the case best."""
    if case.promise_broken_on is not None and known:
        return "broken_promise"
    if case.promise_due_on is not None and known:
        return "promise_confirmation"
    return BY_TREATMENT.get(case.treatment, USUAL)


def _channel(request: Asked) -> str:
    found = sent_text(request, "channel") or "sms"
    if found not in WRITTEN:
        raise NotPossible(zh="请选择短信、邮件等书面渠道。", en="Choose a channel to write over.")
    return found


def _party(request: Asked) -> str:
    found = sent_text(request, "to") or DEBTOR
    if found not in PARTIES:
        raise NotPossible(zh="请选择收信人。", en="Choose who is written to.")
    return found


def _contract(request: Asked, debtor_id: str) -> str:
    """Yield the loan that it is about; empty for all. Errors: NotFound, for another's loan."""
    found = sent_text(request, "about")
    if found and contract(request.actor, found).debtor_id != debtor_id:
        raise NotFound(what=found)
    return found


def _language(request: Asked, debtor_id: str) -> str:
    """Yield the language of a text: the one chosen, else the person's."""
    sent = sent_text(request, "language")
    return sent if sent in LANGUAGES else text_language_of(debtor_id)


def _was(request: Asked) -> bool:
    """Tell whether the field held a text of ours until now: own words begin with an empty one."""
    return sent_text(request, "was") not in ("", FITTING)


def _wish(debtor_id: str, key: str, digest: str) -> str:
    """Yield the key of a wish: the same words from the same form are written once."""
    return hashlib.sha256(f"{debtor_id} {key} {digest}".encode()).hexdigest()[:40]


def _language_of(text: str) -> str:
    """Yield the language that a text is held against: Chinese as soon as a Han character stands."""
    return "zh-hans" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"
