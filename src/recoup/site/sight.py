"""Tells the compliance room which debtors an actor sees; that room knows neither side."""

from collections.abc import Collection
from typing import cast

from recoup.apps.compliance.permissions import Acting
from recoup.apps.people.permissions import Actor, in_scope
from recoup.apps.portfolio.models import Debtor


def seen_debtors(actor: Acting, debtor_ids: Collection[str]) -> frozenset[str]:
    """Yield those of the debtors that lie within the actor's scopes."""
    found = Debtor.objects.filter(in_scope(cast(Actor, actor)), pk__in=set(debtor_ids))
    return frozenset(found.values_list("pk", flat=True))
