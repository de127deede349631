"""Takes the pictures of the desk that the README and the guides show, in both languages.

The demo bank is built and served, a morning's work is done on it, and six pages are taken as WebP
files into ``docs/screenshots/``. Run it by ``make screenshots``; look at what it took.
"""

import base64
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.journeys.desk import (
    DESKTOP,
    PHONE,
    ROOT,
    Person,
    ServedDesk,
    opened_browser,
    served_desk,
    sit_down,
)

LOANS = 20_000
INTO = ROOT / "docs" / "screenshots"
SHARPNESS, QUALITY, MOST_BYTES = 1.4, 68, 150_000


def main() -> None:
    """Serve the demo desk and take its pictures."""
    INTO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)
        browser = opened_browser(playwright)
        with served_desk(folder, loans=LOANS) as desk:
            seats = {
                name: sit_down(browser, desk, name, language="en")
                for name in ("collector", "senior", "head")
            }
            case = morning(seats["collector"])
            morning(seats["senior"])
            for language in ("en", "zh"):
                take_all(browser, desk, seats, case=case, language=language)


def morning(collector: Person) -> str:
    """Work a few persons of the list; yield the address of a case with a promise in it."""
    page = collector.open("/my-day/")
    for place, outcome in enumerate("3213252"):
        page.keyboard.press("c")
        page.keyboard.press(outcome)
        page.locator("[data-toast]").first.wait_for()
        if outcome == "2":
            page.keyboard.press("Enter")
            page.locator("[data-panel=promise]").wait_for(state="hidden")
            if place == 1:
                case = str(page.locator("[data-pane] h2 a").get_attribute("href"))
        page.keyboard.press("j")
        page.wait_for_timeout(600)
    return case


def take_all(
    browser: Browser, desk: ServedDesk, seats: dict[str, Person], *, case: str, language: str
) -> None:
    """Take the six pictures in a language."""

    def seated(name: str, size: dict[str, int]) -> Person:
        return sit_down(browser, desk, name, language=language, size=size, like=seats[name])

    collector, head = seated("collector", DESKTOP), seated("head", DESKTOP)
    take("my-day", collector, "/my-day/", language=language, then=see_why)
    take("case", collector, case, language=language)
    take("board", head, "/board/", language=language, then=choose_senior)
    take("dashboard", head, "/dashboard/", language=language)
    contract = str(collector.open(case).locator(".rc-loans td a").first.inner_text())
    take("statement", collector, f"/ledger/contracts/{contract}/statement", language=language)
    take("phone", seated("collector", PHONE), "/my-day/", language=language)


def see_why(page: Page) -> None:
    """Open why the person is here now."""
    page.keyboard.press("?")


def choose_senior(page: Page) -> None:
    """Show the cases of the colleague in the third row."""
    page.locator("[data-drop] a").nth(2).click()


def take(
    name: str,
    person: Person,
    path: str,
    *,
    language: str,
    then: Callable[[Page], None] = lambda page: None,
) -> None:
    """Take a page as it stands on the screen."""
    page = person.open(path)
    then(page)
    page.wait_for_timeout(1200)
    size = page.viewport_size or DESKTOP
    taken = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot",
        {
            "format": "webp",
            "quality": QUALITY,
            "clip": {"x": 0, "y": 0, **size, "scale": SHARPNESS},
        },
    )
    picture = base64.b64decode(taken["data"])
    file = INTO / f"{name}.{language}.webp"
    file.write_bytes(picture)
    print(f"{file.relative_to(ROOT)}  {len(picture) // 1024} KiB")
    if len(picture) > MOST_BYTES:
        sys.exit(f"{file.name} has more than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
