"""Every address of the desk, taken from the resolver, and every operation of the API."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One address: its name with the room's, and its pattern."""

    name: str
    pattern: str


def addresses() -> tuple[Address, ...]:
    """Yield every named address; one without a name has its pattern for a name."""
    return tuple(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], space: str, before: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, before + str(pattern.pattern))
        else:
            place = before + str(pattern.pattern)
            yield Address(f"{space}{pattern.name}" if pattern.name else place, place)
