"""The morning page in a browser: drawn whole in both languages, with no network, at two widths."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.report import small_night
from tests.report.small_night import MANIFEST, NAMES, Contract

from recoup.engine.report.page import write_report

WORDS = json.loads(
    (files("recoup.engine.report") / "assets" / "words.json").read_text(encoding="utf-8")
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = ("flow", "rates", "work", "classes")
WIDTHS = {"desk": (1366, 768), "phone": (390, 844)}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("night") / "report.html"
    write_report(duck_or_query=small_night.engine(), manifest=MANIFEST, names=NAMES, into=into)
    return into


class Opened:
    """The page as one person sees it, with everything the browser complained about or asked for."""

    def __init__(self, browser: Browser, report: Path, *, width: str, query: str) -> None:
        wide, high = WIDTHS[width]
        self.page: Page = browser.new_page(viewport={"width": wide, "height": high})
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{report.as_uri()}?{query}")
        self.page.wait_for_selector("html[data-ready=true]")

    def text(self) -> str:
        self.page.evaluate(
            "for (const part of document.querySelectorAll('details')) part.open = true"
        )
        return self.page.inner_text("body")

    def overflow(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


def quarters() -> list[Contract]:
    """Three quarters of a hundred contracts, a small one, and one that is too young."""
    found = []
    for start, contracts, late in (
        (date(2025, 10, 1), 100, 20),
        (date(2026, 1, 1), 100, 10),
        (date(2026, 4, 1), 100, 4),
        (date(2025, 7, 1), 99, 50),
        (date(2026, 10, 1), 200, 0),
    ):
        passed = date(start.year, start.month, 1) + timedelta(days=75)
        found += [
            Contract(
                f"{start}-{at}",
                f"D{start}-{at}",
                0,
                0,
                10,
                started=start,
                over_30=passed if at < late else None,
                over_90=passed + timedelta(days=60) if 2 * at < late else None,
            )
            for at in range(contracts)
        ]
    return found


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a book that is large enough for vintage curves."""
    into = tmp_path_factory.mktemp("grown") / "report.html"
    engine = small_night.engine(quarters())
    write_report(duck_or_query=engine, manifest=MANIFEST, names=NAMES, into=into)
    return into


def lines_of(page: Page) -> dict[str, list[list[float | None]]]:
    """Yield the points of each line of the vintage picture, by its name."""
    return page.evaluate(
        """Object.fromEntries(
            drawn.find((item) => item.chart && item.holder.id === "chart-vintage")
                .chart.getOption().series.map((line) => [line.name, line.data]))"""
    )


def test_a_vintage_is_drawn_to_its_age_and_a_small_one_only_counted(
    browser: Browser, grown: Path
) -> None:
    opened = Opened(browser, grown, width="desk", query="language=en")
    lines = lines_of(opened.page)

    assert list(lines) == ["2025 Q4", "2026 Q1", "2026 Q2"]
    assert {name: line[-1] for name, line in lines.items()} == {
        "2025 Q4": [13, 20],
        "2026 Q1": [10, 10],
        "2026 Q2": [7, 4],
    }
    assert lines["2026 Q2"][:4] == [[0, 0], [1, 0], [2, 0], [3, 4]]
    table = opened.text()
    assert "50 / 99" in table
    assert opened.complaints == []
    opened.page.close()


def test_the_answer_sets_the_youngest_vintage_beside_those_before_it_at_one_age(
    browser: Browser, grown: Path
) -> None:
    opened = Opened(browser, grown, width="desk", query="language=en")

    said = opened.page.inner_text("#vintage .answer")

    assert "By month 7 on book, 4.00% of the contracts started in 2026 Q2" in said
    assert "the 2 quarters before it stood together at 15.0%" in said
    opened.page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_vintage_curves_change_with_limit_and_measure_and_keep_their_edges(
    browser: Browser, grown: Path, width: str, language: str
) -> None:
    opened = Opened(browser, grown, width=width, query=f"language={language}")
    page = opened.page

    page.click("#vintage [data-choice='90']")
    page.click("#vintage [data-choice=principal]")

    assert {name: line[-1][1] for name, line in lines_of(page).items()} == {
        "2025 Q4": 10,
        "2026 Q1": 5,
        "2026 Q2": 2,
    }
    assert page.get_attribute("#chart-vintage", "aria-label")
    opened.text()
    assert opened.overflow() <= 0
    assert opened.complaints == []
    opened.page.close()


@pytest.fixture
def opened(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    width, query = request.param
    opened = Opened(browser, report, width=width, query=query)
    yield opened
    opened.page.close()


def seen_as(*choices: tuple[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("opened", choices, indirect=True, ids=lambda one: " ".join(one))


EVERYWHERE = [
    (width, f"language={language}&theme={theme}")
    for width in WIDTHS
    for language in ("zh", "en")
    for theme in ("light", "dark")
]


@seen_as(("desk", "language=en"), ("phone", "language=zh"))
def test_without_a_large_enough_quarter_no_curve_is_drawn_and_the_page_says_so(
    opened: Opened,
) -> None:
    assert opened.page.locator("#chart-vintage").count() == 0
    assert "100" in opened.page.inner_text("#vintage .nothing")


@seen_as(*EVERYWHERE)
def test_the_page_is_drawn_whole_asks_for_nothing_and_keeps_its_edges(opened: Opened) -> None:
    for name in PICTURES:
        assert opened.page.locator(f"#chart-{name} svg path").count() > 0, name
        assert opened.page.get_attribute(f"#chart-{name}", "aria-label"), name
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.overflow() <= 0

    opened.text()

    assert opened.overflow() <= 0


@seen_as(("desk", "language=en"))
def test_the_english_page_holds_no_chinese_of_ours(opened: Opened) -> None:
    text = opened.text().replace("recoup 回款", "").replace("中文", "")

    assert re.findall(r"[\u4e00-\u9fff]+", text) == []


@seen_as(("desk", "language=zh"))
def test_the_chinese_page_holds_no_english_of_ours(opened: Opened) -> None:
    text = opened.text()

    ours = {part for entry in WORDS.values() for part in re.split(r"\{\w+\}|<b>", entry["en"])}
    phrases = {part.strip(" .,;:</b>") for part in ours if len(part.strip(" .,;:</b>")) > 3}
    left = {phrase for phrase in phrases if re.search(rf"\b{re.escape(phrase)}\b", text)}
    assert left - {"English"} == set()  # the name of the other language, in itself


@seen_as(("desk", "language=zh"))
def test_the_foot_adds_up_the_seconds_of_the_steps(opened: Opened) -> None:
    assert "1.5 秒（读取与检查 1.100、分类与处置 0.400；不含本页）" in opened.page.inner_text(
        "#foot"
    )


@seen_as(("desk", "language=en"))
def test_columns_that_the_book_lacks_are_named_beside_their_rule(opened: Opened) -> None:
    row = opened.page.inner_text("#table-lacking tbody tr")

    assert "Use changed: special mention." in row
    assert "use_changed, refinanced" in row


@seen_as(("desk", "language=en"), ("desk", "language=zh"))
def test_no_place_is_left_unfilled(opened: Opened) -> None:
    text = opened.text()

    assert not re.search(r"\{\w+\}|undefined|NaN|\[object|null|Infinity", text)


@seen_as(("desk", "language=en"))
def test_the_language_changes_without_loading_anew(opened: Opened) -> None:
    page = opened.page
    page.evaluate("window.stillHere = true")

    page.click("[data-choice=zh]")

    assert page.evaluate("window.stillHere") is True
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert "笔合同逾期" in page.inner_text("#today")
    assert page.locator("#chart-flow svg path").count() > 0


@seen_as(("desk", "language=en"))
def test_headlines_say_the_figures_added_up_on_paper(opened: Opened) -> None:
    tiles = opened.page.locator(".tile .big").all_inner_texts()

    assert tiles == ["9", "¥1.29K", "62.1%", "49.8%", "42.7%", "21.3%", "21.3%"]


@seen_as(("desk", "language=zh"))
def test_exact_amounts_show_every_fen(opened: Opened) -> None:
    opened.page.click("[data-choice=exact]")

    assert "¥1,289.00" in opened.page.inner_text("#places")


@seen_as(("desk", "language=en"))
def test_a_header_sorts_and_says_so(opened: Opened) -> None:
    page = opened.page
    page.click("[data-choice=branches]")
    header = page.locator("#table-places-branches th", has_text="Branch")

    header.locator("button.sort").click()

    assert header.get_attribute("aria-sort") == "ascending"
    assert page.locator("#table-places-branches tbody tr:not(.sum) th").all_inner_texts() == [
        "north",
        "south",
    ]


@seen_as(("phone", "language=en"))
def test_a_why_opens_stays_on_the_screen_and_closes(opened: Opened) -> None:
    page = opened.page
    page.click(".tile:nth-child(2) .why button")

    box = page.locator(".pop").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert "decisions: overdue_base_minor" in page.inner_text(".pop")
    page.keyboard.press("Escape")
    assert page.locator(".pop").count() == 0


@seen_as(*[("desk", f"language=en&theme={theme}") for theme in ("light", "dark")])
def test_lettering_stands_out_enough_from_its_ground(opened: Opened) -> None:
    pairs = [
        *((text, ground) for text in ("text", "muted", "accent") for ground in ("card", "ground")),
        *(
            ("red", "red-soft"),
            ("amber", "amber-soft"),
            ("muted", "track"),
            ("on-accent", "accent"),
        ),
        ("amber", "card"),
    ]

    for text, ground in pairs:
        ratio = opened.page.evaluate(CONTRAST, [text, ground])
        assert ratio >= 4.5, (text, ground, ratio)


CONTRAST = """([text, ground]) => {
  const light = (name) => {
    const style = getComputedStyle(document.documentElement);
    const hex = style.getPropertyValue("--" + name).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [one, other] = [light(text), light(ground)].sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
}"""


def test_an_empty_book_still_makes_a_page(browser: Browser, tmp_path: Path) -> None:
    into = tmp_path / "report.html"
    write_report(duck_or_query=small_night.engine([]), manifest=MANIFEST, names={}, into=into)

    opened = Opened(browser, into, width="desk", query="language=en")

    assert "no account is in arrears" in opened.page.inner_text("#today")
    assert opened.complaints == []
    assert not re.search(r"\{\w+\}|undefined|NaN|\[object|Infinity", opened.text())
    opened.page.close()


def test_paper_is_white_and_shows_no_switches(browser: Browser, report: Path) -> None:
    opened = Opened(browser, report, width="desk", query="language=en&theme=dark")
    opened.page.emulate_media(media="print")

    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    assert opened.page.get_attribute("html", "data-theme") == "light"
    assert not opened.page.locator(".switches").is_visible()
    assert opened.page.get_attribute("#chart-flow svg", "viewBox") == "0 0 720 290"
    opened.page.close()


@pytest.mark.parametrize(("book", "pictures"), [("report", PICTURES), ("grown", ("vintage",))])
def test_a_picture_tells_what_is_under_the_pointer_though_the_policy_is_strict(
    browser: Browser, request: pytest.FixtureRequest, book: str, pictures: tuple[str, ...]
) -> None:
    opened = Opened(browser, request.getfixturevalue(book), width="desk", query="language=en")
    page = opened.page
    policy = page.locator("meta[http-equiv]").get_attribute("content")

    told = set()
    for name in pictures:
        chart = page.locator(f"#chart-{name}")
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for part in range(2, 100, 3):
            page.mouse.move(box["x"] + box["width"] * part / 100, box["y"] + box["height"] / 2)
            boxes = chart.locator("> div:nth-child(2)")
            if boxes.count() and boxes.inner_text():
                told.add(name)

    tones = page.evaluate(
        "[...document.querySelectorAll('.tone')].map(tone => tone.style.background)"
    )
    assert "unsafe" not in policy
    assert told == set(pictures)
    assert tones
    assert all(tones)
    assert opened.complaints == []
    page.close()
