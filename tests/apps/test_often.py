"""A query whose SQL is kept answers as the ORM would, and refuses to be kept where it would not."""

from datetime import timedelta

import pytest

from recoup.apps.contacts.models import Contact
from recoup.apps.portfolio.models import Debtor
from recoup.records.often import Often

pytestmark = [pytest.mark.rooms, pytest.mark.django_db]


def test_it_answers_for_each_value_and_writes_its_sql_once(make_debtor):
    written = []

    def query(key):
        written.append(key)
        return Debtor.objects.filter(pk=key)

    often = Often(query)
    make_debtor("D-1", name="一")
    make_debtor("D-2", name="二")

    assert [row.name for row in often("D-1")] == ["一"]
    assert [row.name for row in often("D-2")] == ["二"]
    assert often("D-3") == []
    assert written == ["D-1"]


def test_instants_are_bound_as_the_database_keeps_them(make_debtor, at):
    debtor = make_debtor("D-1")
    for minutes in (0, 5, 10):
        Contact.objects.create(
            debtor_id=debtor.pk,
            at=at + timedelta(minutes=minutes),
            channel="call",
            direction="out",
            recorded_at=at,
        )
    often = Often(lambda since, key: Contact.objects.filter(at__gte=since, debtor_id=key))

    for minutes, count in ((0, 3), (5, 2), (11, 0)):
        found = often(at + timedelta(minutes=minutes), "D-1")
        assert len(found) == count
        assert all(one.at >= at + timedelta(minutes=minutes) for one in found)


def test_a_query_with_a_value_of_its_own_is_refused(make_debtor):
    often = Often(lambda key: Debtor.objects.filter(pk=key, kind="retail"))

    with pytest.raises(ValueError, match="binds"):
        often("D-1")
