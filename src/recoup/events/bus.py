"""Publishes facts: a room says what happened, rooms above listen, in the same transaction.

An event is a frozen dataclass in a room's ``events``. Listeners are named once, in
``recoup.site.wiring``; they run in the order in which they were named, and an error in one undoes
the act. What may fail without undoing the act (a web hook, a re-decision) is put off by its
listener until after the commit.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

_listeners: dict[type[Any], list[Callable[[Any], None]]] = {}


def listen(kind: type[Event], listener: Callable[[Event], None]) -> None:
    """Call ``listener`` with every event of a kind from now on; naming it twice counts once."""
    listeners = _listeners.setdefault(kind, [])
    if listener not in listeners:
        listeners.append(listener)


def publish(event: object) -> None:
    """Tell a fact to all who listen to its kind, in order, now."""
    for listener in _listeners.get(type(event), ()):
        listener(event)
