"""The review of an account: what was checked, what was found, what changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.cases.actions.changing import NotPossible, check_version, tell
from recoup.apps.cases.events import ReviewDone
from recoup.apps.cases.models import Review
from recoup.apps.cases.queries.cards import ReviewCard, review_card
from recoup.apps.cases.recording import Happening, append, locked_case
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.events.bus import publish
from recoup.web.house import strategy
from recoup.web.shown import local

#: What is looked at: contact points; ability to pay; collateral and its papers; legal dates; the
#: strategy (segment, treatment, plan).
CHECKED = ("contact_points", "ability", "collateral", "legal_dates", "strategy")
RESULTS = ("ok", "change", "not_applicable")


def record_review(
    *,
    actor: Actor,
    debtor_id: str,
    checked: Mapping[str, Mapping[str, str]],
    changes: str,
    at: datetime,
    version: int | None = None,
) -> ReviewCard:
    """Record that an account was reviewed; everything on the list has to be answered.

    Shape: ``checked`` maps each of CHECKED to {"result": one of RESULTS, "remark"}; where any says
    ``change``, ``changes`` says what changes.
    Errors: NotAllowed; NotFound; Stale; NotPossible.
    """
    require(actor, "work", "cases")
    if actor.staff_id is None:
        raise NotFound(what="staff")
    answered = _answered(checked)
    _check(answered, changes)
    with transaction.atomic():
        case = locked_case(actor, debtor_id)
        check_version(case, version)
        if not case.is_open:
            raise NotPossible(zh="案件已结案，无需复查。", en="The case is closed already.")
        today = local(at).date()
        due_on, days = case.review_due_on, strategy().reviews.get(case.bucket)
        case.last_review_on = today
        case.review_due_on = today + timedelta(days=days) if days else None
        row = Review.objects.create(
            case=case,
            due_on=due_on,
            done_at=at,
            done_by_id=actor.staff_id,
            bucket=case.bucket,
            checked=answered,
            changes=changes.strip(),
            next_due_on=case.review_due_on,
        )
        facts = {
            "review": row.pk,
            "bucket": row.bucket,
            "results": {name: one["result"] for name, one in answered.items()},
            "due_on": due_on.isoformat() if due_on else None,
            "next_due_on": case.review_due_on.isoformat() if case.review_due_on else None,
        }
        append(
            case,
            Happening(kind="review", at=at, actor_id=actor.staff_id, facts=facts, text=row.changes),
            changed=("last_review_on", "review_due_on"),
        )
        tell(
            actor=actor,
            case=case,
            verb="record_review",
            at=at,
            after=facts,
            record="review",
            record_id=str(row.pk),
        )
        publish(
            ReviewDone(
                review_id=row.pk,
                debtor_id=case.pk,
                staff_id=actor.staff_id,
                next_due_on=row.next_due_on,
                at=at,
            )
        )
    return review_card(row)


def _answered(checked: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Yield an answer for every point of the list; points not on it are left out."""
    return {
        name: {
            "result": str(checked.get(name, {}).get("result", "")),
            "remark": str(checked.get(name, {}).get("remark", "")).strip()[:500],
        }
        for name in CHECKED
    }


def _check(answered: Mapping[str, Mapping[str, str]], changes: str) -> None:
    if any(one["result"] not in RESULTS for one in answered.values()):
        raise NotPossible(
            zh="请逐项填写复查结果：无变化、有变化或不适用。",
            en="Answer every point of the review: no change, change, or not applicable.",
        )
    if any(one["result"] == "change" for one in answered.values()) and not changes.strip():
        raise NotPossible(zh="有变化时，请写明变化是什么。", en="Say what changes.")
