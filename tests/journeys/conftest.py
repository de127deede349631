"""One desk and one browser serve all journeys; what a page complains of fails the journey."""

import shutil
from collections.abc import Callable, Iterator, Mapping

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.journeys.desk import (
    DESKTOP,
    PHONE,
    Person,
    ServedDesk,
    opened_browser,
    served_desk,
    sit_down,
)

LOANS = 1500
expect.set_options(timeout=20_000)

SignIn = Callable[..., Person]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDesk]:
    """The demo desk; skipped where there is no browser to look at it with."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed; set-up installs it when it runs as root")
    with served_desk(tmp_path_factory.mktemp("desk"), loans=LOANS) as served:
        yield served


# By module, not by session: while Playwright runs, no other test of the worker can start it again.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = opened_browser(playwright)
        yield found
        found.close()


@pytest.fixture(scope="module")
def seats(desk: ServedDesk, browser: Browser) -> Iterator[dict[tuple[str, str, int], Person]]:
    """Who sits where already: nobody signs in twice with one language and one screen."""
    found: dict[tuple[str, str, int], Person] = {}
    yield found
    for person in found.values():
        person.page.context.close()


@pytest.fixture
def sign_in(
    desk: ServedDesk, browser: Browser, seats: dict[tuple[str, str, int], Person]
) -> Iterator[SignIn]:
    """Sit somebody down by name, in a language, at a size of screen."""
    seated: list[Person] = []

    def sit(name: str, *, language: str = "zh", size: Mapping[str, int] = DESKTOP) -> Person:
        seat = (name, language, size["width"])
        if seat not in seats:
            like = next((one for (who, *_), one in seats.items() if who == name), None)
            seats[seat] = sit_down(browser, desk, name, language=language, size=size, like=like)
        seated.append(seats[seat])
        return seats[seat]

    yield sit
    faults = [fault for person in seated for fault in person.faults]
    for person in seated:
        person.faults.clear()
    assert not faults, f"the browser complained: {faults}"


@pytest.fixture(params=["desktop", "phone"])
def screen(request: pytest.FixtureRequest) -> Mapping[str, int]:
    """A screen on a desk, then one in a hand."""
    return DESKTOP if request.param == "desktop" else PHONE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys share one desk and one browser: they run in one process."""
    for item in items:
        if "/tests/journeys/" in str(item.path):
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("journeys"))
