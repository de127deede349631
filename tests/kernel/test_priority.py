"""Which security right in one thing is paid first."""

from datetime import date

from recoup.kernel.priority import SecurityRight, rank_rights


def test_lien_then_purchase_money_then_by_day_then_the_unregistered_together():
    rights = [
        SecurityRight(id="unregistered 2", registered_on=None),
        SecurityRight(id="late", registered_on=date(2024, 1, 5)),
        SecurityRight(id="lien", registered_on=None, lien=True),
        SecurityRight(id="early", registered_on=date(2024, 1, 2)),
        SecurityRight(id="unregistered 1", registered_on=None),
        SecurityRight(
            id="purchase money",
            registered_on=date(2024, 1, 20),
            purchase_money=True,
            delivered_on=date(2024, 1, 10),
        ),
    ]

    order = rank_rights(rights=rights, purchase_money_days=10)

    assert order == (
        ("lien",),
        ("purchase money",),
        ("early",),
        ("late",),
        ("unregistered 1", "unregistered 2"),
    )


def test_purchase_money_registered_on_the_eleventh_day_ranks_by_its_day():
    rights = [
        SecurityRight(id="early", registered_on=date(2024, 1, 2)),
        SecurityRight(
            id="too late",
            registered_on=date(2024, 1, 21),
            purchase_money=True,
            delivered_on=date(2024, 1, 10),
        ),
    ]

    assert rank_rights(rights=rights, purchase_money_days=10) == (("early",), ("too late",))


def test_rights_registered_on_one_day_share():
    rights = [
        SecurityRight(id="B", registered_on=date(2024, 1, 2)),
        SecurityRight(id="A", registered_on=date(2024, 1, 2)),
    ]

    assert rank_rights(rights=rights, purchase_money_days=10) == (("A", "B"),)
