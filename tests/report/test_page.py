"""The morning page as a file: complete in both languages, closed in itself, safe with any text."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from tests.report import small_night
from tests.report.small_night import MANIFEST, NAMES, Contract

from recoup.engine.report.page import SCRIPTS, ReportRefused, for_script, write_report

ASSETS = files("recoup.engine.report") / "assets"
WORDS = json.loads((ASSETS / "words.json").read_text(encoding="utf-8"))
SCRIPT = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
# Keys that the scripts put together from a code of the data or of a bucket of days.
CODED = (
    "source_",
    "step_",
    "product_",
    "treatment_",
    "hold_",
    "table_",
    "arm_",
    "class_",
    "severity_",
    "theme_",
    "part_",
)


def written(folder: Path, *, contracts: list[Contract] | None = None, names=NAMES) -> str:
    into = folder / "report.html"
    write_report(
        duck_or_query=small_night.engine(contracts), manifest=MANIFEST, names=names, into=into
    )
    return into.read_text(encoding="utf-8")


class Scripts(HTMLParser):
    """Collects the script elements as a browser would cut them."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, str] = {}
        self.links: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        if tag == "script":
            self._inside = given.get("id") or f"script {len(self.bodies)}"
            self.bodies[self._inside] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.bodies[self._inside] += data


def cut(page: str) -> Scripts:
    scripts = Scripts()
    scripts.feed(page)
    return scripts


def test_every_word_stands_in_both_languages() -> None:
    for key, entry in WORDS.items():
        assert set(entry) == {"zh", "en"}, key
        assert entry["zh"].strip(), key
        assert entry["en"].strip(), key


def test_both_languages_of_a_word_have_the_same_places_to_fill() -> None:
    for key, entry in WORDS.items():
        zh, en = (set(re.findall(r"\{\w+\}|</?b>", entry[name])) for name in ("zh", "en"))
        assert zh == en, key


def test_every_english_word_is_free_of_chinese() -> None:
    for key, entry in WORDS.items():
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]), key


def test_every_word_the_scripts_name_exists() -> None:
    named = set(re.findall(r'(?:word|rich|answer|sourceOf)\("(\w+)"[,)]', SCRIPT))
    named |= set(re.findall(r'"(why_\w+)"', SCRIPT))

    assert named
    assert named - set(WORDS) == set()


def test_no_word_lies_unused() -> None:
    unused = {
        key
        for key in WORDS
        if f'"{key}"' not in SCRIPT
        and not key.startswith(CODED)
        and key.removesuffix("_from") == key
        and key not in {"skip"}
    }
    composed = {
        *("over_30", "over_60", "over_90", "by_product", "by_branch", "by_team"),
        *("key_better", "key_same", "key_worse"),
        *("rows_read", "rows_accepted", "rows_rejected", "rows_warnings"),
    }

    assert unused - composed == set()


def test_the_page_carries_its_figures_and_only_the_rules_it_mentions(tmp_path: Path) -> None:
    data = json.loads(cut(written(tmp_path)).bodies["data"])

    assert data["figures"]["total"]["overdue_accounts"] == 9
    assert set(data["names"]) == {"CN-CLS-03", "CN-CLS-04", "CN-CLS-05", "CN-CON-20"}
    assert data["exponents"] == {"CNY": 2, "EUR": 2, "USD": 2}
    assert data["night"]["pack"]["id"] == "cn"


def test_a_source_may_have_one_text_or_one_for_each_language(tmp_path: Path) -> None:
    names = {**NAMES, "CN-CLS-05": ("次级。", "Substandard.", "第十一条", "art. 11")}

    named = json.loads(cut(written(tmp_path, names=names)).bodies["data"])["names"]

    assert (named["CN-CLS-05"]["source_zh"], named["CN-CLS-05"]["source_en"]) == (
        "第十一条",
        "art. 11",
    )
    assert named["CN-CLS-03"]["source_zh"] == named["CN-CLS-03"]["source_en"] == "Order 1, art. 10"


def test_nothing_on_the_page_points_outside(tmp_path: Path) -> None:
    page = written(tmp_path)

    assert set(cut(page).links) == {"#main", "data:,"}
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert "url(" not in page.split("</style>")[0]


def test_the_page_names_no_person(tmp_path: Path) -> None:
    page = written(tmp_path)

    for contract in small_night.CONTRACTS:
        assert f'"{contract.id}"' not in page
        assert f'"{contract.person}"' not in page


def test_a_text_from_the_data_cannot_leave_its_place(tmp_path: Path) -> None:
    nasty = "</script><img src=x onerror=alert(1)>&\u2028"
    contracts = [Contract("C1", "D1", 5, 0, 10, 5, branch=nasty)]

    page = written(tmp_path, contracts=contracts)

    assert json.loads(cut(page).bodies["data"])["figures"]["branches"]["rows"][0]["name"] == nasty
    assert "<img src=x" not in page
    assert "\u2028" not in page


def test_a_backslash_in_the_data_survives_the_template(tmp_path: Path) -> None:
    contracts = [Contract("C1", "D1", 5, 0, 10, 5, branch=r"\1 {{script}} \g<0>")]

    data = json.loads(cut(written(tmp_path, contracts=contracts)).bodies["data"])

    assert data["figures"]["branches"]["rows"][0]["name"] == r"\1 {{script}} \g<0>"


def test_the_same_night_gives_the_same_page(tmp_path: Path) -> None:
    assert written(tmp_path) == written(tmp_path)


@pytest.mark.parametrize("key", ["as_of", "base_currency", "buckets"])
def test_a_manifest_without_a_needed_key_is_refused_in_both_languages(
    tmp_path: Path, key: str
) -> None:
    manifest = {name: value for name, value in MANIFEST.items() if name != key}

    with pytest.raises(ReportRefused) as refused:
        write_report(
            duck_or_query=small_night.engine(),
            manifest=manifest,
            names={},
            into=tmp_path / "report.html",
        )

    assert key in refused.value.sentence_en
    assert key in refused.value.sentence_zh
    assert not (tmp_path / "report.html").exists()


def test_for_script_refuses_what_has_no_text() -> None:
    with pytest.raises(TypeError, match="does not belong on the page"):
        for_script({"amount": object()})
