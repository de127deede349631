"""Asks the gate, keeps every answer with its facts, and lets a permit be used once.

Deciding and using are one transaction under a lock of the person's own: of a hundred who ask at
once for the last contact that is left, exactly one gets it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from recoup.apps.contacts.facts import DEBTOR, known_of
from recoup.apps.contacts.judging import COLLECT, Judged, judge_contact
from recoup.apps.contacts.models import GateDecision, PermitState
from recoup.apps.ledger.events import ReceiptPosted
from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.actions import lock_persons
from recoup.apps.portfolio.events import HoldSet
from recoup.apps.portfolio.queries import HeldPerson, debtor, hold_person
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.contact_facts import ContactFacts
from recoup.kernel.contact_rules import Permit, Reminder
from recoup.kernel.refusal import Refused
from recoup.records.often import Often, add_row
from recoup.web.house import contact_law

#: How long a permit is good for that is not used in the act itself.
PERMIT_LIFE = timedelta(minutes=10)

Why = PermitState.Why
#: What let a permit die, in Chinese and English.
DIED: dict[str, tuple[str, str]] = {
    Why.PAYMENT: ("有还款入账", "a payment arrived"),
    Why.HOLD: ("有新的冻结或投诉", "a hold or a complaint arrived"),
    Why.STOP: ("对方要求停止联系", "the person asked to stop"),
    Why.RENEWED: ("发送时已重新判定", "it was asked for again at the moment of sending"),
    Why.GIVEN_BACK: ("已退回", "it was given back"),
}


_UNUSED = Often(
    lambda debtor_id: PermitState.objects.filter(debtor_id=debtor_id, used_at=None, void_at=None)
)


class PermitIsDead(Refused):
    """The permit was used, has expired, or something arrived that took it back."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Which text is to be said: ``text_version`` as ``id@version``, the hash of its exact words."""

    text_version: str = ""
    text_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Intended:
    """A contact that somebody means to make. ``number`` empty: the first that is in use.

    ``contract_id`` empty: about all contracts in arrears.
    """

    debtor_id: str
    channel: str
    party: str = DEBTOR
    number: str = field(default="", repr=False)
    purpose: str = COLLECT
    contract_id: str = ""
    reveals_debt: bool = True
    wording: Wording = Wording()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The gate's answer as it was kept, and the kernel's permit where it gave one."""

    decision: GateDecision
    permit: Permit | None = field(repr=False)


def ask_gate(*, actor: Actor, intended: Intended, at: datetime) -> GateDecision:
    """Ask whether a contact may be made, for a permit that is used within some minutes.

    Shape: the decision as it was kept, with every rule against it, or with a permit that counts as
    an attempt until it is used, dies or expires.
    Errors: NotAllowed; NotFound.
    """
    require(actor, "work", "contacts")
    with transaction.atomic():
        person = hold_person(actor, intended.debtor_id)
        if actor.staff_id is not None:
            _renew(actor.staff_id, intended, at=at)
        answer = decided(
            actor=actor, intended=intended, at=at, life=PERMIT_LIFE, held=person
        ).decision
        publish(
            Change(
                at=at,
                actor_id=actor.staff_id,
                verb="ask_gate",
                room="contacts",
                record="decision",
                record_id=str(answer.pk),
                debtor_id=answer.debtor_id,
                begins=True,
                after={
                    "channel": answer.channel,
                    "party": answer.party,
                    "purpose": answer.purpose,
                    "permitted": answer.permitted,
                    "rules": [one["rule"] for one in answer.reasons],
                },
            )
        )
    return answer


def _renew(staff_id: int, intended: Intended, *, at: datetime) -> None:
    """Whoever asks again for the same has not used the first permit: it makes way for the new."""
    if not _UNUSED(intended.debtor_id):
        return
    PermitState.objects.filter(
        debtor_id=intended.debtor_id,
        used_at=None,
        void_at=None,
        decision__asked_by_id=staff_id,
        decision__channel=intended.channel,
        decision__text_hash=intended.wording.text_hash,
    ).update(void_at=at, void_why=Why.RENEWED)


def lock_person(debtor_id: str) -> None:
    """Hold the person for the rest of the transaction: others who ask of the person wait."""
    lock_persons((debtor_id,))


def decided(
    *,
    actor: Actor,
    intended: Intended,
    at: datetime,
    life: timedelta,
    held: HeldPerson | None = None,
) -> Answered:
    """Judge a contact and keep the answer; the caller holds the person (``held``, if it has it).

    Errors: NotFound, when there is no such person.
    """
    known = known_of(debtor_id=intended.debtor_id, at=at, held=held)
    if known is None:
        raise NotFound(what=intended.debtor_id)
    facts = known.for_channel(
        channel=intended.channel,
        party=intended.party,
        number=intended.number,
        purpose=intended.purpose,
        reveals_debt=intended.reveals_debt,
        contract_id=intended.contract_id,
    )
    judged = judge_contact(facts=facts)
    row = _kept(actor, intended, facts, judged, tree=known.tree_of(facts), at=at)
    if judged.permitted:
        add_row(PermitState(decision=row, debtor_id=intended.debtor_id, expires_at=at + life))
    return Answered(decision=row, permit=judged.permit)


def _kept(
    actor: Actor,
    intended: Intended,
    facts: ContactFacts,
    judged: Judged,
    *,
    tree: dict[str, object],
    at: datetime,
) -> GateDecision:
    said = judged.permit or judged.refusal
    row = GateDecision(
        debtor_id=intended.debtor_id,
        at=at,
        asked_by_id=actor.staff_id,
        channel=intended.channel,
        party=intended.party,
        number=facts.number.value or "",
        purpose=intended.purpose,
        contract_id=intended.contract_id,
        text_version=intended.wording.text_version,
        text_hash=intended.wording.text_hash,
        permitted=judged.permitted,
        reasons=[
            {
                "rule": one.rule,
                "origin": one.origin,
                "source": one.source,
                "zh": one.sentence.zh,
                "en": one.sentence.en,
                "next_allowed_at": one.next_allowed_at.isoformat() if one.next_allowed_at else None,
                "missing": list(one.missing),
                "confidence": one.confidence,
            }
            for one in judged.reasons
        ],
        next_allowed_at=judged.next_allowed_at,
        duties=[_told(one) for one in judged.permit.duties] if judged.permit else [],
        warnings=[_told(one) for one in said.warnings] if said else [],
        basis=list(contact_law().basis),
        looked_at=list(said.looked_at) if said else [],
        facts=tree,
    )
    return add_row(row)


def _told(reminder: Reminder) -> dict[str, str]:
    return {
        "rule": reminder.rule,
        "source": reminder.source,
        "zh": reminder.sentence.zh,
        "en": reminder.sentence.en,
    }


def use_permit(*, decision_id: int, debtor_id: str, at: datetime) -> GateDecision:
    """Use a permit, once; the caller holds the person and keeps the contact that it is used for.

    Errors: PermitIsDead; NotFound, when the person has no such permit.
    """
    state = check_live(decision_id=decision_id, debtor_id=debtor_id, at=at)
    state.used_at = at
    state.save(update_fields=["used_at"])
    return state.decision


def check_live(*, decision_id: int, debtor_id: str, at: datetime) -> PermitState:
    """Yield a permit that is still good, locked; the caller holds the person.

    Errors: PermitIsDead; NotFound, when the person has no such permit.
    """
    state = (
        PermitState.objects.select_for_update()
        .select_related("decision")
        .filter(pk=decision_id, debtor_id=debtor_id)
        .first()
    )
    if state is None:
        raise NotFound(what=str(decision_id))
    if state.used_at is not None:
        raise PermitIsDead(
            zh="该许可已用过；每个许可只能用一次，请重新申请。",
            en="This permit has been used; a permit is good for one contact: ask again.",
        )
    if state.void_at is not None:
        raise PermitIsDead(
            zh=f"该许可已失效：{DIED[state.void_why][0]}。请重新申请。",
            en=f"This permit is dead: {DIED[state.void_why][1]}. Ask again.",
        )
    if at > state.expires_at:
        raise PermitIsDead(
            zh="该许可已过期，请重新申请。", en="This permit has expired; ask again."
        )
    return state


def void_permits(*, debtor_id: str, why: str, at: datetime) -> int:
    """Let every unused permit of a person die, as something arrived; yield how many died.

    Shape: ``why`` is a code of ``PermitState.Why``.
    """
    live = PermitState.objects.filter(debtor_id=debtor_id, used_at=None, void_at=None)
    return live.update(void_at=at, void_why=why)


def give_back(*, actor: Actor, decision_id: int, at: datetime) -> bool:
    """Give a permit back that is not needed, so that it counts for nothing; False if it was dead.

    Errors: NotAllowed; NotFound.
    """
    require(actor, "work", "contacts")
    state = PermitState.objects.filter(pk=decision_id).first()
    if state is None:
        raise NotFound(what=str(decision_id))
    debtor(actor, state.debtor_id)
    live = PermitState.objects.filter(pk=decision_id, used_at=None, void_at=None)
    return live.update(void_at=at, void_why=Why.GIVEN_BACK) == 1


def hear_payment(event: ReceiptPosted) -> None:
    """Hear of a receipt: what was permitted before it came may be out of place now."""
    void_permits(debtor_id=event.debtor_id, why=Why.PAYMENT, at=event.at)


def hear_hold(event: HoldSet) -> None:
    """Hear of a hold: what was permitted before it was set is permitted no longer."""
    void_permits(debtor_id=event.debtor_id, why=Why.HOLD, at=event.at)
