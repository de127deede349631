"""What the pages say holds: commands exist, output is real, links lead somewhere, zh equals en."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from tools import shown_output

from recoup.site.cli import main

ROOT = shown_output.ROOT
DOCS = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
PAIRS = tuple(ROOT / name for name in shown_output.PAGES if "zh-CN" not in name)
#: Places of one machine and addresses of package registries, whichever they are.
FORBIDDEN = (
    str(ROOT),
    str(Path.home()),
    r"(?<![\w.])/(?:home|root|tmp|Users)/",
    r"https?://\S*(?:/simple/|/-/\S+\.tgz|\.whl)",
    r"https?://(?:localhost|127\.)",
)
LARGEST_IMAGE = 400_000


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _recoup_calls(text: str) -> Iterator[tuple[str, ...]]:
    """Yield each command line of recoup that stands in a block, as words."""
    for block in re.findall(r"```(?:console|sh)\n(.*?)```", text, re.DOTALL):
        for command in re.findall(r"^\$ ((?:.*\\\n)*.*)$", block, re.MULTILINE):
            for part in re.split(r"\||&&", command.replace("\\\n", " ")):
                if part.strip().startswith("recoup "):
                    yield tuple(shlex.split(part)[1:])


def _outline(text: str) -> tuple[list[int], list[str]]:
    """Yield the depths of the headings, and what is run, without the language asked for."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    commands = []
    for language, body in blocks:
        shown = "\n".join(re.findall(r"^\$ (?:.*\\\n)*.*$", body, re.MULTILINE))
        commands.append(language + re.sub(r"zh|en|\[:\d+\]", "", shown))
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)], commands


@pytest.mark.parametrize("page", DOCS, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)

    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)

    local = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in local if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", DOCS, ids=_name)
def test_a_page_names_no_machine_and_no_registry(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [one for one in FORBIDDEN if re.search(one, text)] == []


@pytest.mark.parametrize("page", PAIRS, ids=_name)
def test_the_chinese_page_has_the_same_parts(page: Path) -> None:
    english = page.read_text(encoding="utf-8")
    chinese = page.with_name(f"{page.stem}.zh-CN.md").read_text(encoding="utf-8")

    assert _outline(chinese) == _outline(english)


def test_every_shown_command_exists(capsys: pytest.CaptureFixture[str]) -> None:
    calls = {call for page in DOCS for call in _recoup_calls(page.read_text(encoding="utf-8"))}
    names = {
        tuple(word for word in call[:2] if re.fullmatch(r"[a-z]+(-[a-z]+)*", word))
        for call in calls
    }

    assert ("night",) in {name[:1] for name in names}
    for name in names:
        command = name if name[0] in ("book", "packs", "tables", "gate") else name[:1]
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0, command
        usage = capsys.readouterr().out
        options = {w for call in calls if call[: len(command)] == command for w in call}
        assert [w for w in options if w.startswith("--") and w not in usage] == []


def test_pictures_are_used_and_small() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS)
    folders = (ROOT / "docs" / "images", ROOT / "docs" / "screenshots")
    pictures = [one for folder in folders for one in sorted(folder.iterdir())]

    assert pictures
    assert [one.name for one in pictures if f"{one.parent.name}/{one.name}" not in pages] == []
    assert [one.name for one in pictures if one.stat().st_size > LARGEST_IMAGE] == []


def test_versions_in_the_changelog_come_newest_first() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    days = re.findall(r"^## \d+\.\d+\.\d+ - (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)

    assert days
    assert all(newer >= older for newer, older in pairwise(days))


def test_a_block_shows_the_lines_asked_for_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    page = "<!-- shown: 2 4 -->\n```console\n$ seq 3\n$ seq 5\nold\n```\n"

    new = shown_output.renewed(page, shell=shown_output.Shell(folder=tmp_path))

    shown = "$ seq 3\n1\n2\n3\n$ seq 5\n...\n2\n...\n4\n..."
    assert new == f"<!-- shown: 2 4 -->\n```console\n{shown}\n```\n"


def test_a_shown_command_that_fails_is_an_error(tmp_path: Path) -> None:
    page = "```console\n$ no-such-command\n```\n"

    with pytest.raises(shown_output.CommandFailed, match="no-such-command"):
        shown_output.renewed(page, shell=shown_output.Shell(folder=tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAIRS, ids=_name)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    for folder in ("docs", "strategies"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    shell = shown_output.Shell(folder=tmp_path)

    for one in (page, page.with_name(f"{page.stem}.zh-CN.md")):
        text = one.read_text(encoding="utf-8")
        assert shown_output.renewed(text, shell=shell) == text, f"{one.name}: run make docs"
