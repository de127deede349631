"""Reads YAML into a tree in which every node knows its file, line and path.

A pack needs less than YAML offers and more care: no floats by accident, no key twice, no anchors,
and a place to point at for every complaint. So scalars are kept as written and resolved here, by
the few rules below, instead of by YAML's own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from recoup.policy.findings import Findings, Place

WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*|[1-9][0-9]{0,2}(_[0-9]{3})+)")
FLOATING = re.compile(
    r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|[-+]?\.(inf|nan)"
)
DATE_LIKE = re.compile(r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}")
NULLS = ("", "~", "null")
DEEPEST = 40
#: What the quick parser does not tell (anchors, aliases, tags, where a value may begin; directives)
#: or reads by YAML 1.1 (line breaks).
NOT_FOR_THE_QUICK = re.compile(r"(?:^|[\s\[{,:])[&*!]|^%|[\t\x85\u2028\u2029]", re.MULTILINE)
#: PyYAML's parser in C, where it was built with one.
_QUICK = getattr(yaml, "CSafeLoader", None)


class Floating:
    """What a floating-point literal resolves to, so that its reader can refuse it."""


Scalar: TypeAlias = bool | int | str | date | Floating | None


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A scalar as written; ``quoted`` texts are never taken for anything else."""

    place: Place
    text: str
    quoted: bool

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in NULLS

    def scalar(self) -> Scalar:
        """Yield the value: null, true or false, whole number, date, float mark, else the text.

        Errors: ValueError for what looks like a date and is none.
        """
        if self.quoted:
            return self.text
        if self.is_null:
            return None
        if self.text in ("true", "false"):
            return self.text == "true"
        if WHOLE_NUMBER.fullmatch(self.text):
            return int(self.text)
        if FLOATING.fullmatch(self.text):
            return Floating()
        if DATE_LIKE.fullmatch(self.text):
            return date.fromisoformat(self.text)
        return self.text


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A mapping, in the order written."""

    place: Place
    entries: Mapping[str, "Node"]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list, in the order written."""

    place: Place
    items: tuple["Node", ...]

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items)


Node: TypeAlias = Leaf | Branch | Listing


def read_tree(*, path: Path, shown_as: str, findings: Findings) -> Node | None:
    """Yield the tree of one YAML file, or None when it cannot be read at all.

    Shape: ``shown_as`` is the file name in every place. Duplicate keys, anchors, aliases and tags
    are noted in ``findings``; so is a file that is no YAML, with the line that the parser names.
    """
    start = Place(file=shown_as, line=1, path="")
    try:
        root = _composed(path.read_text(encoding="utf-8-sig"))
    except OSError as failure:
        findings.add("file_unreadable", start, problem=failure.strerror or str(failure))
        return None
    except UnicodeDecodeError as failure:
        findings.add("file_unreadable", start, problem=f"not UTF-8 (byte {failure.start})")
        return None
    except RecursionError:
        findings.add("nested_too_deep", start)
        return None
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        line = mark.line + 1 if mark is not None else 1
        problem = str(failure.problem or failure.context or "syntax")
        findings.add("yaml_unreadable", replace(start, line=line), problem=problem)
        return None
    except YAMLError as failure:
        findings.add("yaml_unreadable", start, problem=" ".join(str(failure).split()))
        return None
    if root is None:
        findings.add("file_empty", start)
        return None
    return _Planter(file=shown_as, findings=findings).node(root, path="", depth=0)


def _composed(text: str) -> Any:
    """Yield the root node of a document.

    A plain document is parsed in C, in a tenth of the time. Whatever that parser refuses, or might
    read otherwise than YAML 1.2 has it, the slow one reads, and its errors are the ones told.
    """
    if _QUICK is not None and not NOT_FOR_THE_QUICK.search(text):
        try:
            return yaml.compose(text, Loader=_QUICK)
        except yaml.YAMLError:
            pass
    return YAML(typ="safe", pure=True).compose(text)


class _Planter:
    """Turns the nodes of either YAML library into ours."""

    def __init__(self, *, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings

    def node(self, source: Any, *, path: str, depth: int) -> Node:
        place = Place(file=self._file, line=source.start_mark.line + 1, path=path)
        plain_tag = str(source.tag).startswith("tag:yaml.org,2002:")
        if getattr(source, "anchor", None) is not None or not plain_tag:
            # An alias may lead back to its own parent: it is not followed.
            self._findings.add("yaml_anchor", place)
            return Leaf(place=place, text="", quoted=False)
        if depth > DEEPEST:
            self._findings.add("nested_too_deep", place)
            return Leaf(place=place, text="", quoted=False)
        if source.id == "mapping":
            return self._branch(source, place=place, depth=depth)
        if source.id == "sequence":
            return self._listing(source, place=place, depth=depth)
        if source.id != "scalar":
            raise TypeError(f"unexpected node of the YAML library: {type(source).__name__}")
        return Leaf(place=place, text=str(source.value), quoted=bool(source.style))

    def _branch(self, source: Any, *, place: Place, depth: int) -> Branch:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in source.value:
            key = str(key_node.value) if key_node.id == "scalar" else "?"
            path = f"{place.path}.{key}" if place.path else key
            line = key_node.start_mark.line + 1
            if key in entries:
                here = Place(file=self._file, line=line, path=path)
                self._findings.add("duplicate_key", here, key=key, first=lines[key])
                continue
            lines[key] = line
            entries[key] = self.node(value_node, path=path, depth=depth + 1)
        return Branch(place=place, entries=MappingProxyType(entries))

    def _listing(self, source: Any, *, place: Place, depth: int) -> Listing:
        items = []
        for number, item in enumerate(source.value, start=1):
            name = _id_of(item) or str(number)
            items.append(self.node(item, path=f"{place.path}[{name}]", depth=depth + 1))
        return Listing(place=place, items=tuple(items))


def _id_of(source: Any) -> str | None:
    """Yield the id of a list item that is a mapping with an id, for its path."""
    if source.id != "mapping":
        return None
    for key_node, value_node in source.value:
        if getattr(key_node, "value", None) == "id" and value_node.id == "scalar":
            return str(value_node.value)
    return None
