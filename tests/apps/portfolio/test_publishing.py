"""A night in the records: whole, differences only, once, and every row traceable."""

from pathlib import Path

from recoup.apps.portfolio.models import Contract, Debtor, Instalment
from recoup.apps.portfolio.queries import PublicationCard


def test_a_first_night_brings_every_debtor_and_contract(
    published_bank: PublicationCard, night_result: Path
) -> None:
    assert Debtor.objects.count() == published_bank.counts["debtor"]["new"] == 227
    assert Contract.objects.count() == 300
    assert Instalment.objects.exists()
