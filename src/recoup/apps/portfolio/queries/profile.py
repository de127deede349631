"""Reading of what staff know of a debtor: statements, circumstances, proofs."""

from recoup.apps.people.permissions import Actor, NotFound, require
from recoup.apps.portfolio.models import Circumstance, IncomeStatement, Proof
from recoup.apps.portfolio.queries.cards import (
    CircumstanceCard,
    IncomeCard,
    IncomeLine,
    ProofCard,
    card_of,
)
from recoup.apps.portfolio.queries.debtors import debtor_in_scope


def income_card(row: IncomeStatement) -> IncomeCard:
    """Yield the card of a statement."""
    lines = tuple(IncomeLine(**line) for line in row.lines)
    return card_of(IncomeCard, row, statement_id=row.pk, lines=lines)


def income_of(debtor_id: str) -> tuple[IncomeCard, ...]:
    """Yield a debtor's income and expense statements, the latest first. One query."""
    rows = IncomeStatement.objects.filter(debtor_id=debtor_id).order_by("-version")
    return tuple(income_card(row) for row in rows)


def circumstance_card(row: Circumstance) -> CircumstanceCard:
    """Yield the card of a circumstance."""
    return card_of(CircumstanceCard, row, circumstance_id=row.pk)


def circumstances_of(debtor_id: str) -> tuple[CircumstanceCard, ...]:
    """Yield a debtor's circumstances, the cause of the arrears first. One query."""
    rows = Circumstance.objects.filter(debtor_id=debtor_id).order_by("-is_cause", "-made_at", "-pk")
    return tuple(circumstance_card(row) for row in rows)


def proof_card(row: Proof) -> ProofCard:
    """Yield the card of a proof."""
    return card_of(ProofCard, row, proof_id=row.pk)


def proofs_of(debtor_id: str) -> tuple[ProofCard, ...]:
    """Yield a debtor's proofs, the latest first. One query."""
    rows = Proof.objects.filter(debtor_id=debtor_id).order_by("-made_at", "-pk")
    return tuple(proof_card(row) for row in rows)


def proof(actor: Actor, proof_id: int) -> ProofCard:
    """Yield a proof of a debtor whom the actor may see. Errors: NotFound, NotAllowed."""
    row = Proof.objects.filter(pk=proof_id).first()
    if row is None:
        raise NotFound(what=f"proof {proof_id}")
    debtor_in_scope(actor, row.debtor_id)
    require(actor, "view", "portfolio")
    return proof_card(row)
