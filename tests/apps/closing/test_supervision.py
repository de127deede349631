"""The desk keeps its processes running, and says in one sentence when it cannot begin."""

import os
import signal
import sys
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from recoup.site.desk import MOST_FALSE_STARTS, Child, PortTaken, listen, warnings_for

LIVES = [sys.executable, "-c", "import time; time.sleep(60)"]
ENDS = [sys.executable, "-c", "raise SystemExit(1)"]


@pytest.fixture
def children() -> Iterator[list[Child]]:
    """Children that the test started; whatever still runs is stopped."""
    made: list[Child] = []
    yield made
    for child in made:
        if child.process is not None:
            child.process.kill()
            child.process.wait()


def _looked(child: Child, *, until_ended: int) -> None:
    """Look until the process of that number has ended and its end was noticed."""
    until = monotonic() + 20
    while child.process is not None and child.process.pid == until_ended and monotonic() < until:
        child.look()
        sleep(0.02)


def test_a_process_that_is_killed_is_started_again_at_once(children: list[Child]) -> None:
    child = Child(name="web", command=LIVES, env=os.environ)
    children.append(child)
    child.look()
    assert child.process is not None
    first = child.process.pid

    os.kill(first, signal.SIGKILL)
    _looked(child, until_ended=first)
    child.look()

    assert child.process is not None
    assert child.process.pid != first
    assert child.false_starts == 0


def test_a_process_that_ends_at_once_is_started_later_and_later(children: list[Child]) -> None:
    child = Child(name="web", command=ENDS, env=os.environ)
    children.append(child)
    waits = []
    for _ in range(3):
        child.starts_at = 0.0
        child.look()
        assert child.process is not None
        _looked(child, until_ended=child.process.pid)
        waits.append(round(child.starts_at - monotonic()))

    assert child.false_starts == 3 < MOST_FALSE_STARTS
    assert waits == [1, 3, 7]
    assert not child.has_lived


def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    with listen(host="127.0.0.1", port=0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortTaken, match="choose another with --port"):
            listen(host="127.0.0.1", port=port)


@pytest.mark.parametrize(
    ("host", "https", "warned"),
    [
        ("127.0.0.1", False, False),
        ("localhost", False, False),
        ("::1", False, False),
        ("0.0.0.0", False, True),
        ("0.0.0.0", True, False),
        ("desk.bank.example", False, True),
    ],
)
def test_serving_beyond_this_machine_without_https_is_warned_of(
    host: str, https: bool, warned: bool
) -> None:
    assert bool(warnings_for(host=host, https=https)) == warned
