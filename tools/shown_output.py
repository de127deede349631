"""Keeps the output shown in the README and the tour equal to what the commands print.

In the pages a shown command stands in a ``console`` block: lines that begin with ``$ `` are run, in
the order of the pages, in one scratch folder; the lines below are what they print. A comment just
above the block, ``<!-- shown: 1-4 9 -->``, names the lines that are kept of what the last command
prints; ``...`` stands for what was left out. ``shown_output.py`` rewrites the blocks; with
``--check`` it only compares, and ends with status 1 where a page is not what the commands print.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    *("README.md", "README.zh-CN.md"),
    *("docs/tour.md", "docs/tour.zh-CN.md"),
    *("docs/howto/run-a-night.md", "docs/howto/run-a-night.zh-CN.md"),
)
#: Columns after which a shown line is cut; a Chinese character takes two.
WIDTH = 320
CUT = "..."
#: How a line of the night's log begins; on a terminal there is a bar instead, which goes away.
LOG = '{"at": "'
SECONDS = 300
_BLOCK = re.compile(
    r"(?P<head>(?:<!-- shown: (?P<lines>[\d \-]+) -->\n)?```console\n)(?P<body>.*?)(?P<tail>```)",
    re.DOTALL,
)
#: A command; a backslash at the end of a line carries it on to the next.
_COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*$", re.MULTILINE)


class CommandFailed(RuntimeError):
    """A shown command ended with a status that recoup does not have, or printed nothing."""


@dataclass
class Shell:
    """Runs commands in one scratch folder, each once, and keeps what they printed."""

    folder: Path
    printed: dict[str, list[str]] = field(default_factory=dict)

    def lines(self, command: str) -> list[str]:
        """Yield the lines that a command prints, errors in their place among them."""
        if command not in self.printed:
            self.printed[command] = self._run(command)
        return self.printed[command]

    def _run(self, command: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode not in (0, 1, 3) or "Traceback" in done.stdout:
            raise CommandFailed(f"{command}: status {done.returncode}\n{done.stdout}")
        printed = done.stdout.replace(f"{self.folder}/", "").rstrip().splitlines()
        return [line for line in printed if not line.startswith(LOG)]

    def _environment(self) -> Mapping[str, str]:
        found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": found, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


def renewed(page: str, *, shell: Shell) -> str:
    """Yield the page with the output of every console block as it is now."""

    def block(match: re.Match[str]) -> str:
        commands = _COMMAND.findall(match["body"])
        shown: list[str] = []
        for command in commands:
            ranges = match["lines"] if command is commands[-1] else None
            printed = shell.lines(command.removeprefix("$ ").replace("\\\n", " "))
            shown += [command, *_kept(printed, ranges)]
        return match["head"] + "\n".join(shown) + "\n" + match["tail"]

    return _BLOCK.sub(block, page)


def _kept(printed: list[str], ranges: str | None) -> list[str]:
    """Yield the lines of the output that are shown; ``...`` for each gap."""
    if ranges is None:
        return [_cut(line) for line in printed]
    kept: list[str] = []
    after = 0
    for span in ranges.split():
        first, _, last = span.partition("-")
        if int(first) > after + 1:
            kept.append(CUT)
        after = min(int(last or first), len(printed))
        kept += [_cut(line) for line in printed[int(first) - 1 : after]]
    return kept if after == len(printed) else [*kept, CUT]


def _cut(line: str) -> str:
    width = 0
    for place, character in enumerate(line):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width > WIDTH:
            return line[:place].rstrip() + " " + CUT
    return line.rstrip()


def main() -> int:
    """Renew the pages, or compare; yield the exit status."""
    parser = argparse.ArgumentParser(description="Renews the output shown in the pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; compare")
    check = parser.parse_args().check
    stale = []
    with tempfile.TemporaryDirectory(prefix="recoup-shown-") as scratch:
        shell = Shell(folder=Path(scratch).resolve())
        for folder in ("docs", "strategies"):
            (shell.folder / folder).symlink_to(ROOT / folder)
        for name in PAGES:
            page = (ROOT / name).read_text(encoding="utf-8")
            new = renewed(page, shell=shell)
            if new != page:
                stale.append(name)
                if not check:
                    (ROOT / name).write_text(new, encoding="utf-8")
    if stale and check:
        print(f"not what the commands print: {', '.join(stale)}; run make docs")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
