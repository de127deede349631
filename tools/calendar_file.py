"""Writes the working-day calendar of a pack, or says whether the one that is there is current."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Disagreement(Exception):
    """The sources of the calendar do not agree on a day; a person must look at it."""


def written(*, target: Path, text_of: Callable[[], str]) -> int:
    """Write a calendar, or with ``--check`` compare it; yield the exit status."""
    parser = argparse.ArgumentParser(description=f"Derives {target.relative_to(ROOT)}.")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    check = parser.parse_args().check
    try:
        text = text_of()
    except Disagreement as found:
        print(found, file=sys.stderr)
        return 1
    if check:
        current = target.is_file() and target.read_text(encoding="utf-8") == text
        print("current" if current else f"{target.relative_to(ROOT)} is not current")
        return 0 if current else 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(target.relative_to(ROOT))
    return 0
