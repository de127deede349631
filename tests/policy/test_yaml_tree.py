"""What a scalar is taken for: as little as possible; and both parsers agree."""

from datetime import date
from pathlib import Path

import pytest

from recoup.policy import yaml_tree
from recoup.policy.findings import Finding, Findings
from recoup.policy.locate import packs_folder, strategies_folder
from recoup.policy.yaml_tree import Branch, Floating, Leaf, Node, read_tree


def scalar_of(tmp_path: Path, written: str) -> object:
    file = tmp_path / "one.yaml"
    file.write_text(f"value: {written}\n", encoding="utf-8")
    tree = read_tree(path=file, shown_as="one.yaml", findings=Findings())
    assert isinstance(tree, Branch)
    leaf = tree.entries["value"]
    assert isinstance(leaf, Leaf)
    return leaf.scalar()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("no", "no"),
        ("on", "on"),
        ("90", 90),
        ("-90", -90),
        ("1_000_000", 1_000_000),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("08:00", "08:00"),
        ("22:30", "22:30"),
        ("2026-11-20", date(2026, 11, 20)),
        ('"2026-11-20"', "2026-11-20"),
        ('"90"', "90"),
        ("'true'", "true"),
        ("1/3", "1/3"),
        ("2026.11.23", "2026.11.23"),
        ("s. 1", "s. 1"),
    ],
)
def test_scalar_is_taken_for_no_more_than_it_is(
    tmp_path: Path, written: str, value: object
) -> None:
    found = scalar_of(tmp_path, written)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("written", ["1.5", "-0.5", ".5", "1.", "1e5", "1.5e-3", ".inf", ".nan"])
def test_floating_point_is_marked_so_that_it_can_be_refused(tmp_path: Path, written: str) -> None:
    assert isinstance(scalar_of(tmp_path, written), Floating)


@pytest.mark.parametrize("written", ["2026-13-01", "2026-02-30", "2026-2-3"])
def test_what_looks_like_a_date_and_is_none_is_an_error(tmp_path: Path, written: str) -> None:
    with pytest.raises(ValueError):
        scalar_of(tmp_path, written)


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")

    tree = read_tree(path=file, shown_as="one.yaml", findings=Findings())

    assert isinstance(tree, Branch)
    assert list(tree.entries) == ["a"]


@pytest.mark.parametrize("levels", [60, 20_000])
def test_endless_nesting_is_refused(tmp_path: Path, levels: int) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text("[" * levels + "]" * levels, encoding="utf-8")
    findings = Findings()

    read_tree(path=file, shown_as="deep.yaml", findings=findings)

    assert [one.code for one in findings.sorted()] == ["nested_too_deep"]


def test_missing_file_is_a_finding(tmp_path: Path) -> None:
    findings = Findings()

    tree = read_tree(path=tmp_path / "none.yaml", shown_as="none.yaml", findings=findings)

    assert tree is None
    assert [one.code for one in findings.sorted()] == ["file_unreadable"]


@pytest.mark.parametrize("folder", [packs_folder(), strategies_folder()])
def test_both_parsers_read_every_shipped_file_alike(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(folder.rglob("*.yaml"))
    quick = [_tree_of(file) for file in files]

    monkeypatch.setattr(yaml_tree, "_QUICK", None)

    assert files
    assert quick == [_tree_of(file) for file in files]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("a: &anchor 1", "yaml_anchor"),
        ("a: [*anchor]", "yaml_unreadable"),
        ("a: !tag 1", "yaml_anchor"),
        ("a: {b: &anchor 1}", "yaml_anchor"),
        ("- !!str 1", None),
        ("a: 1\na: 2", "duplicate_key"),
        ("a: [1", "yaml_unreadable"),
    ],
)
def test_both_parsers_find_the_same_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, code: str | None
) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(written, encoding="utf-8")
    tree, found = _tree_of(file)

    monkeypatch.setattr(yaml_tree, "_QUICK", None)

    assert (tree, found) == _tree_of(file)
    assert [one.code for one in found] == ([] if code is None else [code])


def _tree_of(file: Path) -> tuple[Node | None, tuple[Finding, ...]]:
    findings = Findings()
    tree = read_tree(path=file, shown_as=file.name, findings=findings)
    return tree, findings.sorted()
