"""What other rooms tell of a person goes into the timeline of the person's case.

Each listener runs in the transaction of the act it hears of. A person without a case has no
timeline: then nothing is written here, the trail has it all the same.
"""

from collections.abc import Mapping
from datetime import datetime

from recoup.apps.arrangements import events as promises
from recoup.apps.arrangements.queries import live_promises
from recoup.apps.cases.actions.changing import move_status
from recoup.apps.cases.models import Case
from recoup.apps.cases.recording import Happening, append, locked_if_there
from recoup.apps.cases.rules import queue_of, status_under_holds
from recoup.apps.contacts.events import (
    ContactRecorded,
    ContactWithdrawn,
    LetterMoved,
    StopAsked,
    StopLifted,
)
from recoup.apps.ledger.events import ReceiptPosted, ReceiptReversed
from recoup.apps.portfolio.events import (
    ContactPointJudged,
    HoldLifted,
    HoldSet,
    ProfileChanged,
)
from recoup.events.changes import Change
from recoup.kernel.case_status import ASSIGNED, IN_WORK, NEW
from recoup.web.house import strategy
from recoup.web.shown import local

PROMISE_KINDS = {
    promises.PromiseRecorded: "promise",
    promises.PromiseKept: "promise_kept",
    promises.PromisePartlyKept: "promise_partly_kept",
    promises.PromiseBroken: "promise_broken",
    promises.PromiseReopened: "promise_reopened",
    promises.PromiseWithdrawn: "promise_withdrawn",
}


def hear_contact(event: ContactRecorded) -> None:
    """A contact: into the timeline; the case is worked today, and in work if it was not yet."""
    case = locked_if_there(event.debtor_id)
    if case is None:
        return
    if case.last_contact_at is None or event.at >= case.last_contact_at:
        case.last_contact_at = event.at
        case.last_outcome, case.last_channel = event.outcome, event.channel
    case.worked_on = local(event.at).date()
    append(
        case,
        Happening(
            kind="contact",
            at=event.at,
            actor_id=event.staff_id,
            facts={
                "contact": event.contact_id,
                "channel": event.channel,
                "direction": event.direction,
                "party": event.party,
                "purpose": event.purpose,
                "outcome": event.outcome,
                "contract": event.contract_id,
                "breaches": list(event.breaches),
                "recorded_at": event.recorded_at.isoformat(),
                **({"recording": event.recording} if event.recording else {}),
            },
            text=event.note,
        ),
        changed=("last_contact_at", "last_outcome", "last_channel", "worked_on"),
    )
    if case.status in (NEW, ASSIGNED):
        move_status(case, IN_WORK, at=event.recorded_at, actor_id=event.staff_id, why="contact")


def hear_letter(event: LetterMoved) -> None:
    """A letter on its way. That it was printed stands in the timeline as the contact it is."""
    case = locked_if_there(event.debtor_id)
    if case is None or event.step == "printed":
        return
    facts = {
        "letter": event.letter_id,
        "file_number": event.file_number,
        "step": event.step,
        "tracking": event.tracking_number,
    }
    append(case, Happening(kind="letter", at=event.at, actor_id=event.staff_id, facts=facts))


def hear_contact_withdrawn(event: ContactWithdrawn) -> None:
    """A contact taken back: the case is to be worked again today."""
    case = locked_if_there(event.debtor_id)
    if case is None:
        return
    case.worked_on = None
    facts = {"contact": event.contact_id}
    happening = Happening(
        kind="contact_withdrawn", at=event.at, actor_id=event.staff_id, facts=facts
    )
    append(case, happening, changed=("worked_on",))


def hear_stop(event: StopAsked | StopLifted) -> None:
    """Somebody asked not to be contacted, or wants to be reached again, in these words."""
    _enter(
        event.debtor_id,
        Happening(
            kind="stop_asked" if isinstance(event, StopAsked) else "stop_lifted",
            at=event.at,
            actor_id=event.staff_id,
            facts={"stop": event.stop_id, "party": event.party, "channel": event.channel},
            text=event.words,
        ),
    )


def hear_promise(event: promises.PromiseFact) -> None:
    """A promise or what became of it: into the timeline; a live one rests the ordinary work."""
    case = locked_if_there(event.debtor_id)
    if case is None:
        return
    kind = PROMISE_KINDS[type(event)]
    actor_id = getattr(event, "actor_id", None)
    live = [
        one
        for one in live_promises(
            debtor_id=event.debtor_id, on=max(event.on, local(event.at).date())
        )
        if one.promise_id != event.promise_id or kind in ("promise", "promise_reopened")
    ]
    case.promise_due_on = live[0].due_on if live else None
    case.promise_minor = live[0].missing_minor if live else None
    if kind == "promise_broken":
        case.promise_broken_on = event.due_on
    elif kind in ("promise_kept", "promise_reopened") and case.promise_broken_on == event.due_on:
        case.promise_broken_on = None
    changed = ["promise_due_on", "promise_minor", "promise_broken_on"]
    if kind == "promise":
        case.worked_on = local(event.at).date()
        changed.append("worked_on")
    append(
        case,
        Happening(
            kind=kind,
            at=event.at,
            actor_id=actor_id,
            facts={
                "promise": event.promise_id,
                "contract": event.contract_id or "",
                "amount_minor": event.amount_minor,
                "matched_minor": event.matched_minor,
                "currency": event.currency,
                "due_on": event.due_on.isoformat(),
                "on": event.on.isoformat(),
                "channel": getattr(event, "channel", ""),
                "party": getattr(event, "party", ""),
            },
            text=getattr(event, "why", ""),
        ),
        changed=changed,
    )
    _settle(case, at=event.at, actor_id=actor_id, why=kind)


def hear_receipt(event: ReceiptPosted) -> None:
    """Money came in between two nights."""
    _money(
        event.debtor_id,
        kind="receipt",
        at=event.at,
        actor_id=event.actor_id,
        facts={
            "payment": event.payment_id,
            "contract": event.contract_id,
            "amount_minor": event.amount_minor,
            "currency": event.currency,
            "paid_on": event.paid_on.isoformat(),
            "channel": event.channel,
        },
    )


def hear_reversal(event: ReceiptReversed) -> None:
    """A receipt turned out not to have been one."""
    _money(
        event.debtor_id,
        kind="reversal",
        at=event.at,
        actor_id=event.actor_id,
        facts={
            "payment": event.payment_id,
            "reversal": event.reversal_id,
            "contract": event.contract_id,
            "amount_minor": event.amount_minor,
            "currency": event.currency,
            "paid_on": event.paid_on.isoformat(),
        },
        text=event.why,
    )


def hear_hold_set(event: HoldSet) -> None:
    """A hold was put on the person or on a contract."""
    _enter(
        event.debtor_id,
        Happening(
            kind="hold_set",
            at=event.at,
            facts={
                "hold": event.hold_id,
                "kind": event.kind,
                "contract": event.contract_id or "",
                "from_on": event.from_on.isoformat(),
                "until_on": event.until_on.isoformat() if event.until_on else None,
                "channel": event.channel or "",
            },
        ),
    )


def hear_hold_lifted(event: HoldLifted) -> None:
    """A hold was ended."""
    _enter(
        event.debtor_id,
        Happening(
            kind="hold_lifted",
            at=event.at,
            facts={
                "hold": event.hold_id,
                "kind": event.kind,
                "contract": event.contract_id or "",
                "lifted_on": event.lifted_on.isoformat(),
            },
        ),
    )


def hear_contact_point(event: ContactPointJudged) -> None:
    """Staff judged whether a number or an address still serves."""
    facts = {"point": event.contact_point_id, "kind": event.kind, "is_valid": event.is_valid}
    _enter(event.debtor_id, Happening(kind="contact_point", at=event.at, facts=facts))


def hear_profile(event: ProfileChanged) -> None:
    """What staff know of the person grew: statement, circumstance, proof, number."""
    facts = {"record": event.record, "id": event.record_id}
    _enter(event.debtor_id, Happening(kind="profile", at=event.at, facts=facts))


def hear_reveal(change: Change) -> None:
    """A masked number was shown to somebody, and why: told by the trail's own change."""
    if change.verb == "reveal" and change.debtor_id:
        _enter(
            change.debtor_id,
            Happening(
                kind="reveal",
                at=change.at,
                actor_id=change.actor_id,
                facts={"field": str(change.after.get("field", ""))},
                text=change.why,
            ),
        )


def _enter(debtor_id: str, happening: Happening) -> None:
    case = locked_if_there(debtor_id)
    if case is not None:
        append(case, happening)


def _money(
    debtor_id: str,
    *,
    kind: str,
    at: datetime,
    actor_id: int | None,
    facts: Mapping[str, object],
    text: str = "",
) -> None:
    happening = Happening(kind=kind, at=at, actor_id=actor_id, facts=facts, text=text)
    _enter(debtor_id, happening)


def _settle(case: Case, *, at: datetime, actor_id: int | None, why: str) -> None:
    """Put the case where holds, plan and promise now put it; keep the queue in step."""
    if not case.is_open:
        return
    policy = strategy()
    after = status_under_holds(
        case=case,
        strategy=policy,
        has_promise=case.promise_due_on is not None,
        worked=case.worked_on is not None,
    )
    if after != case.status:
        move_status(case, after, at=at, actor_id=actor_id, why=why)
        return
    queue = queue_of(case=case, strategy=policy)
    if queue != case.queue:
        case.queue = queue
        case.save(update_fields=["queue"])
