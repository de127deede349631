"""Everything that pages show of one debtor, as one record, in a fixed number of queries.

The parts ``portfolio/_loans.html``, ``_contact_points.html``, ``_holds.html``,
``_collateral.html``, ``_guarantors.html``, ``_affordability.html``, ``_circumstances.html`` and
``_proofs.html`` take it as ``person``; another room's page includes them with what ``debtor_page``
yields. They need no other context; each posts to this room and is swapped by its answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Sum

from recoup.apps.people.permissions import Actor
from recoup.apps.people.queries import staff_cards
from recoup.apps.portfolio.circumstances import SIDES
from recoup.apps.portfolio.models import Instalment
from recoup.apps.portfolio.queries.cards import (
    CircumstanceCard,
    CollateralCard,
    ContactPointCard,
    ContractCard,
    DebtorCard,
    GuarantorCard,
    HoldCard,
    IncomeCard,
    ProofCard,
)
from recoup.apps.portfolio.queries.debtors import (
    contact_points_of,
    debtor,
    debtor_cards,
    holds_of,
)
from recoup.apps.portfolio.queries.effects import HoldEffect, effects_of_holds
from recoup.apps.portfolio.queries.loans import (
    collateral_of,
    contracts_of,
    guarantors_of,
    schedule_of,
)
from recoup.apps.portfolio.queries.profile import circumstances_of, income_of, proofs_of
from recoup.kernel.affordability import Affordability, MonthlyLine, affordability
from recoup.kernel.contact_case import RuleHead
from recoup.kernel.explain import Words
from recoup.policy.gate import sources_refused
from recoup.web.house import contact_law

#: The instalments of this many days count as those of a month.
MONTH = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Which acts upon the debtor the reader's duties open."""

    record: bool
    add_points: bool
    reveal: bool
    lift_holds: bool


@dataclass(frozen=True, kw_only=True)
class DebtorPage:
    """One debtor with all that is known, for a reader and a day.

    ``staff`` names the members of staff that the entries mention, by key; ``effects`` what each
    kind of hold stops; ``sources_refused``: where a number must not come from to be used, each
    with the rule.
    """

    debtor: DebtorCard
    contracts: tuple[ContractCard, ...]
    points: tuple[ContactPointCard, ...]
    holds: tuple[HoldCard, ...]
    guarantors: tuple[GuarantorCard, ...]
    collateral: tuple[CollateralCard, ...]
    statements: tuple[IncomeCard, ...]
    affordability: Affordability | None
    circumstances: tuple[CircumstanceCard, ...]
    proofs: tuple[ProofCard, ...]
    staff: Mapping[int, str]
    effects: Mapping[str, HoldEffect]
    rights: Rights
    on: date
    sources_refused: Mapping[str, RuleHead]

    @property
    def statement(self) -> IncomeCard | None:
        """The latest income and expense statement."""
        return self.statements[0] if self.statements else None

    @property
    def cause(self) -> CircumstanceCard | None:
        """The circumstance that the arrears come from, as recorded last."""
        return next((one for one in self.circumstances if one.is_cause), None)

    @property
    def holds_in_force(self) -> tuple[HoldCard, ...]:
        """The holds that bind on the day."""
        return tuple(one for one in self.holds if one.in_force(self.on))

    @property
    def ltv_percent(self) -> int | None:
        """The exposure over the appraised value of the collateral, in whole percent, rounded up.

        None where there is no collateral with a value, or where its currencies differ.
        """
        values = [one.value_minor for one in self.collateral if one.value_minor]
        secured = {one.contract_id for one in self.collateral}
        own = [one for one in self.contracts if one.contract_id in secured]
        exposures = [one.exposure_minor for one in own if one.exposure_minor is not None]
        if not values or len(exposures) != len(own) or len({one.currency for one in own}) != 1:
            return None
        return -(-sum(exposures) * 100 // sum(values))


def debtor_page(actor: Actor, debtor_id: str, on: date) -> DebtorPage:
    """Yield all that is known of a debtor whom the actor may see. Errors: NotFound, NotAllowed."""
    card = debtor(actor, debtor_id)
    contracts = contracts_of([debtor_id]).get(debtor_id, ())
    points, holds = contact_points_of(debtor_id), holds_of(debtor_id)
    statements, proofs = income_of(debtor_id), proofs_of(debtor_id)
    circumstances = circumstances_of(debtor_id)
    mentioned = {
        *(one.made_by_id for one in statements),
        *(one.made_by_id for one in circumstances),
        *(one.made_by_id for one in proofs),
        *(one.checked_by_id for one in points),
        *(one.added_by_id for one in points),
        *(one.set_by_id for one in holds),
        *(one.lifted_by_id for one in holds),
        card.collector_id,
    }
    named = staff_cards(key for key in mentioned if key is not None)
    return DebtorPage(
        debtor=card,
        contracts=contracts,
        points=points,
        holds=holds,
        guarantors=guarantors_of(debtor_id),
        collateral=collateral_of(debtor_id),
        statements=statements,
        affordability=_affordability(card, contracts, statements, on),
        circumstances=circumstances,
        proofs=proofs,
        staff={key: one.name for key, one in named.items()},
        effects=effects_of_holds(on),
        rights=Rights(
            record=actor.may("work", "cases"),
            add_points=actor.may("work", "contacts"),
            reveal=actor.may("reveal", "portfolio"),
            lift_holds=actor.may("work", "portfolio"),
        ),
        on=on,
        sources_refused=sources_refused(
            rules=contact_law(), on=on, institution=settings.INSTITUTION
        ),
    )


def affordability_of(debtor_id: str, on: date) -> Affordability | None:
    """Yield what a debtor can pay each month by the latest statement; None without one."""
    statements = income_of(debtor_id)[:1]
    contracts = contracts_of([debtor_id]).get(debtor_id, ())
    return _affordability(debtor_cards([debtor_id]).get(debtor_id), contracts, statements, on)


def _affordability(
    card: DebtorCard | None,
    contracts: tuple[ContractCard, ...],
    statements: tuple[IncomeCard, ...],
    on: date,
) -> Affordability | None:
    if not statements:
        return None
    latest = statements[0]
    own = [one for one in contracts if one.currency == latest.currency and one.gone_on is None]
    return affordability(
        currency=latest.currency,
        lines=[
            MonthlyLine(
                side=line.side,
                words=_line_words(line.side, line.code, line.note),
                amount_minor=line.amount_minor,
            )
            for line in latest.lines
        ],
        instalments=_month_of(own, on, detailed=card is None or card.is_detailed),
    )


def _line_words(side: str, code: str, note: str) -> Words:
    word = SIDES[side][code]
    more_zh, more_en = (f"（{note}）", f" ({note})") if note else ("", "")
    return Words(zh=word.zh + more_zh, en=word.en + more_en)


def _month_of(contracts: list[ContractCard], on: date, *, detailed: bool) -> dict[str, int]:
    """Yield what each contract's schedule asks in the month after a day; those that ask nothing
    are left out."""
    ids = [one.contract_id for one in contracts]
    if detailed:
        rows = Instalment.objects.filter(
            contract_id__in=ids, due_on__gt=on, due_on__lte=on + MONTH
        ).values("contract_id")
        asked = rows.annotate(
            asked=Sum("principal_minor") + Sum("interest_minor") + Sum("fee_minor")
        )
        found = {row["contract_id"]: int(row["asked"]) for row in asked}
    else:
        found = {
            contract_id: sum(
                one.due_minor for one in schedule_of(contract_id) if on < one.due_on <= on + MONTH
            )
            for contract_id in ids
        }
    return {contract_id: found[contract_id] for contract_id in ids if found.get(contract_id)}
