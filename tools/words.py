"""Finds the words that pages use and says which have no Chinese yet.

``python tools/words.py`` lists what is missing; ``--add`` writes the missing msgids, empty, into
the catalogue of the package that uses them (``locale/zh_Hans/LC_MESSAGES/django.po``), and takes
out those that nothing uses any more. tests/house/test_words.py holds the same.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "recoup"
CATALOGUE = Path("locale", "zh_Hans", "LC_MESSAGES", "django.po")
#: The package whose words all others may use.
SHARED = SOURCE / "web"
#: Calls that translate, with the place of the context, the message and the plural.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_LITERAL = r"""u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_IN_TEMPLATE = re.compile(
    rf"\b(_|n?p?gettext)\(({_LITERAL})(?:\s*,\s*({_LITERAL}))?(?:\s*,\s*({_LITERAL}))?"
)


@dataclass(frozen=True, order=True)
class Use:
    """A message that some file uses: the English, its plural, the context if any, and where."""

    message: str
    plural: str
    context: str
    where: str

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue knows it by."""
        return self.message, self.context


def packages() -> tuple[Path, ...]:
    """Yield the folders that have catalogues of their own: rooms, toolkits, the site."""
    rooms = [folder for folder in (SOURCE / "apps").iterdir() if folder.is_dir()]
    others = [SOURCE / name for name in ("web", "api", "documents", "events", "site")]
    found = [folder for folder in (*others, *rooms) if (folder / "__init__.py").exists()]
    return tuple(sorted(found))


def uses(package: Path) -> Iterator[Use]:
    """Yield every message that a package's Python and templates use."""
    for path in sorted(package.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from in_python(path)
    for path in sorted(package.rglob("templates/**/*.*")):
        if path.suffix in (".html", ".txt"):
            yield from in_template(path)


def catalogue(package: Path) -> Catalog | None:
    """Yield a package's Chinese catalogue; None, where it has none."""
    path = package / CATALOGUE
    if not path.exists():
        return None
    with path.open("rb") as read:
        return read_po(read, locale="zh_Hans")


def translations(found: Catalog | None) -> dict[tuple[str, str], str]:
    """Yield the Chinese of every message of a catalogue; empty where it is missing or fuzzy."""
    told: dict[tuple[str, str], str] = {}
    for message in found or ():
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[0]
        chinese = message.string if isinstance(message.string, str) else message.string[0]
        told[english, message.context or ""] = "" if message.fuzzy else chinese
    return told


def in_python(path: Path) -> Iterator[Use]:
    """Yield the messages of a Python file: literal words in calls that translate."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else called
        if name not in CALLS:
            continue
        texts = [
            one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else None
            for one in node.args
        ]
        yield from _use(name, texts, f"{_place(path)}:{node.lineno}")


def in_template(path: Path) -> Iterator[Use]:
    """Yield the messages of a template."""
    prepared = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for number, line in enumerate(prepared.splitlines(), start=1):
        for name, *literals in _IN_TEMPLATE.findall(line):
            texts = [ast.literal_eval(one) for one in literals if one]
            yield from _use(name, texts, f"{_place(path)}:{number}")


def _place(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _use(name: str, texts: list[str | None], where: str) -> Iterator[Use]:
    context, message, plural = CALLS[name]

    def at(place: int | None) -> str:
        return (texts[place] or "") if place is not None and place < len(texts) else ""

    if at(message):
        yield Use(at(message), at(plural), at(context), where)


def missing() -> Iterator[tuple[Path, Use]]:
    """Yield every message without Chinese, with the package whose catalogue should have it."""
    shared = translations(catalogue(SHARED))
    for package in packages():
        own = translations(catalogue(package))
        seen = set()
        for use in sorted(uses(package)):
            if use.key in seen or own.get(use.key) or shared.get(use.key):
                continue
            seen.add(use.key)
            yield package, use


def unused() -> Iterator[tuple[Path, tuple[str, str]]]:
    """Yield every message of a catalogue that its package (any package, if shared) does not use."""
    everywhere = {use.key for package in packages() for use in uses(package)}
    for package in packages():
        here = everywhere if package == SHARED else {use.key for use in uses(package)}
        for key in translations(catalogue(package)):
            if key not in here:
                yield package, key


def add() -> None:
    """Write missing messages into the catalogues, empty, and take out what nothing uses."""
    wanted: dict[Path, list[Use]] = {}
    for package, use in missing():
        wanted.setdefault(package, []).append(use)
    spare: dict[Path, list[tuple[str, str]]] = {}
    for package, key in unused():
        spare.setdefault(package, []).append(key)
    for package in {*wanted, *spare}:
        found = catalogue(package) or Catalog(locale="zh_Hans")
        for use in wanted.get(package, ()):
            message = (use.message, use.plural) if use.plural else use.message
            if use.message not in found or use.context:
                found.add(message, context=use.context or None)
        for message, context in spare.get(package, ()):
            found.delete(message, context or None)
        write(package / CATALOGUE, found)


def write(path: Path, found: Catalog) -> None:
    """Write a catalogue: sorted, without dates and places, so that it merges well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as written:
        write_po(written, found, width=100, no_location=True, omit_header=True, sort_output=True)
    text = path.read_text(encoding="utf-8")
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += '"Language: zh_Hans\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    path.write_text(head + text.strip() + "\n", encoding="utf-8")


def prepare() -> None:
    """Let Django's template lexer run without the desk's settings."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()


def main() -> int:
    """List what is missing or unused, or mend the catalogues."""
    prepare()
    if "--add" in sys.argv[1:]:
        add()
    count = 0
    for package, use in missing():
        count += 1
        print(f"{package.relative_to(SOURCE)}: no Chinese for {use.message!r} ({use.where})")
    for package, (message, _context) in unused():
        count += 1
        print(f"{package.relative_to(SOURCE)}: nothing uses {message!r}")
    print(f"{count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
