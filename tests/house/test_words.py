"""Every word of a page is there in Chinese too, once, in the catalogue where it is looked for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import words

from recoup.apps.people.roles import VERBS
from recoup.web.words import WORDS

words.prepare()

#: Packages that use words have a catalogue.
WITH_CATALOGUE = [folder for folder in words.packages() if (folder / words.CATALOGUE).exists()]
MISSING = list(words.missing())
UNUSED = list(words.unused())


def _named(folder: Path) -> str:
    return str(folder.relative_to(words.SOURCE))


@pytest.mark.parametrize("package", words.packages(), ids=_named)
def test_every_message_of_a_package_has_chinese(package: Path) -> None:
    lacking = [f"{use.message!r} ({use.where})" for folder, use in MISSING if folder == package]

    assert not lacking, f"python tools/words.py --add, then fill in {package / words.CATALOGUE}"


@pytest.mark.parametrize("package", WITH_CATALOGUE, ids=_named)
def test_no_message_of_a_package_is_unused_or_fuzzy(package: Path) -> None:
    found = words.catalogue(package)

    assert [key for folder, key in UNUSED if folder == package] == []
    assert [message.id for message in found or () if message.id and message.fuzzy] == []


def test_no_message_is_told_in_two_ways() -> None:
    told: dict[tuple[str, str], dict[str, str]] = {}
    for package in WITH_CATALOGUE:
        for key, chinese in words.translations(words.catalogue(package)).items():
            told.setdefault(key, {})[_named(package)] = chinese

    differing = {key: ways for key, ways in told.items() if len(set(ways.values())) > 1}

    assert differing == {}, "at run time all catalogues are one: use pgettext, or one wording"


def test_every_act_and_record_that_the_trail_names_has_words() -> None:
    nameless = {
        (kind, code, str(path.relative_to(words.SOURCE)))
        for path in sorted((words.SOURCE / "apps").rglob("actions/*.py"))
        for kind, code in _told(path)
        if code not in WORDS[kind] and not (kind == "act" and code in VERBS)
    }

    assert nameless == set(), "add them to recoup/web/trail_words.py"


def _told(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the acts and records that calls of a file name: ``verb=`` and ``record=``."""
    kinds = {"verb": "act", "record": "record"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for given in node.keywords if isinstance(node, ast.Call) else ():
            if given.arg in kinds and isinstance(given.value, ast.Constant):
                yield kinds[given.arg], str(given.value.value)


def test_words_in_python_and_in_templates_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}{% trans 'Day' %}{% trans 'From' context 'time' %}"
        "{% blocktrans count n=n %}{{ n }} loan{% plural %}{{ n }} loans{% endblocktrans %}",
        encoding="utf-8",
    )
    module = tmp_path / "module.py"
    module.write_text("_('Night')\nngettext('one', 'many', n)\nx.gettext(y)\n", encoding="utf-8")

    found = [*words.in_template(page), *words.in_python(module)]

    assert {(use.message, use.plural, use.context) for use in found} == {
        *(("Day", "", ""), ("From", "", "time"), ("%(n)s loan", "%(n)s loans", "")),
        *(("Night", "", ""), ("one", "many", "")),
    }
