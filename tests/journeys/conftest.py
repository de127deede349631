"""The demo desk, served as a user would serve it, and people who sit in front of it.

One desk serves all journeys: ``recoup demo --serve`` on a free port, with SQLite, until the last
journey is over. What a page writes into the browser's console is a failure of the journey.
"""

import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOANS = 600
SECONDS_TO_START = 240
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
#: Faults that keep somebody from using a page; lesser ones are style.
SERIOUS = ("serious", "critical")


@dataclass(frozen=True)
class ServedDesk:
    """A desk that answers, and the logins that it printed: username -> password."""

    address: str
    logins: dict[str, str]


@dataclass
class Person:
    """Somebody in front of a browser; ``page`` is where they look."""

    page: Page
    address: str
    faults: list[str]

    def open(self, path: str) -> Page:
        """Go to a page of the desk."""
        self.page.goto(self.address + path)
        return self.page

    def serious_faults(self) -> list[str]:
        """Yield what axe-core finds on the page that keeps somebody from using it."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run()).violations")
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
        ]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDesk]:
    """The demo desk; skipped where there is no browser to look at it with."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed; set-up installs it when it runs as root")
    folder = tmp_path_factory.mktemp("desk")
    port = _free_port()
    log = folder / "log"
    command = [
        *(sys.executable, "-m", "recoup.site.cli", "demo", "--loans", str(LOANS), "--seed", "7"),
        *("--out", str(folder / "bank"), "--serve", "--port", str(port)),
    ]
    with log.open("wb") as written:
        served = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _until_it_answers(address, served, log)
        yield ServedDesk(address=address, logins=_logins(log.read_text(encoding="utf-8")))
    finally:
        served.terminate()
        served.wait(timeout=60)


def _until_it_answers(address: str, served: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = monotonic() + SECONDS_TO_START
    while monotonic() < ends and served.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                if answer.status == 200 and _logins(log.read_text(encoding="utf-8")):
                    return
        except OSError:
            pass
        sleep(0.5)
    raise AssertionError(f"the desk did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def _logins(printed: str) -> dict[str, str]:
    """Yield the usernames and passwords of the printed table."""
    line = re.compile(r"\s{2,}([a-z]+)\s{2,}((?:[a-z0-9]{4}-){3}[a-z0-9]{4})\s")
    return {found[1]: found[2] for found in line.finditer(printed)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM)
        )
        yield found
        found.close()


SignIn = Callable[..., Person]


@pytest.fixture
def sign_in(desk: ServedDesk, browser: Browser) -> Iterator[SignIn]:
    """Sit somebody down: sign in by the login page, in a language, at a size of screen."""
    people: list[Person] = []

    def sit(name: str, *, language: str = "zh", size: dict[str, int] = DESKTOP) -> Person:
        context = browser.new_context(
            viewport=size, locale="zh-CN" if language == "zh" else "en-GB", accept_downloads=True
        )
        code = "zh-hans" if language == "zh" else "en"
        cookie = {"name": "django_language", "value": code, "url": desk.address}
        context.add_cookies([cookie])
        page = context.new_page()
        person = Person(page=page, address=desk.address, faults=[])
        page.on("console", lambda said: _heard(person, said.type, said.text))
        page.on("pageerror", lambda error: person.faults.append(str(error)))
        person.open("/account/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", desk.logins[name])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/account/login/)"))
        people.append(person)
        return person

    yield sit
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.page.context.close()
    assert not faults, f"the browser complained: {faults}"


def _heard(person: Person, kind: str, text: str) -> None:
    """A refusal is an answer, not a fault: the console also tells of statuses from 400 on."""
    expected = ("status of 403", "status of 404", "status of 409", "status of 422")
    if kind == "error" and not any(status in text for status in expected):
        person.faults.append(text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys share one desk and one browser: they run in one process."""
    for item in items:
        if "/tests/journeys/" in str(item.path):
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("journeys"))
