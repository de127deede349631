"""Takes the pictures of the README and the tour from a night's morning page.

``python tools/pictures.py demo-bank/night/report.html`` writes docs/images, zh and en: the page on
a desktop and on a telephone, and three of its parts. It needs Chromium with a Chinese font.
"""

import argparse
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LANGUAGES: Mapping[str, str] = {"zh": "zh-CN", "en": "en-US"}
#: Milliseconds until the charts stand still.
SETTLED = 1_500


@dataclass(frozen=True)
class Picture:
    """One picture: its name, the window, dots per pixel, and the part shown (None: the window)."""

    name: str
    width: int
    height: int
    scale: int = 1
    part: str | None = None


PICTURES = (
    Picture("morning", 1366, 768),
    Picture("phone", 390, 844, 2),
    Picture("flow", 1366, 768, 1, "#flow"),
    Picture("vintage", 1366, 768, 1, "#vintage"),
    Picture("blocked", 1366, 768, 1, "#blocked"),
)


def take(*, report: Path, browser: Browser, picture: Picture, language: str) -> Path:
    """Take one picture in one language; yield its file."""
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        locale=LANGUAGES[language],
    )
    page.goto(report.resolve().as_uri())
    page.wait_for_timeout(SETTLED)
    path = IMAGES / f"{picture.name}.{language}.png"
    if picture.part is None:
        page.screenshot(path=path)
    else:
        # What stays at the top while the page is scrolled would lie over the part.
        page.add_style_tag(content=".top, .parts { position: static }")
        page.locator(picture.part).screenshot(path=path)
    page.close()
    return path


def main() -> int:
    """Take all pictures; yield the exit status."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the README and the tour.")
    parser.add_argument("report", type=Path)
    report = parser.parse_args().report
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for picture in PICTURES:
            for language in LANGUAGES:
                path = take(report=report, browser=browser, picture=picture, language=language)
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
