"""Every page that somebody's bar leads to: it opens in both languages, on a desk and on a phone,
without a serious fault, nothing wider than the screen, nothing left in the other language."""

import re

import pytest
from tests.journeys.conftest import DESKTOP, PHONE, SignIn

OTHERS = (("en", DESKTOP), ("zh", PHONE))
WHO = ("collector", "supervisor", "head", "compliance", "auditor", "admin")
#: Everybody in Chinese on a desk and in English on a phone; two of them the other way round too.
SEEN = [
    *((name, "zh", DESKTOP) for name in WHO),
    *((name, "en", PHONE) for name in WHO),
    *((name, language, size) for name in ("collector", "head") for language, size in OTHERS),
]


@pytest.mark.parametrize(("name", "language", "size"), SEEN)
def test_every_page_of_the_bar_serves(
    sign_in: SignIn, name: str, language: str, size: dict[str, int]
) -> None:
    person = sign_in(name, language=language, size=size)
    links = person.page.locator(".rc-nav a")
    paths = [str(links.nth(place).get_attribute("href")) for place in range(links.count())]

    assert paths, "nobody signs in to find nothing"
    for path in paths:
        page = person.open(path)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{path} is {wide} pixels wider than the screen"
        assert person.serious_faults() == [], path
        if language == "zh":
            assert english_left(page.inner_text("main")) == [], path
        else:
            heads = " ".join(page.locator("main h1, main h2, main th").all_inner_texts())
            assert chinese_left(heads) == [], path


def english_left(text: str) -> list[str]:
    """Yield lines of a Chinese page that are written in English: four words in a row."""
    return [line for line in text.splitlines() if re.search(r"(?:\b[a-z]{2,}\b[ ,]+){4,}", line)]


def chinese_left(text: str) -> list[str]:
    """Yield headings of an English page that are written in Chinese."""
    return re.findall(r"[\u4e00-\u9fff]{2,}", text)
