"""The house's own lint: limits of size, no floats for money, no clock below the site.

Also: no SQL function in the flow outside the tested subset, no private names from elsewhere, no
wildcard, no import inside a function.

Run as ``python tools/limits.py``; prints one line per finding and exits with 1 if there is any.
Ruff, mypy and import-linter hold the rest.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recoup.engine.backends.dialect import ALLOWED_FUNCTIONS

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "recoup"
LONGEST_MODULE = 800
LONGEST_FUNCTION = 70
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager"})
NO_FLOAT = ("kernel", "engine", "apps/ledger")
NO_CLOCK = (
    "kernel",
    "tables",
    "policy",
    "engine",
    "demo",
    "trials",
    "events",
    "web",
    "api",
    "documents",
    "apps",
)
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"})
CLOCK_MODULES = frozenset({"datetime", "date", "time"})
CALLED = re.compile(r"\b([A-Za-z_]+)\s*\(")
#: Words of SQL that may stand before a bracket without being functions; bit_or is bit_or_agg.
SQL_WORDS = frozenset(
    {"IN", "AS", "OVER", "FROM", "BY", "ON", "AND", "OR", "WHEN", "THEN", "BIT_OR"}
)
CHANCE_MODULES = frozenset({"random", "secrets", "uuid"})


@dataclass(frozen=True)
class Finding:
    """One line that breaks a limit."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.sentence}"


def is_under(path: Path, packages: tuple[str, ...]) -> bool:
    """Tell whether a source file lies in one of the named packages."""
    return any(path.is_relative_to(SOURCE / package) for package in packages)


def sizes(path: Path, text: str, tree: ast.Module) -> Iterator[Finding]:
    """Yield modules and functions that are too long, and modules named after nothing."""
    lines = text.count("\n")
    if lines > LONGEST_MODULE:
        yield Finding(path, 1, f"{lines} lines; a module stops at {LONGEST_MODULE}")
    if path.stem in EMPTY_NAMES:
        yield Finding(path, 1, f"'{path.stem}' says nothing; name the module after its concept")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                sentence = f"{node.name} has {length} lines; a function stops at {LONGEST_FUNCTION}"
                yield Finding(path, node.lineno, sentence)


def floats(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Yield float literals, float() calls and true divisions where money is counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Finding(path, node.lineno, "a float literal; count in integers")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "float":
                yield Finding(path, node.lineno, "float(); count in integers")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            if not _joins_paths(node):
                yield Finding(
                    path, node.lineno, "'/' yields a float; use // or the named divisions"
                )


def _joins_paths(node: ast.BinOp | ast.AugAssign) -> bool:
    """A division by text, or of something called after a folder, joins paths."""
    right = node.right if isinstance(node, ast.BinOp) else node.value
    left = node.left if isinstance(node, ast.BinOp) else node.target
    if any(isinstance(side, ast.JoinedStr) for side in (left, right)):
        return True
    if any(
        isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right)
    ):
        return True
    if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Div):
        return _joins_paths(left)
    words = ast.unparse(left).lower()
    places = ("path", "folder", "file", "dir", "parent", "scratch", "result", "out", "book")
    return any(word in words for word in places)


def clocks(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Yield reads of the clock, of chance and of the environment below the site."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value).split(".")[-1]
            if node.func.attr in CLOCKS and owner in CLOCK_MODULES:
                yield Finding(path, node.lineno, f"{owner}.{node.func.attr}(): time is an argument")
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
            if ast.unparse(node.value) == "os":
                yield Finding(path, node.lineno, "the environment is read in the site only")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if CHANCE_MODULES.intersection(names):
                yield Finding(
                    path, node.lineno, f"{names[0]}: chance comes from a seed, as argument"
                )


def imports(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Yield wildcard imports, private names from elsewhere, and imports inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    yield Finding(path, node.lineno, "a wildcard import")
                elif alias.name.startswith("_") and not alias.name.startswith("__"):
                    sentence = f"{alias.name} is private to {node.module}"
                    yield Finding(path, node.lineno, sentence)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield Finding(path, inner.lineno, "an import inside a function")


#: What other rooms may import of a room; the site, which wires, may import everything.
DOORS = frozenset({"queries", "actions", "events", "permissions"})


def doors(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Yield imports into another room that do not go through one of its doors."""
    rooms = SOURCE / "apps"
    if not path.is_relative_to(rooms) or path.parent == rooms:
        return
    own = path.relative_to(rooms).parts[0]
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        parts = node.module.split(".")
        if parts[:2] != ["recoup", "apps"] or len(parts) < 3 or parts[2] == own:
            continue
        names = {parts[3]} if len(parts) > 3 else {alias.name for alias in node.names}
        if not names <= DOORS:
            sentence = f"{node.module} is no door of the room {parts[2]}"
            yield Finding(path, node.lineno, sentence)


def trail(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Yield audit entries written outside of a room's actions."""
    if "actions" in (path.stem, path.parent.name) or not is_under(path, ("apps",)):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "recoup.events.changes":
            yield Finding(path, node.lineno, "changes are told by actions alone")


def foreign_functions(path: Path) -> Iterator[Finding]:
    """Yield functions of a flow file that are not in the tested subset of SQL."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for name in CALLED.findall(line.split("--")[0]):
            if name.lower() not in ALLOWED_FUNCTIONS and name.upper() not in SQL_WORDS:
                yield Finding(path, number, f"{name} is not in the whitelist of SQL functions")


def examine(path: Path) -> Iterator[Finding]:
    """Yield every finding of one Python file."""
    if "migrations" in path.parts:
        return
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, filename=str(path))
    yield from sizes(path, text, tree)
    if is_under(path, NO_FLOAT):
        yield from floats(path, tree)
    if is_under(path, NO_CLOCK):
        yield from clocks(path, tree)
    if path.is_relative_to(SOURCE):
        yield from imports(path, tree)
        yield from doors(path, tree)
        yield from trail(path, tree)


def main() -> int:
    """Examine the product, its tests and its tools; print the findings."""
    files = [
        file
        for folder in (SOURCE, ROOT / "tests", ROOT / "tools")
        for file in sorted(folder.rglob("*.py"))
    ]
    findings = [finding for file in files for finding in examine(file)]
    flow = sorted((SOURCE / "engine" / "flow").rglob("*.sql"))
    findings += [finding for file in flow for finding in foreign_functions(file)]
    for finding in findings:
        print(finding)
    print(f"{len(files) + len(flow)} files examined, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
