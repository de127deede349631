"""A published night for the ledger's law and policy, without the weight of its rows."""

from datetime import date, datetime
from pathlib import Path

import pytest

from recoup.apps.portfolio.models import Publication


@pytest.fixture
def night(db: None, night_result: Path, at: datetime) -> Publication:
    """A night is published: the ledger counts under its law and policy."""
    return Publication.objects.create(
        as_of=date(2026, 11, 20),
        published_at=at,
        result_folder=str(night_result),
        result_hash="of the test",
        is_current=True,
    )
