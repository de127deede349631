"""The types that a DMN model declares, traced back to FEEL's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from recoup.tables.unary import ColumnType

_COLUMN_TYPES = {
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "string": "text",
    "boolean": "boolean",
    "date": "date",
}
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """The declared shape of an input: a FEEL type, a structure of parts, or a list of either."""

    type_name: str | None = None
    parts: Mapping[str, "Shape"] = field(default_factory=dict)
    is_list: bool = False


class ItemTypes:
    """The item definitions of one model."""

    def __init__(self, root: etree._Element, namespace: str) -> None:
        self._tag = f"{{{namespace}}}"
        self._items = {
            item.get("name", ""): item for item in root.iterchildren(f"{self._tag}itemDefinition")
        }
        self._variables: dict[str, str] = {}
        for tag in ("inputData", "decision"):
            for element in root.iterchildren(f"{self._tag}{tag}"):
                variable = element.find(f"{self._tag}variable")
                if variable is not None:
                    self._variables[element.get("name", "")] = variable.get("typeRef", "")

    def of(self, element: etree._Element) -> str | None:
        """Yield the type that an element refers to, as an attribute or as a child."""
        name = element.get("typeRef")
        if name is None:
            child = element.find(f"{self._tag}typeRef")
            name = "" if child is None or child.text is None else child.text
        return self.resolved(name)

    def resolved(self, name: str) -> str | None:
        """Yield the FEEL type behind a name; None for structures, lists and no type at all."""
        for _ in range(_DEEPEST):
            bare = name.strip().rpartition(":")[2]
            item = self._items.get(bare, self._items.get(name.strip()))
            if item is None:
                return bare.removeprefix("feel.") or None
            child = item.find(f"{self._tag}typeRef")
            if item.get("isCollection") == "true" or child is None or child.text is None:
                return None
            name = child.text
        return None

    def shape(self, element: etree._Element, *, depth: int = 0) -> Shape:
        """Yield the shape that an element declares, down to the parts of structures."""
        components = element.findall(f"{self._tag}itemComponent")
        is_list = element.get("isCollection") == "true"
        if components:
            parts = {
                " ".join((part.get("name") or "").split()): self.shape(part, depth=depth + 1)
                for part in components
                if depth < _DEEPEST
            }
            return Shape(parts=parts, is_list=is_list)
        child = element.find(f"{self._tag}typeRef")
        name = element.get("typeRef") or ("" if child is None else child.text or "")
        bare = name.strip().rpartition(":")[2]
        item = self._items.get(bare, self._items.get(name.strip()))
        if item is None or depth >= _DEEPEST:
            return Shape(type_name=bare.removeprefix("feel.") or None, is_list=is_list)
        found = self.shape(item, depth=depth + 1)
        return Shape(found.type_name, found.parts, is_list or found.is_list)

    def column_type(self, declared: str, expression: str) -> ColumnType | None:
        """Yield the column type of an input: as declared, else as the variable it names."""
        found = self.resolved(declared) if declared else None
        if found is None and expression in self._variables:
            found = self.resolved(self._variables[expression])
        return cast("ColumnType | None", _COLUMN_TYPES.get(found or ""))
