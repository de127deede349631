"""Holds what is to be said to a person against the rules on words, and against the ledger."""

from collections.abc import Iterable, Sequence

from recoup.apps.portfolio.queries import ContractCard, contracts_of
from recoup.kernel.texts.check import TextFinding
from recoup.policy.texts import TextForbidden
from recoup.web.house import texts


def check_words(
    *, debtor_id: str, text: str, language: str, purpose: str, more_figures: Sequence[int] = ()
) -> None:
    """Pass if a text may be said to a person.

    Shape: ``language`` as the desk names it (zh-hans, en); ``purpose`` what the gate is asked for;
    ``more_figures``: amounts on record elsewhere that may be named too, as of a promise.
    Errors: TextForbidden, with every phrase that stops it and a better one; an amount that is none
    of the person's own figures stops it too.
    """
    found = held_words(
        debtor_id=debtor_id,
        text=text,
        language=language,
        purpose=purpose,
        more_figures=more_figures,
    )
    if found:
        raise TextForbidden(findings=found)


def held_words(
    *, debtor_id: str, text: str, language: str, purpose: str, more_figures: Sequence[int] = ()
) -> tuple[TextFinding, ...]:
    """Yield everything that stops a text to a person; the shape is that of ``check_words``."""
    return texts().check(
        text=text,
        language="zh" if language.startswith("zh") else "en",
        contact=purpose,
        figures=(*figures_of(contracts_of((debtor_id,)).get(debtor_id, ())), *more_figures),
    )


def figures_of(contracts: Iterable[ContractCard]) -> tuple[int, ...]:
    """Yield every amount that may be named to the person: of each loan, and of all together."""
    loans = [one for one in contracts if one.gone_on is None]
    named = {
        figure
        for loan in loans
        for figure in (
            loan.overdue_principal_minor,
            loan.overdue_interest_minor,
            loan.overdue_fee_minor,
            loan.overdue_minor,
            loan.exposure_minor,
        )
        if figure
    }
    for currency in {loan.currency for loan in loans}:
        own = [loan for loan in loans if loan.currency == currency]
        named.add(sum(loan.overdue_minor or 0 for loan in own))
        named.add(sum(loan.exposure_minor or 0 for loan in own))
    return tuple(sorted(named))
