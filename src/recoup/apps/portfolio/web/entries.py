"""What staff enter on the parts of a debtor's page; each answers with the part as it stands now."""

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from recoup.apps.portfolio import actions
from recoup.apps.portfolio.actions import WrongEntry
from recoup.apps.portfolio.circumstances import SIDES
from recoup.apps.portfolio.models import ContactPoint, Hold
from recoup.apps.portfolio.queries import IncomeLine
from recoup.apps.portfolio.web.asked import Asked, amount, day, entered, number, today
from recoup.kernel.money import EXPONENTS
from recoup.kernel.refusal import NotFound


@require_POST
def add_point(request: Asked, debtor_id: str) -> HttpResponse:
    """Add a number or an address."""
    sent = request.POST

    def act() -> None:
        actions.add_contact_point(
            actor=request.actor,
            debtor_id=debtor_id,
            kind=sent.get("kind", ""),
            value=sent.get("value", ""),
            source=sent.get("source", ""),
            party=sent.get("party", "debtor"),
            note=sent.get("note", ""),
            found_on=day(request, "found_on"),
            basis=sent.get("basis", ""),
            at=request.at,
        )

    return entered(request, "contact_points", debtor_id, act)


@require_POST
def judge_point(request: Asked, point_id: int) -> HttpResponse:
    """Say whether a number or an address still serves."""
    owners = ContactPoint.objects.filter(pk=point_id).values_list("debtor_id", flat=True)
    debtor_id = owners.first()
    if debtor_id is None:
        raise NotFound(what=f"contact point {point_id}")

    def act() -> None:
        actions.judge_contact_point(
            actor=request.actor,
            contact_point_id=point_id,
            is_valid=request.POST.get("is_valid") == "yes",
            version=number(request, "version"),
            note=request.POST.get("note", ""),
            at=request.at,
        )

    return entered(request, "contact_points", debtor_id, act)


@require_POST
def add_hold(request: Asked, debtor_id: str) -> HttpResponse:
    """Set a hold."""
    sent = request.POST

    def act() -> None:
        with transaction.atomic():
            actions.set_hold(
                actor=request.actor,
                debtor_id=debtor_id,
                kind=sent.get("kind", ""),
                why=sent.get("why", ""),
                from_on=day(request, "from_on") or today(request),
                until_on=day(request, "until_on"),
                contract_id=sent.get("contract_id") or None,
                channel=sent.get("channel") or None,
                proof_id=_proof(request, debtor_id),
                at=request.at,
            )

    return entered(request, "holds", debtor_id, act)


@require_POST
def lift(request: Asked, hold_id: int) -> HttpResponse:
    """End a hold today."""
    debtor_id = Hold.objects.filter(pk=hold_id).values_list("debtor_id", flat=True).first()
    if debtor_id is None:
        raise NotFound(what=f"hold {hold_id}")

    def act() -> None:
        with transaction.atomic():
            actions.lift_hold(
                actor=request.actor,
                hold_id=hold_id,
                why=request.POST.get("why", ""),
                on=today(request),
                proof_id=_proof(request, debtor_id),
                at=request.at,
            )

    return entered(request, "holds", debtor_id, act)


def _proof(request: Asked, debtor_id: str) -> int | None:
    """Keep the file that proves why a hold is set or lifted, if one was sent; yield its key."""
    file = request.FILES.get("file")
    if file is None:
        return None
    card = actions.attach_proof(
        actor=request.actor,
        debtor_id=debtor_id,
        title=request.POST.get("why", ""),
        file_name=file.name or "",
        content=file.read(),
        at=request.at,
    )
    return card.proof_id


@require_POST
def add_statement(request: Asked, debtor_id: str) -> HttpResponse:
    """Record a new version of the monthly income and expense."""

    def act() -> None:
        currency = request.POST.get("currency", "CNY")
        if currency not in EXPONENTS:
            raise WrongEntry(zh="没有这种货币。", en="There is no such currency.")
        actions.record_income_statement(
            actor=request.actor,
            debtor_id=debtor_id,
            stated_on=day(request, "stated_on") or today(request),
            currency=currency,
            lines=_lines(request, currency),
            version_seen=number(request, "version"),
            at=request.at,
        )

    return entered(request, "affordability", debtor_id, act)


def _lines(request: Asked, currency: str) -> list[IncomeLine]:
    """Yield the lines whose amount is filled in; a zero counts, an empty field does not."""
    found = []
    for side, words in SIDES.items():
        for code in words:
            text = request.POST.get(f"{side}:{code}", "").strip()
            if text:
                found.append(IncomeLine(side=side, code=code, amount_minor=amount(text, currency)))
    return found


@require_POST
def add_circumstance(request: Asked, debtor_id: str) -> HttpResponse:
    """Record something in the debtor's life."""
    sent = request.POST

    def act() -> None:
        actions.record_circumstance(
            actor=request.actor,
            debtor_id=debtor_id,
            code=sent.get("code", ""),
            is_cause=sent.get("is_cause") == "yes",
            from_on=day(request, "from_on"),
            until_on=day(request, "until_on"),
            note=sent.get("note", ""),
            at=request.at,
        )

    return entered(request, "circumstances", debtor_id, act)
