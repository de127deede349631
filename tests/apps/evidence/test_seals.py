"""Daily seals: what lies under them, how they follow each other, what verifying them finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.apps.evidence.conftest import AS_OF, DAY, Person

from recoup.apps.cases.models import Entry
from recoup.apps.compliance.append_only import install, remove
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.contacts.models import GateDecision, Message
from recoup.apps.evidence.actions import (
    AlreadySealed,
    DayNotOver,
    register_key,
    seal_due,
    seal_until,
)
from recoup.apps.evidence.models import Leaf, Seal
from recoup.apps.evidence.verifying import verified
from recoup.documents.bundle import signing
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.kernel.chain import GENESIS
from recoup.kernel.merkle import root_of
from recoup.records.growing import AppendOnly


def changed(at: datetime, record_id: str = "D1") -> None:
    publish(
        Change(
            at=at,
            actor_id=None,
            verb="call",
            room="portfolio",
            record="debtor",
            record_id=record_id,
        )
    )


def faults(day: Any) -> list[str]:
    seal = Seal.objects.select_related("key").get(day=day)
    return [one.en for one in verified(seal).faults]


def test_everything_recorded_in_a_day_lies_under_its_seal(
    person: Person, key: signing.SigningKey, at: datetime
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)

    seal = Seal.objects.get()
    assert seal.counts == {
        "contacts": 1,
        "gate": 3,
        "ledger": 1,
        "messages": 1,
        "receipts": 1,
        "replies": 1,
        "timeline": Entry.objects.count(),
        "trail": AuditEntry.objects.filter(at__lt=at + DAY).count(),
    }
    assert seal.entries == sum(seal.counts.values()) == Leaf.objects.count()
    assert seal.before == GENESIS
    assert seal.root == root_of([bytes.fromhex(one.hash) for one in Leaf.objects.all()]).hex()
    assert faults(AS_OF) == []


def test_seals_follow_each_other_also_over_days_without_entries(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    changed(at)
    seal_until(last_on=AS_OF, at=at + DAY)
    days = seal_until(last_on=AS_OF + 3 * DAY, at=at + 4 * DAY)

    first, *later = Seal.objects.order_by("day")
    assert [one.day for one in later] == list(days) == [AS_OF + n * DAY for n in (1, 2, 3)]
    assert [one.before for one in later] == [one.own for one in (first, *later[:-1])]
    # The seal of the first day stands in the trail of the day on which it was made.
    assert [one.entries for one in later] == [2, 0, 0]
    assert later[1].root == root_of([]).hex()
    assert all(faults(one.day) == [] for one in (first, *later))


def test_what_is_recorded_late_lies_under_the_next_seal(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    changed(at - timedelta(hours=1), record_id="late")
    seal_until(last_on=AS_OF + DAY, at=at + 2 * DAY)

    late = AuditEntry.objects.get(record_id="late")
    assert Leaf.objects.get(source="trail", record=late.pk).seal.day == AS_OF + DAY


def test_what_began_after_midnight_waits_for_its_own_day(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # in Shanghai
    changed(midnight, record_id="after")
    changed(midnight - timedelta(microseconds=1), record_id="before")
    seal_until(last_on=AS_OF, at=midnight + timedelta(minutes=20))

    sealed = set(Leaf.objects.values_list("record", flat=True))
    found = dict(AuditEntry.objects.values_list("record_id", "pk"))
    assert found["before"] in sealed
    assert found["after"] not in sealed
    seal_until(last_on=AS_OF + DAY, at=midnight + DAY)
    assert Leaf.objects.get(record=found["after"]).seal.day == AS_OF + DAY


def test_a_day_is_sealed_once_and_only_when_it_is_over(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    with pytest.raises(DayNotOver):
        seal_until(last_on=AS_OF, at=at)
    seal_until(last_on=AS_OF, at=at + DAY)
    with pytest.raises(AlreadySealed):
        seal_until(last_on=AS_OF, at=at + DAY)


def test_the_desk_seals_by_itself_once_a_day_is_over(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)

    assert seal_due(at=midnight + timedelta(minutes=11)) == 1
    assert seal_due(at=midnight + timedelta(hours=9)) == 0
    assert seal_due(at=midnight + DAY + timedelta(minutes=9)) == 0
    assert seal_due(at=midnight + 3 * DAY + timedelta(minutes=11)) == 3
    assert Seal.objects.latest("day").day == AS_OF + 3 * DAY


def test_without_a_key_nothing_is_sealed(at: datetime, db: None, settings: Any) -> None:
    settings.SEAL_KEY = "/nowhere/key"

    assert seal_due(at=at + DAY) == 0
    with pytest.raises(signing.NoSealKey):
        seal_until(last_on=AS_OF, at=at + DAY)


def test_a_changed_or_deleted_entry_is_named(
    person: Person, key: signing.SigningKey, at: datetime
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    message = Message.objects.get()
    Message.objects.update(state="failed", tries=3)  # the life of a message is no part of it
    assert faults(AS_OF) == []

    Message.objects.update(body="别的内容")
    assert faults(AS_OF) == [f"messages {message.pk}: changed after it was sealed"]

    Message.objects.update(body=message.body)
    decision = GateDecision.objects.earliest("pk")
    remove(connection, tables=("contacts_gatedecision",))
    try:
        GateDecision.objects.filter(pk=decision.pk).update(permitted=not decision.permitted)
        assert faults(AS_OF) == [f"gate {decision.pk}: changed after it was sealed"]
    finally:
        install(connection, tables=("contacts_gatedecision",))


def test_a_seal_that_was_made_anew_is_found_out(
    key: signing.SigningKey, at: datetime, db: None, tmp_path: Any
) -> None:
    changed(at)
    seal_until(last_on=AS_OF, at=at + DAY)
    seal_until(last_on=AS_OF + DAY, at=at + 2 * DAY)
    other = signing.make_key(algorithm=signing.ED25519, path=tmp_path / "other")
    row = register_key(key=other, at=at)
    seal = Seal.objects.get(day=AS_OF)
    statement = seal.statement.replace(key.fingerprint, other.fingerprint)
    own = other.suite.hashing(statement.encode()).hex()
    remove(connection, tables=("evidence_seal",))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE evidence_seal SET statement = %s, own = %s, signature = %s, key_id = %s "
            "WHERE id = %s",
            [statement, own, other.sign(statement.encode()).hex(), row.pk, seal.pk],
        )
    install(connection, tables=("evidence_seal",))

    assert faults(AS_OF) == []  # it holds by itself, but not to who knows the key
    anew = Seal.objects.select_related("key").get(day=AS_OF)
    found = verified(anew, trusted=(key.fingerprint,)).faults
    assert [one.en for one in found] == ["it is signed by another key"]
    assert faults(AS_OF + DAY) == ["it does not follow the seal before it"]


def test_seals_only_grow(key: signing.SigningKey, at: datetime, db: None) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)

    with pytest.raises(AppendOnly):
        Seal.objects.get().save()
    with pytest.raises(AppendOnly):
        Leaf.objects.all().delete()


def test_days_are_sealed_with_sm2_and_sm3_too(
    at: datetime, db: None, settings: Any, tmp_path: Any
) -> None:
    settings.SEAL_KEY = tmp_path / "sm2"
    signing.make_key(algorithm=signing.SM2_SM3, path=settings.SEAL_KEY)
    changed(at)
    seal_until(last_on=AS_OF, at=at + DAY)

    seal = Seal.objects.select_related("key").get()
    assert seal.key.algorithm == "sm2-sm3"
    assert (
        seal.root
        == root_of(
            [bytes.fromhex(one.hash) for one in Leaf.objects.all()], hashing=signing.sm3
        ).hex()
    )
    assert faults(AS_OF) == []


@pytest.mark.parametrize("count", [3, 30])
def test_sealing_asks_the_same_however_many_entries_there_are(
    key: signing.SigningKey, at: datetime, db: None, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        changed(at, record_id=str(number))

    with django_assert_max_num_queries(45):
        seal_until(last_on=AS_OF, at=at + DAY)
