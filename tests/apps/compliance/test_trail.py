"""The trail only grows; every record's chain is verified; a bundle verifies itself."""

import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, close_old_connections, connection, connections, transaction

from recoup.apps.compliance import append_only
from recoup.apps.compliance.bundling import made_bundle
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.compliance.permissions import NotFound
from recoup.apps.compliance.queries import TrailFilter, chain_of, trail
from recoup.apps.people.permissions import Actor
from recoup.events.bus import publish
from recoup.events.changes import Change
from recoup.records.growing import AppendOnly

Act = Callable[..., Actor]
WHERE = {"room": "portfolio", "record": "debtor", "record_id": "D1"}


def change(at: datetime, **more: object) -> None:
    publish(Change(**{"at": at, "actor_id": None, "verb": "test", **WHERE, **more}))  # type: ignore[arg-type]


@pytest.fixture
def without_triggers(transactional_db: None) -> Iterator[None]:
    """The tables as somebody with the database's own password could make them."""
    append_only.remove(connection)
    yield
    append_only.install(connection)


@pytest.mark.parametrize("statement", ["UPDATE {} SET why = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", append_only.GROWING)
def test_sql_neither_changes_nor_deletes_what_only_grows(
    act_as: Act, at: datetime, table: str, statement: str
) -> None:
    change(at)
    officer = act_as("compliance_officer", scope=("bank", "")).staff_id
    column = {"compliance_reveal": "reason", "compliance_export": "stamp"}.get(table, "why")
    with connection.cursor() as cursor:
        if table == "compliance_reveal":
            cursor.execute(
                "INSERT INTO compliance_reveal (at, actor_id, debtor_id, field, reason) "
                "VALUES (%s, %s, 'D1', 'phone', 'call')",
                [at, officer],
            )
        if table == "compliance_export":
            cursor.execute(
                "INSERT INTO compliance_export (at, actor_id, kind, parameters, rows, stamp, "
                "sha256) VALUES (%s, %s, 'x', '{}', 1, 's', '')",
                [at, officer],
            )

    tamper = statement.format(table).replace("why", column)
    refused = pytest.raises(DatabaseError, match="never changed or deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(tamper)


def test_python_neither_changes_nor_deletes_an_entry(at: datetime) -> None:
    change(at)
    entry = AuditEntry.objects.filter(chain="portfolio.debtor:D1").get()

    entry.why = "another"
    for act in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(why="another"),
        lambda: AuditEntry.objects.bulk_update([entry], ["why"]),
    ):
        with pytest.raises(AppendOnly):
            act()


def test_an_untouched_chain_is_told_intact_whatever_its_values(act_as: Act, at: datetime) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))
    east = datetime.fromisoformat("2026-11-20T10:00:00.123456+08:00")
    change(at, after={"amount_minor": 10**17, "name": "欠款\n", "ratio": 1.10, "big": 1e16})
    change(east, before={"list": ["b", "a"], "none": None}, after={"deep": {"z": 1, "a": True}})

    state = chain_of(officer, **WHERE)

    assert [entry.place for entry in state.entries] == [1, 2]
    assert state.broken_place is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        ("UPDATE compliance_auditentry SET why = 'x' WHERE place = 2 AND record_id = 'D1'", 2),
        ("DELETE FROM compliance_auditentry WHERE place = 2 AND record_id = 'D1'", 2),
        ("DELETE FROM compliance_auditentry WHERE place = 1 AND record_id = 'D1'", 1),
    ],
)
def test_a_change_behind_the_triggers_shows_as_a_broken_chain(
    without_triggers: None, act_as: Act, at: datetime, tamper: str, broken: int
) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))
    for amount in (1, 2, 3):
        change(at, after={"amount": amount})

    with connection.cursor() as cursor:
        cursor.execute(tamper)

    assert chain_of(officer, **WHERE).broken_place == broken


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_whole_chain(act_as: Act, at: datetime) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))
    failures: list[Exception] = []

    def write(writer: int) -> None:
        try:
            for turn in range(5):
                with transaction.atomic():
                    change(at, after={"writer": writer, "turn": turn})
        except Exception as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    close_old_connections()

    state = chain_of(officer, **WHERE)
    assert failures == []
    assert [entry.place for entry in state.entries] == list(range(1, 31))
    assert state.broken_place is None


def test_an_act_that_is_undone_leaves_no_entry(at: datetime) -> None:
    def act() -> None:
        with transaction.atomic():
            change(at)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert not AuditEntry.objects.filter(chain="portfolio.debtor:D1").exists()


def test_the_trail_is_filtered_by_who_what_and_when(act_as: Act, at: datetime) -> None:
    officer = act_as("compliance_officer", scope=("bank", ""))
    collector = act_as("collector", name="王敏")
    change(at, actor_id=collector.staff_id, verb="call", debtor_id="D1")
    change(at, verb="publish", record_id="D2", debtor_id="D2")
    change(datetime.fromisoformat("2026-11-21T00:00:00+08:00"), record_id="D3", debtor_id="D3")

    def found(**wanted: object) -> set[str]:
        return {
            entry.record_id for entry in trail(officer, TrailFilter(room="portfolio", **wanted))
        }  # type: ignore[arg-type]

    day = datetime.fromisoformat("2026-11-20").date()
    assert found() == {"D1", "D2", "D3"}
    assert found(staff="王敏") == {"D1"}
    assert found(verb="publish") == {"D2"}
    assert found(debtor="D3") == {"D3"}
    assert found(record="debtor", record_id="D2") == {"D2"}
    assert found(last_on=day) == {"D1", "D2"}
    assert found(from_on=day.replace(day=21)) == {"D3"}


def test_who_does_not_see_the_whole_bank_reads_no_debtors_entry(act_as: Act, at: datetime) -> None:
    local_officer = act_as("compliance_officer", scope=("team", "T1"))
    change(at, debtor_id="D1")

    assert not trail(local_officer, TrailFilter(room="portfolio")).exists()
    with pytest.raises(NotFound):
        chain_of(local_officer, **WHERE)


def unpacked(archive: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    return folder


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_bundle_is_verified_by_its_own_script_alone(at: datetime, tmp_path: Path) -> None:
    for amount in (1, 2):
        change(at, after={"amount": amount, "name": "李小明"}, why="第一行\n第二行\u2028")
    made = made_bundle(AuditEntry.objects.order_by("pk"))

    folder = unpacked(made.packed("何审 · N0001 · #1", {"debtor": "D1"}), tmp_path)
    answer = verified(folder)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "何审 · N0001 · #1" in answer.stdout
    assert "not signed" in answer.stdout
    assert json.loads((folder / "manifest.json").read_text())["unsealed"] == made.rows


@pytest.mark.parametrize("part", ["entry", "hash_own", "hash_before"])
def test_a_bundle_that_was_changed_afterwards_is_found_out(
    at: datetime, tmp_path: Path, part: str
) -> None:
    for amount in (1, 2):
        change(at, after={"amount": amount})
    made = made_bundle(AuditEntry.objects.filter(record_id="D1").order_by("pk"))
    lines = made.lines.decode().splitlines()
    second = json.loads(lines[1])
    second["content"][part] = {"amount": 9} if part == "entry" else "0" * 64
    changed = "\n".join([lines[0], json.dumps(second)]) + "\n"

    # Whoever changes the file changes the manifest too: the chain still tells.
    folder = unpacked(replace(made, lines=changed.encode()).packed("w", {}), tmp_path / "anew")
    (unpacked(made.packed("w", {}), tmp_path / "file") / "records/trail.jsonl").write_text(changed)

    assert "records/trail.jsonl: altered" in verified(tmp_path / "file").stdout
    assert verified(folder).returncode == 1
