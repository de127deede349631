"""One person in arrears whom the gate is asked about."""

import pytest

from recoup.apps.portfolio.models import ContactPoint


@pytest.fixture
def person(make_contract, make_debtor):
    """D1: 47 days past due on C1, reached over the number of the contract."""
    debtor = make_debtor("D1", phone="13800000001")
    make_contract("C1", debtor=debtor, dpd=47)
    ContactPoint.objects.create(
        debtor=debtor, kind="phone", value="13800000001", source="contract", from_night=True
    )
    return debtor
