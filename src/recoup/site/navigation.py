"""What stands in the bar at the top: the pages that this person's duties open."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recoup.apps.people.permissions import Actor
from recoup.kernel.duties import ROOM_NAMES

#: The duty in any room opens the page.
ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page in the bar: its URL name, its title, and the duty that opens it."""

    name: str
    title: str | Promise
    verb: str
    room: str
    icon: str


ENTRIES = (
    Entry(name="cases:my-day", title=_("My day"), verb="work", room="cases", icon="sun"),
    Entry(name="cases:list", title=_("Cases"), verb="view", room="cases", icon="folder"),
    Entry(name="analytics:board", title=_("Team board"), verb="assign", room="cases", icon="users"),
    Entry(
        name="analytics:dashboard",
        title=_("Dashboard"),
        verb="view",
        room="analytics",
        icon="chart-bar",
    ),
    Entry(
        name="arrangements:promises",
        title=_("Promises"),
        verb="view",
        room="arrangements",
        icon="calendar",
    ),
    Entry(
        name="complaints:list",
        title=_("Complaints"),
        verb="view",
        room="complaints",
        icon="message",
    ),
    Entry(name="ledger:postings", title=_("Receipts"), verb="view", room="ledger", icon="coins"),
    Entry(name="quality:queue", title=_("Quality"), verb="work", room="quality", icon="stars"),
    Entry(name="visits:day", title=_("Visits"), verb="work", room="visits", icon="map"),
    Entry(name="contacts:letters", title=_("Letters"), verb="export", room="contacts", icon="mail"),
    Entry(name="contacts:replies", title=_("Replies"), verb="assign", room="contacts", icon="mail"),
    Entry(name="closing:nights", title=_("Nights"), verb="view", room="closing", icon="moon"),
    Entry(
        name="compliance:approvals",
        title=_("Approvals"),
        verb="approve",
        room=ANY,
        icon="checks",
    ),
    Entry(
        name="compliance:trail", title=_("Trail"), verb="view", room="compliance", icon="history"
    ),
    Entry(name="people:staff", title=_("People"), verb="view", room="people", icon="id"),
)


def open_entries(actor: Actor) -> tuple[tuple[Entry, str], ...]:
    """Yield the entries that this person's duties open, with their addresses."""
    found = []
    for entry in ENTRIES:
        try:
            address = reverse(entry.name)
        except NoReverseMatch:
            continue  # the room is not installed
        rooms = ROOM_NAMES if entry.room == ANY else (entry.room,)
        if any(actor.may(entry.verb, room) for room in rooms):
            found.append((entry, address))
    return tuple(found)


def intake(request: HttpRequest, actor: Actor) -> str:
    """Yield where a complaint is taken in, with the person whom the page is about; or nothing."""
    if not actor.may("work", "complaints") or actor.borrowed:
        return ""
    match = request.resolver_match
    debtor_id = str(match.kwargs.get("debtor_id", "")) if match else ""
    address = reverse("complaints:new")
    return f"{address}?{urlencode({'debtor': debtor_id})}" if debtor_id else address


def navigation(request: HttpRequest) -> dict[str, object]:
    """Yield the bar's entries for a template; none before somebody has signed in."""
    actor = getattr(request, "actor", None)
    shown: list[dict[str, object]] = []
    for entry, address in open_entries(actor) if actor else ():
        here = request.path == address or (address != "/" and request.path.startswith(address))
        shown.append({"title": entry.title, "address": address, "here": here, "icon": entry.icon})
    return {
        "bar": shown,
        "intake": intake(request, actor) if actor else "",
        "actor": actor,
        "at": getattr(request, "at", None),
        "demonstration": bool(settings.CLOCK_STARTS_AT),
    }
