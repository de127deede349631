"""What fuzzing has found stays mended; and the fuzzer itself notices what it is there for."""

import random
from pathlib import Path

import pytest
from tests.fuzz.readers import READERS, Misread
from tests.fuzz.run import CASES, seeds, spoilt

FOUND = sorted(file for file in CASES.rglob("*") if file.is_file())


def _name(file: Path) -> str:
    """The name under which a case was read: its table, or its place in pack or strategy."""
    stem, _, suffix = file.name.partition(".")
    return f"{stem.rpartition('-')[0].replace('+', '/')}.{suffix}"


@pytest.mark.parametrize("file", FOUND, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_finding_is_taken_or_refused_with_a_sentence(file: Path, tmp_path: Path) -> None:
    READERS[file.parent.name](file.read_bytes(), _name(file), tmp_path)


@pytest.mark.parametrize("kind", sorted(READERS))
def test_a_sound_file_is_taken_and_spoilt_ones_are_taken_or_refused(
    kind: str, tmp_path: Path
) -> None:
    chance = random.Random(5)
    sound = seeds(kind)
    name = chance.choice(sorted(sound))

    assert READERS[kind](sound[name], name, tmp_path) in ("taken", "loaded", "read")
    for _ in range(5):
        READERS[kind](spoilt(kind, name, sound[name], chance), name, tmp_path)


def test_a_reader_that_reads_differently_each_time_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = iter([("taken", {"a": b"1"}), ("taken", {"a": b"2"})])
    monkeypatch.setattr("tests.fuzz.readers._taken", lambda *_: next(results))

    with pytest.raises(Misread, match="read twice, read differently"):
        READERS["csv"](b"x", "rates.csv", tmp_path)
