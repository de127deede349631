"""The demo desk served as a user would serve it, and people who sit in front of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SECONDS_TO_START = 240
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
#: With this the messenger of the demo bank signs what people write back; nobody listens to it.
IM_SECRET = "whsec_" + "c2VjcmV0" * 4
MESSENGER = {"RECOUP_IM_URL": "http://127.0.0.1:9/im", "RECOUP_IM_SECRET": IM_SECRET}
#: Faults that keep somebody from using a page; lesser ones are style.
SERIOUS = ("serious", "critical")
#: A refusal is an answer, not a fault: the console also tells of these statuses.
ANSWERS = ("status of 403", "status of 404", "status of 409", "status of 422")


@dataclass(frozen=True)
class ServedDesk:
    """A desk that answers, and the logins that it printed: username -> password."""

    address: str
    logins: Mapping[str, str]


@dataclass
class Person:
    """Somebody in front of a browser; ``page`` is where they look."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the desk."""
        self.page.goto(self.address + path)
        return self.page

    def serious_faults(self) -> list[str]:
        """Yield what axe-core finds on the page that keeps somebody from using it.

        The bar and the toasts are laid flat for it: what they cover depends on how far the page is
        scrolled, and axe-core would call a half covered button too small.
        """
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            """async () => {
                const above = [...document.querySelectorAll(".rc-bar, .rc-toasts")];
                above.forEach((one) => { one.style.position = "static"; });
                const run = await axe.run({
                    resultTypes: ["violations"],
                    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
                });
                above.forEach((one) => { one.style.position = ""; });
                return run.violations;
            }"""
        )
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"][:3]
        ]

    def pixels_too_wide(self) -> int:
        """Yield by how many pixels the page is wider than the screen."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wide))


@contextmanager
def served_desk(folder: Path, *, loans: int, seed: int = 7) -> Iterator[ServedDesk]:
    """Serve the demo desk from a folder on a free port, until the block is over."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    log = folder / "log"
    command = [
        *(sys.executable, "-m", "recoup.site.cli", "demo", "--loans", str(loans)),
        *("--seed", str(seed), "--out", str(folder / "bank"), "--serve", "--port", str(port)),
    ]
    with log.open("wb") as written:
        served = subprocess.Popen(
            command, stdout=written, stderr=subprocess.STDOUT, env=_environment()
        )
    try:
        address = f"http://127.0.0.1:{port}"
        yield ServedDesk(address=address, logins=_logins_once_it_answers(address, served, log))
    finally:
        served.terminate()
        served.wait(timeout=60)


def _environment() -> dict[str, str]:
    """The tests' own, with the demonstration's clock: it is ten in the morning."""
    return {name: value for name, value in os.environ.items() if name != "RECOUP_CLOCK"} | MESSENGER


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _logins_once_it_answers(
    address: str, served: "subprocess.Popen[bytes]", log: Path
) -> dict[str, str]:
    ends = monotonic() + SECONDS_TO_START
    while monotonic() < ends and served.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                logins = logins_in(log.read_text(encoding="utf-8"))
                if answer.status == 200 and logins:
                    return logins
        except OSError:
            pass
        sleep(0.3)
    raise AssertionError(f"the desk did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def logins_in(printed: str) -> dict[str, str]:
    """Yield the usernames and passwords of the printed table.

    >>> logins_in("  审计人员 auditor   auditor   mxa7-s6nn-y464-wpg3  程佳怡  全行")
    {'auditor': 'mxa7-s6nn-y464-wpg3'}
    """
    line = re.compile(r"\s{2,}([a-z]+)\s{2,}((?:[a-z0-9]{4}-){3}[a-z0-9]{4})\s")
    return {found[1]: found[2] for found in line.finditer(printed)}


def opened_browser(playwright: Playwright) -> Browser:
    """Open Debian's Chromium, without a window."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))


def sit_down(
    browser: Browser,
    desk: ServedDesk,
    name: str,
    *,
    language: str = "zh",
    size: Mapping[str, int] = DESKTOP,
    like: Person | None = None,
) -> Person:
    """Sit somebody down, in a language, at a size of screen.

    They sign in by the login page, or go on where they have signed in already (``like``).
    """
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN" if language == "zh" else "en-GB",
        is_mobile=size["width"] < 600,
        has_touch=size["width"] < 600,
        accept_downloads=True,
    )
    if like is not None:
        context.add_cookies(like.page.context.cookies())  # type: ignore[arg-type]
    code = "zh-hans" if language == "zh" else "en"
    context.add_cookies([{"name": "django_language", "value": code, "url": desk.address}])
    page = context.new_page()
    person = Person(page=page, address=desk.address)
    page.on("console", lambda said: _heard(person, said.type, said.text))
    page.on("pageerror", lambda error: person.faults.append(str(error)))
    if like is None:
        person.open("/account/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", desk.logins[name])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/account/login/)"))
    return person


def _heard(person: Person, kind: str, text: str) -> None:
    if kind == "error" and not any(status in text for status in ANSWERS):
        person.faults.append(f"{person.page.url}: {text}")
