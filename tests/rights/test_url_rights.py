"""Every address is tried by a stranger, by the right person over the wrong debtors, and by a person
over the right debtors without the duty. The addresses come from the resolver: a new one without an
entry in ``rights.py`` fails here."""

from collections.abc import Callable, Iterable, Mapping

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.rights.addresses import addresses
from tests.rights.right import OPEN, SIGNED_IN, Right
from tests.rights.rights import LEFT_TO_OTHERS, RIGHTS

from recoup.apps.people.models import Staff
from recoup.apps.people.roles import STANDARD_ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.rooms]
MakeStaff = Callable[..., Staff]
SignIn = Callable[..., Client]
World = Mapping[str, str]
SCOPED = [name for name, right in RIGHTS.items() if right.scoped and not right.own]
DUTIFUL = [name for name, right in RIGHTS.items() if right.duty not in (OPEN, SIGNED_IN)]
#: What a door answers; anything else is the act's own answer, to be tested where the act is.
AT_THE_DOOR = (401, 403, 404, 405, 500)


def test_every_address_says_what_it_asks() -> None:
    named = {one.name for one in addresses()}

    silent = {one for one in named - set(RIGHTS) if not one.startswith(LEFT_TO_OTHERS)}
    gone = set(RIGHTS) - named

    assert not silent, f"say in tests/rights/rights.py what these ask: {sorted(silent)}"
    assert not gone, f"these are no addresses any more: {sorted(gone)}"


def opened(client: Client, name: str, world: World) -> int:
    """Open an address as its entry says, leaving no trace; yield the status."""
    right = RIGHTS[name]
    address = reverse(name, kwargs={key: world[of] for key, of in right.arguments.items()})
    data = {key: value.format(**world) for key, value in right.data.items()}
    json = {"content_type": "application/json"} if _is_api_act(name, right) else {}
    more = {"Idempotency-Key": f"key of {name}"} if json else {}
    with transaction.atomic():
        status = getattr(client, right.method)(address, data, headers=more, **json).status_code
        transaction.set_rollback(True)
    return int(status)


def _is_api_act(name: str, right: Right) -> bool:
    return name.startswith("api:") and right.method != "get"


def holder_of(right: Right) -> str:
    """Yield the first standard role that has the duty."""
    return right.role or next(one.code for one in STANDARD_ROLES if right.duty in one.duties)


def without(right: Right) -> str:
    """Yield a standard role that has not the duty."""
    return next(one.code for one in reversed(STANDARD_ROLES) if right.duty not in one.duties)


class Visitors:
    """Members of staff by role, made once each and signed in by page and by token."""

    def __init__(self, make_staff: MakeStaff, sign_in: SignIn, **place: object) -> None:
        self._make, self._sign, self._place = make_staff, sign_in, place
        self._clients: dict[tuple[str, bool], Client] = {}

    def of(self, role: str, name: str) -> Client:
        """Yield the browser or the program of somebody with a role."""
        key = (role, name.startswith("api:"))
        if key not in self._clients:
            staff = self._make(role, **self._place)
            self._clients[key] = self._sign(staff, by_token=key[1])
        return self._clients[key]


def wrong(found: Iterable[tuple[str, int]], right: Callable[[int], bool]) -> dict[str, int]:
    """Yield the addresses that answered otherwise than they should."""
    return {name: status for name, status in found if not right(status)}


def test_a_stranger_is_sent_to_the_door(world: World) -> None:
    def met(name: str) -> bool:
        status = opened(Client(raise_request_exception=False), name, world)
        if RIGHTS[name].duty == OPEN:
            return status in (200, 302, 404)
        return status == 401 if name.startswith("api:") else status in (302, 401)

    assert [name for name in RIGHTS if not met(name)] == []


def test_over_other_debtors_the_record_does_not_exist(
    world: World, make_staff: MakeStaff, signed_in: SignIn
) -> None:
    visitors = Visitors(make_staff, signed_in, team="somewhere else")

    found = [
        (name, opened(visitors.of(holder_of(RIGHTS[name]), name), name, world)) for name in SCOPED
    ]

    assert wrong(found, lambda status: status == 404) == {}


def test_without_the_duty_it_is_refused(
    world: World, make_staff: MakeStaff, signed_in: SignIn
) -> None:
    visitors = Visitors(make_staff, signed_in, scope=("bank", ""))

    found = [
        (name, opened(visitors.of(without(RIGHTS[name]), name), name, world)) for name in DUTIFUL
    ]

    assert wrong(found, lambda status: status == 403) == {}


def test_the_right_person_is_let_in(world: World, make_staff: MakeStaff, signed_in: SignIn) -> None:
    """Whatever the act then makes of an empty form: it is not the door that refuses."""
    visitors = Visitors(make_staff, signed_in, scope=("bank", ""))

    found = [
        (name, opened(visitors.of(holder_of(RIGHTS[name]), name), name, world))
        for name in DUTIFUL
        if not RIGHTS[name].own
    ]

    assert wrong(found, lambda status: status not in AT_THE_DOOR) == {}


def test_what_is_somebodys_own_is_refused_to_everybody_else(
    world: World, make_staff: MakeStaff, signed_in: SignIn
) -> None:
    visitors = Visitors(make_staff, signed_in, scope=("bank", ""))
    own = [name for name, right in RIGHTS.items() if right.own]

    found = [
        (name, opened(visitors.of(holder_of(RIGHTS[name]), name), name, world)) for name in own
    ]

    assert own
    assert wrong(found, lambda status: status in (403, 404)) == {}
