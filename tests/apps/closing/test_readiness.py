"""A web process answers its first request once it is ready, and says at once that it lives."""

import threading
from collections.abc import Callable
from typing import Any

from recoup.site.readiness import Prepared


def _application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    return [str(environ["PATH_INFO"]).encode()]


def _ask(desk: Prepared, path: str) -> list[bytes]:
    return list(desk({"PATH_INFO": path}, lambda *_: None))


def test_a_request_waits_until_the_process_is_ready_and_the_health_check_does_not() -> None:
    go_on = threading.Event()
    desk = Prepared(_application, prepare=lambda: _wait(go_on), renew=lambda: None)
    answers: list[list[bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(_ask(desk, "/ledger/")))

    asking.start()
    health = _ask(desk, "/healthz")
    asking.join(timeout=0.2)
    before = list(answers)
    go_on.set()
    asking.join(timeout=10)

    assert health == [b"/healthz"]
    assert before == []
    assert answers == [[b"/ledger/"]]


def _wait(event: threading.Event) -> None:
    assert event.wait(10)


def test_what_cannot_be_prepared_keeps_nobody_waiting() -> None:
    def fail() -> None:
        raise OSError("the files of the night are away")

    desk = Prepared(_application, prepare=fail, renew=lambda: None)

    assert _ask(desk, "/my-day/") == [b"/my-day/"]
