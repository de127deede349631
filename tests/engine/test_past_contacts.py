"""Would we have broken the new rule? Past contacts under a pack and a stricter copy of it."""

import json
import shutil
from pathlib import Path

import pytest
from tests.book.books import Book, write_csv
from tests.engine.stories import Loan, book_of, debtor

from recoup.site.cli import main

ZZ = Path(__file__).resolve().parents[2] / "packs" / "zz"


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> Path:
    """zz, and a version that keeps quiet from 21:00 on and allows three calls a day."""
    folder = tmp_path_factory.mktemp("packs")
    for side in ("old", "new"):
        shutil.copytree(ZZ, folder / side / "zz")
    file = folder / "new" / "zz" / "parameters" / "contact.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in (('"22:30"', '"21:00"'), ("at_most: {value: 5", "at_most: {value: 3")):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return folder


def contact(number: int, who: str, at: str, **more: str) -> dict[str, str]:
    return {
        "contact_id": f"X{number:02d}",
        "debtor_id": who,
        "at": f"2026-{at}+08:00",
        "channel": "call",
        "direction": "out",
        "party": "debtor",
        "purpose": "collect",
        "number": "13800000000",
        "outcome": "no_answer",
        **more,
    }


def a_book() -> Book:
    contacts = [
        contact(1, "A", "10-05T20:59:00"),
        contact(2, "A", "10-05T21:00:00"),  # newly quiet
        contact(3, "A", "10-05T22:31:00"),  # quiet before as well
        contact(4, "A", "10-06T21:30:00", direction="in"),  # theirs
        # Six calls on one day: the fourth and fifth are too many only now, the sixth was before.
        *(contact(10 + n, "B", f"10-05T{9 + n:02d}:00:00") for n in range(6)),
        # A fourth call, at a quiet hour: two rules at once.
        *(contact(20 + n, "C", f"10-07T{hour}:00") for n, hour in
          enumerate(("09:00", "10:00", "11:00", "21:15"))),
        contact(30, "C", "11-01T21:30:00"),  # outside of the span
    ]  # fmt: skip
    return book_of(
        debtors=[debtor(name, "retail", time_zone="Asia/Shanghai") for name in "ABC"],
        loans=[Loan(f"L{name}", name, 20) for name in "ABC"],
        contacts=contacts,
    )


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    return write_csv(a_book(), tmp_path_factory.mktemp("bank") / "book")


def replayed(packs: Path, book: Path, *more: str, new: str = "new") -> list[str]:
    return [
        *("packs", "replay", str(packs / "old" / "zz"), str(packs / new / "zz")),
        *("--book", str(book), "--from", "2026-10-01", "--to", "2026-10-31", *more),
    ]


def test_each_rule_has_its_exact_count_and_each_contact_its_rules(packs, book, capsys):
    assert main(replayed(packs, book, "--json")) == 1

    found = json.loads(capsys.readouterr().out)
    assert {one["contact_id"]: one["rules"] for one in found["broken"]} == {
        "X02": ["ZZ-CON-01"],
        "X13": ["ZZ-CON-02"],
        "X14": ["ZZ-CON-02"],
        "X23": ["ZZ-CON-01", "ZZ-CON-02"],
    }
    assert found["by_rule"] == {"ZZ-CON-01": 2, "ZZ-CON-02": 3}
    assert (found["judged"], found["already"]) == (13, 2)
    assert set(found["sources"]) == {"ZZ-CON-01", "ZZ-CON-02"}


def test_the_text_names_rule_source_and_sentence_in_both_languages(packs, book, capsys):
    assert main(replayed(packs, book)) == 1

    told = capsys.readouterr().out
    assert "旧版不禁止、新版禁止的 4 次" in told
    assert "forbids 4 more" in told
    assert "One debtor is called at most" in told
    assert "每日拨打" in told or "对同一债务人" in told


def test_the_same_version_forbids_nothing_more(packs, book, capsys):
    assert main(replayed(packs, book, new="old")) == 0

    assert "forbids 0 more" in capsys.readouterr().out


def test_a_rule_of_next_year_can_be_held_against_last_year(packs, book, tmp_path, capsys):
    """Dated 2027, the stricter hours bind no contact of 2026, unless asked what they would do."""
    shutil.copytree(packs / "new", tmp_path / "dated")
    file = tmp_path / "dated" / "zz" / "parameters" / "contact.yaml"
    text = file.read_text(encoding="utf-8")
    old = (packs / "old" / "zz" / "parameters" / "contact.yaml").read_text(encoding="utf-8")
    begin, end = (old.index(mark) for mark in ("      - from: 2021-01-01", "  - id: ZZ-CON-02"))
    today = old[begin:end].replace("until: null", "until: 2027-01-01", 1)
    later = old[begin:end].replace("2021-01-01", "2027-01-01", 1).replace('"22:30"', '"21:00"')
    file.write_text(old[:begin] + today.rstrip() + "\n" + later + old[end:], encoding="utf-8")
    assert text != file.read_text(encoding="utf-8")
    sides = [str(packs / "old" / "zz"), str(tmp_path / "dated" / "zz")]
    words = ["packs", "replay", *sides, "--book", str(book)]
    span = ["--from", "2026-10-01", "--to", "2026-10-31", "--json"]

    assert main([*words, *span]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] == []
    assert main([*words, *span, "--new-law-on", "2027-01-01"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["contact_id"] for one in found["broken"]] == ["X02", "X23"]


def test_a_pack_that_is_not_there_is_a_wrong_call(book, capsys):
    words = ["packs", "replay", "zz", "nowhere", "--book", str(book)]

    assert main([*words, "--from", "2026-10-01", "--to", "2026-10-31"]) == 2
    assert "nowhere" in capsys.readouterr().err
