"""Typed reading of a tree: each function yields a value, or notes a finding and yields a stand-in.

A stand-in never leaves the loader: one finding is enough for the whole pack to be refused.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from recoup.policy.bilingual import LANGUAGES, Bilingual
from recoup.policy.findings import Findings
from recoup.policy.rules import Frozen
from recoup.policy.yaml_tree import Branch, Floating, Leaf, Listing, Node

NO_TEXT = Bilingual(zh="", en="")


def fields(
    *, node: Node, required: Sequence[str], optional: Sequence[str] = (), findings: Findings
) -> Mapping[str, Node]:
    """Yield the entries of a mapping, after noting unknown and missing keys."""
    if not isinstance(node, Branch):
        findings.add("not_a_mapping", node.place)
        return MappingProxyType({})
    known = (*required, *optional)
    for key, inner in node.entries.items():
        if key not in known:
            findings.add("unknown_key", inner.place, key=key, known=", ".join(known))
    for key in required:
        if key not in node.entries:
            findings.add("key_missing", node.place, key=key)
    return node.entries


def items(*, node: Node | None, findings: Findings) -> tuple[Node, ...]:
    """Yield the items of a list; of nothing, no items."""
    if node is None or is_null(node):
        return ()
    if not isinstance(node, Listing):
        findings.add("not_a_list", node.place)
        return ()
    return node.items


def entries(*, node: Node | None, findings: Findings) -> Mapping[str, Node]:
    """Yield the entries of a mapping with free keys; of nothing, no entries."""
    if node is None or is_null(node):
        return MappingProxyType({})
    if not isinstance(node, Branch):
        findings.add("not_a_mapping", node.place)
        return MappingProxyType({})
    return node.entries


def is_null(node: Node | None) -> bool:
    """Say whether a node is absent or null."""
    return node is None or (isinstance(node, Leaf) and node.is_null)


def text(*, node: Node | None, findings: Findings) -> str:
    """Yield a text as written; whatever it looks like (a number, a date), it stays text."""
    if node is None:
        return ""
    if not isinstance(node, Leaf) or node.is_null or not node.text.strip():
        findings.add("not_a_text", node.place)
        return ""
    return node.text.strip()


def text_or_none(*, node: Node | None, findings: Findings) -> str | None:
    """Yield a text, or None for null."""
    return None if is_null(node) else text(node=node, findings=findings)


def code(*, node: Node | None, known: Sequence[str], findings: Findings) -> str:
    """Yield one of the known codes."""
    found = text(node=node, findings=findings)
    if node is not None and found and found not in known:
        findings.add("bad_code", node.place, text=found, known=", ".join(known))
    return found


def bilingual(*, node: Node | None, findings: Findings) -> Bilingual:
    """Yield a text in both languages; each must be there."""
    if node is None:
        return NO_TEXT
    if not isinstance(node, Branch):
        findings.add("not_a_mapping", node.place)
        return NO_TEXT
    for key, inner in node.entries.items():
        if key not in LANGUAGES:
            findings.add("unknown_key", inner.place, key=key, known=", ".join(LANGUAGES))
    texts = {}
    for language in LANGUAGES:
        inner_node = node.entries.get(language)
        if is_null(inner_node) or (isinstance(inner_node, Leaf) and not inner_node.text.strip()):
            findings.add("language_missing", node.place, language=language)
            texts[language] = ""
        else:
            texts[language] = text(node=inner_node, findings=findings)
    return Bilingual(zh=texts["zh"], en=texts["en"])


def bilingual_or_none(*, node: Node | None, findings: Findings) -> Bilingual | None:
    """Yield a text in both languages, or None for null."""
    return None if is_null(node) else bilingual(node=node, findings=findings)


def label(*, node: Node | None, findings: Findings) -> Bilingual:
    """Yield a name that may be the same in both languages: plain text, or {zh, en}."""
    if isinstance(node, Leaf):
        plain = text(node=node, findings=findings)
        return Bilingual(zh=plain, en=plain)
    return bilingual(node=node, findings=findings)


def label_or_none(*, node: Node | None, findings: Findings) -> Bilingual | None:
    """Yield a label, or None for null."""
    return None if is_null(node) else label(node=node, findings=findings)


def day(*, node: Node | None, findings: Findings) -> date | None:
    """Yield a date; None, with a finding, for anything else."""
    if node is None:
        return None
    try:
        value = node.scalar() if isinstance(node, Leaf) else None
    except ValueError:
        value = None
    if not isinstance(value, date):
        shown = node.text if isinstance(node, Leaf) else "..."
        findings.add("bad_date", node.place, text=shown)
        return None
    return value


def day_or_none(*, node: Node | None, findings: Findings) -> date | None:
    """Yield a date, or None for null."""
    return None if is_null(node) else day(node=node, findings=findings)


def whole(*, node: Node | None, findings: Findings) -> int:
    """Yield a whole number."""
    if node is None:
        return 0
    value = scalar(node=node, findings=findings)
    if isinstance(value, bool) or not isinstance(value, int):
        shown = node.text if isinstance(node, Leaf) else "..."
        findings.add("not_a_whole_number", node.place, text=shown)
        return 0
    return value


def boolean(*, node: Node | None, default: bool, findings: Findings) -> bool:
    """Yield true or false; the default where the key may be left out and is."""
    if node is None:
        return default
    if isinstance(node, Leaf) and not node.quoted and node.text in ("true", "false"):
        return node.text == "true"
    shown = node.text if isinstance(node, Leaf) else "..."
    findings.add("not_a_boolean", node.place, text=shown)
    return default


def scalar(*, node: Node, findings: Findings) -> Frozen:
    """Yield null, true/false, whole number, date or text; a float is refused."""
    if not isinstance(node, Leaf):
        findings.add("not_a_text", node.place)
        return None
    try:
        value = node.scalar()
    except ValueError:
        findings.add("bad_date", node.place, text=node.text)
        return None
    if isinstance(value, Floating):
        findings.add("float_literal", node.place, text=node.text)
        return None
    return value


def frozen(*, node: Node, findings: Findings) -> Frozen:
    """Yield any tree as scalars, tuples and read-only mappings; floats are refused."""
    if isinstance(node, Branch):
        return MappingProxyType(
            {key: frozen(node=inner, findings=findings) for key, inner in node.entries.items()}
        )
    if isinstance(node, Listing):
        return tuple(frozen(node=inner, findings=findings) for inner in node.items)
    return scalar(node=node, findings=findings)
