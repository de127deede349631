"""Web server, workers and the desk itself are killed with SIGKILL at any moment of busy work.

By default one round; ``RECOUP_UNBROKEN_ROUNDS`` asks for more (``make unbroken``), and
``RECOUP_UNBROKEN_SEED`` for other moments. The records are in SQLite, or where
``RECOUP_DATABASE_URL`` says, in a database of their own.
"""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic, sleep
from typing import Any

import httpx
import psycopg
import pytest
from tests.unbroken.acting import KINDS, Actor, Hearing, Kept, signed_in
from tests.unbroken.desk import RunningDesk
from tests.unbroken.records import AS_OF, bank
from tools.with_postgres import free_port

ROUNDS = int(os.environ.get("RECOUP_UNBROKEN_ROUNDS", "1"))
SEED = int(os.environ.get("RECOUP_UNBROKEN_SEED", "1"))
ACTORS = 4
#: Acts of each kind that must have been acknowledged at least.
FEW = 3
#: A night of the small bank takes about so many seconds, its publication included.
NIGHT_SECONDS = 6.0
NIGHT_WITHIN = 240
TOLD = ["promise.recorded", "receipt.posted"]

pytestmark = [
    pytest.mark.rooms,
    pytest.mark.slow,
    pytest.mark.xdist_group("unbroken"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


@dataclass
class Aftermath:
    """What clients were told, what the hooks heard, and what the records hold afterwards."""

    kept: Kept
    heard: Mapping[str, list[bytes]]
    facts: Mapping[str, Any]
    killed: list[str]


@contextmanager
def database() -> Iterator[str]:
    """Yield the address of an empty database; empty text for SQLite."""
    server = os.environ.get("RECOUP_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"unbroken_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _records(words: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Run the script of the records; yield what it prints."""
    command = [sys.executable, "-m", "tests.unbroken.records", *words]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Work, kill and start again; yield what came of it."""
    folder = tmp_path_factory.mktemp("unbroken")
    with database() as address:
        own = {
            "RECOUP_DATABASE_URL": address,
            "RECOUP_DATA": str(bank(folder).desk),
            "RECOUP_BOOK": str(bank(folder).book),
            "RECOUP_NIGHT_MAX_BAD_PPM": "1000000",
            "RECOUP_LOG": "CRITICAL",
        }
        settings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RECOUP_") and name != "DJANGO_SETTINGS_MODULE"
        } | own
        prepared = _records(["prepare", str(folder)], settings)
        desk = RunningDesk(
            settings=settings,
            data=bank(folder).desk,
            port=free_port(),
            clock=bank(folder).opens_at(),
        )
        hearing = Hearing()
        try:
            desk.start()
            kept = _worked(desk, prepared, hearing)
            facts = _records(["facts"], desk.environment())
        finally:
            desk.stop()
            hearing.close()
        yield Aftermath(kept=kept, heard=hearing.heard, facts=facts, killed=desk.killed)


def _worked(desk: RunningDesk, prepared: Mapping[str, Any], hearing: Hearing) -> Kept:
    """Let the actors act and kill under them, round after round."""
    kept, over = Kept(), threading.Event()
    made = httpx.post(
        f"{desk.address}/api/webhooks",
        json={"url": hearing.url, "kinds": TOLD},
        headers={"Authorization": f"Bearer {prepared['admin']}"},
        timeout=30,
    )
    assert made.status_code == 201, made.text
    actors = [
        Actor(number=number, desk=desk, prepared=prepared, kept=kept, over=over)
        for number in range(ACTORS)
    ]
    threads = [threading.Thread(target=actor.run, daemon=True) for actor in actors]
    for thread in threads:
        thread.start()
    chance = random.Random(SEED)
    try:
        for number in range(ROUNDS):
            _round(desk, prepared, chance, as_of=AS_OF + timedelta(days=number + 1))
        _until_all_kinds(kept)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return kept


def _round(
    desk: RunningDesk, prepared: Mapping[str, Any], chance: random.Random, *, as_of: date
) -> None:
    """Kill everything once while a night runs, then the desk; have the night run to its end."""
    if as_of > desk.now().date():
        desk.kill("desk")
        desk.start(later=timedelta(days=1))
    _order(desk, prepared, as_of)
    moments = [(chance.uniform(0.2, NIGHT_SECONDS), "nights")]
    for victim in ("web worker", "web", "jobs", "redecisions"):
        moments.append((chance.uniform(0.2, NIGHT_SECONDS), victim))
    began = monotonic()
    for moment, victim in sorted(moments):
        sleep(max(0.0, began + moment - monotonic()))
        _kill(desk, victim)
    sleep(chance.uniform(0.2, 1.0))
    desk.kill("desk")
    # Ten minutes later nobody has heard of the night's worker; the desk finds that out by itself.
    desk.start(later=timedelta(minutes=10))
    if _ended(desk, prepared, as_of) == "interrupted":
        _order(desk, prepared, as_of)
        assert _ended(desk, prepared, as_of) == "done"


def _until_all_kinds(kept: Kept) -> None:
    """Let the actors go on until every kind of act was acknowledged a few times."""
    until = monotonic() + NIGHT_WITHIN
    while monotonic() < until:
        counted = Counter(kind for kind, _ in list(kept.acknowledged.values()))
        if all(counted[kind] >= FEW for kind in KINDS):
            return
        sleep(0.2)


def _kill(desk: RunningDesk, victim: str) -> None:
    """Kill a process, as soon as it is there: it may just have been killed with its parent."""
    until = monotonic() + NIGHT_WITHIN
    while not desk.kill(victim):
        assert monotonic() < until, f"{victim} is not there"
        sleep(0.1)


def _order(desk: RunningDesk, prepared: Mapping[str, Any], as_of: date) -> None:
    """Order a night on the page, as the administrator does; again while nobody answers."""
    until = monotonic() + NIGHT_WITHIN
    while monotonic() < until:
        try:
            client = signed_in(desk, prepared, username="admin")
            answer = client.post(
                "/nights/run",
                data={"as_of": as_of.isoformat()},
                headers={"X-CSRFToken": client.cookies["csrftoken"]},
            )
        except httpx.HTTPError:
            sleep(0.2)
            continue
        assert answer.status_code == 302, answer.text
        return
    raise TimeoutError("no night could be ordered")


def _ended(desk: RunningDesk, prepared: Mapping[str, Any], as_of: date) -> str:
    """Wait for the last night of a date to end; yield its status."""
    until, last = monotonic() + NIGHT_WITHIN, ""
    while monotonic() < until:
        try:
            answer = httpx.get(
                f"{desk.address}/api/nights",
                headers={"Authorization": f"Bearer {prepared['admin']}"},
                timeout=30,
            )
            last = next(one["status"] for one in answer.json() if one["as_of"] == as_of.isoformat())
        except httpx.HTTPError:
            last = ""
        if last in ("done", "interrupted", "refused", "failed"):
            return last
        sleep(0.3)
    raise TimeoutError(f"the night of {as_of} is still {last}")


def _of_kind(aftermath: Aftermath, *kinds: str) -> dict[str, Mapping[str, object]]:
    return {
        mark: body for mark, (kind, body) in aftermath.kept.acknowledged.items() if kind in kinds
    }


def test_everything_was_killed_while_people_worked(aftermath: Aftermath) -> None:
    victims = {"web", "web worker", "jobs", "nights", "redecisions", "desk"}

    assert victims <= set(aftermath.killed)
    assert aftermath.kept.interrupted > 0
    for kind in KINDS:
        assert len(_of_kind(aftermath, kind)) >= FEW, aftermath.kept.refused
    assert not aftermath.kept.refused


@pytest.mark.parametrize("kind", ["contact", "promise", "receipt", "note"])
def test_each_act_is_there_exactly_once(aftermath: Aftermath, kind: str) -> None:
    marks = _of_kind(aftermath, *((kind, "page") if kind == "contact" else (kind,)))
    found = aftermath.facts[kind]

    assert {mark: found.get(mark, 0) for mark in marks} == dict.fromkeys(marks, 1)
    assert [mark for mark, times in found.items() if mark.startswith("act ") and times > 1] == []


def test_a_repeated_request_gets_the_first_answer_again(aftermath: Aftermath) -> None:
    assert aftermath.kept.repeated_otherwise == []


def test_timelines_tell_each_act_once(aftermath: Aftermath) -> None:
    facts = aftermath.facts

    for mark in _of_kind(aftermath, "contact", "page"):
        assert facts["contact entries"].get(mark) == 1
    for kind in ("promise", "receipt"):
        for mark in _of_kind(aftermath, kind):
            assert facts[f"{kind} entries"].get(facts[f"{kind}s"][mark]) == 1


def test_every_chain_is_intact(aftermath: Aftermath) -> None:
    assert aftermath.facts["broken timelines"] == []
    assert aftermath.facts["broken trails"] == []


def test_every_letter_is_delivered_under_one_id(aftermath: Aftermath) -> None:
    letters = {f"msg_{key}" for key, status in aftermath.facts["letters"].items()}

    assert aftermath.facts["outstanding"] == 0
    assert set(aftermath.facts["letters"].values()) == {"delivered"}
    assert letters == set(aftermath.heard)
    assert all(len(set(bodies)) == 1 for bodies in aftermath.heard.values())
    acts = len(_of_kind(aftermath, "promise", "receipt"))
    assert acts <= len(letters)


def test_a_night_is_wholly_at_the_desk_or_not_at_all(aftermath: Aftermath) -> None:
    facts = aftermath.facts
    last = AS_OF + timedelta(days=ROUNDS)

    assert [night["status"] for night in facts["nights"]][-1] == "done"
    assert {night["status"] for night in facts["nights"]} <= {"done", "interrupted"}
    assert [one["as_of"] for one in facts["publications"] if one["is_current"]] == [str(last)]
    for one in facts["publications"]:
        assert (one["published"], one["brought"] >= 1) == (1, True)
    assert facts["differing"] == []


def test_persons_are_decided_by_all_that_was_recorded(aftermath: Aftermath) -> None:
    assert aftermath.facts["decided otherwise"] == []
