"""Every page that somebody's bar leads to: it opens in both languages, on a desk and on a phone,
without a serious fault, nothing wider than the screen, nothing left in the other language."""

import re
from collections.abc import Mapping

import pytest
from tests.journeys.conftest import SignIn
from tests.journeys.desk import DESKTOP, PHONE, Person

#: Who looks, in which language, at which screen: every page both ways, every calling once.
SEEN = (
    *(("collector", "zh", DESKTOP), ("head", "zh", DESKTOP), ("compliance", "en", DESKTOP)),
    *(("collector", "en", PHONE), ("head", "en", PHONE), ("auditor", "zh", PHONE)),
    ("admin", "zh", PHONE),
)
#: Who also looks at the pages one step behind the bar.
CURIOUS = ("head", "compliance", "admin")
#: Pages one step behind the bar, as far as the person may open them.
BEHIND = (
    *("/tokens/", "/people/me/", "/ledger/new", "/nights/run", "/nights/schedule"),
    *("/compliance/reveals/", "/compliance/exports/", "/contacts/breaches/", "/people/roles/"),
    *("/people/places/", "/people/borrow/", "/nights/catch-up", "/search?q=x"),
)


def look(person: Person, path: str, *, language: str) -> None:
    """Pass if the page that is open serves everybody."""
    wide = person.pixels_too_wide()
    assert wide <= 0, f"{path} is {wide} pixels wider than the screen"
    assert person.serious_faults() == [], path
    if language == "zh":
        assert english_left(person.page.inner_text("main")) == [], path
    else:
        said = person.page.locator("main h1, main h2, main th, main button")
        assert chinese_left(" ".join(said.all_inner_texts())) == [], path


@pytest.mark.parametrize(("name", "language", "size"), SEEN)
def test_every_page_of_the_bar_serves(
    sign_in: SignIn, name: str, language: str, size: Mapping[str, int]
) -> None:
    person = sign_in(name, language=language, size=size)
    person.open("/")
    links = person.page.locator(".rc-nav a")
    paths = [str(links.nth(place).get_attribute("href")) for place in range(links.count())]

    assert paths, "nobody signs in to find nothing"
    for path in paths:
        person.open(path)
        look(person, path, language=language)
    for path in BEHIND if name in CURIOUS else ():
        answer = person.page.goto(person.address + path)
        if answer and answer.ok:
            look(person, path, language=language)


def test_a_refusal_serves_too(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    collector = sign_in("collector", language="en", size=screen)
    for path, status in (("/nights/run", 403), ("/cases/nobody/", 404)):
        answer = collector.page.goto(collector.address + path)
        assert answer
        assert answer.status == status
        look(collector, path, language="en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_case_serves_on_one_page(
    sign_in: SignIn, screen: Mapping[str, int], language: str
) -> None:
    person = sign_in("head", language=language, size=screen)
    page = person.open("/cases/")
    case = str(page.locator("[data-row] a").first.get_attribute("href"))
    page = person.open(case)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    look(person, case, language=language)
    for part in (
        ("hand-over", "review", "assign") if (language == "zh") == (screen is PHONE) else ()
    ):
        person.open(f"{case}{part}")
        look(person, f"{case}{part}", language=language)


def test_the_sign_in_page_serves_a_stranger(sign_in: SignIn, screen: Mapping[str, int]) -> None:
    stranger = sign_in("collector", language="en", size=screen)
    context = stranger.page.context.browser.new_context(viewport=screen, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{stranger.address}/account/login/")

    looked = Person(page=page, address=stranger.address)
    assert looked.pixels_too_wide() <= 0
    assert looked.serious_faults() == []
    context.close()


def test_the_pictures_tell_what_is_under_the_pointer(sign_in: SignIn) -> None:
    manager = sign_in("head", language="en")
    page = manager.open("/dashboard/")
    told = set()
    for name in ("places", "moves", "rolls", "funnel", "treatments"):
        chart = page.locator(f"[data-chart={name}]")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box
        for part in range(2, 100, 3):
            page.mouse.move(box["x"] + box["width"] * part / 100, box["y"] + box["height"] / 2)
            bubble = chart.locator("> div:nth-child(2)")
            if bubble.count() and bubble.inner_text():
                told.add(name)
                break

    assert told >= {"places", "moves", "rolls", "funnel", "treatments"}


def test_nothing_inline_passes_the_policy(sign_in: SignIn) -> None:
    auditor = sign_in("auditor")
    night = auditor.open("/nights/").locator("a[href*='/report']").first.get_attribute("href")

    for path in ("/cases/", "/dashboard/", "/account/login/", "/api/docs", str(night)):
        answer = auditor.page.request.get(f"{auditor.address}{path}")
        policy = answer.headers["content-security-policy"]
        assert answer.ok, path
        assert "unsafe" not in policy, path
        assert "default-src" in policy


def english_left(text: str) -> list[str]:
    """Yield lines of a Chinese page that are written in English: four words in a row."""
    return [line for line in text.splitlines() if re.search(r"(?:\b[a-z]{2,}\b[ ,]+){4,}", line)]


def chinese_left(text: str) -> list[str]:
    """Yield words of an English page that are written in Chinese; names are left as they are."""
    return re.findall(r"[\u4e00-\u9fff]{4,}", text)
