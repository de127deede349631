"""Signing in: the gate, wrong passwords, password rules, idle sessions, the second factor."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people import actions
from recoup.apps.people.models import Staff
from recoup.apps.people.queries import actor_of
from recoup.site import presence
from recoup.site.gate import OPEN, OPEN_NAMESPACES

MakeStaff = Callable[..., Staff]
PASSWORD = "a long enough pass phrase"
SIGN_IN = "/account/login/"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def signed_in(staff: Staff, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(SIGN_IN, {"login": staff.username, "password": password})
    return client


def test_the_right_password_opens_the_first_page_of_ones_work(make_staff: MakeStaff) -> None:
    client = Client()
    administrator = make_staff("administrator")

    answer = client.post(SIGN_IN, {"login": administrator.username, "password": PASSWORD})
    home = client.get(answer.headers["Location"])

    assert client.get(home.headers["Location"]).status_code == 200
    told = AuditEntry.objects.filter(record="sign_in", record_id=str(administrator.pk))
    assert [entry.verb for entry in told] == ["sign_in"]


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> set[str]:
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= names(pattern.url_patterns, inner)
        elif pattern.name:
            found.add(f"{space}{pattern.name}")
    return found


def test_the_list_of_open_pages_names_only_pages_that_are_there() -> None:
    assert OPEN - names(get_resolver().url_patterns) == set()
    assert {"api"} == OPEN_NAMESPACES


@pytest.mark.parametrize(
    "address", ["/", "/people/", "/people/me/", "/compliance/trail/", "/tokens/", "/technician/"]
)
def test_a_stranger_is_sent_to_sign_in_and_back(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(SIGN_IN)
    assert address == "/" or f"next={address.replace('/', '%2F')}" in answer.headers["Location"]


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=wang"}

    answer = client.get("/people/", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next=%2Fpeople%2F%3Fq%3Dwang"


@pytest.mark.parametrize(
    "address", ["/account/signup/", "/account/password/reset/", "/account/email/"]
)
def test_pages_of_the_library_that_staff_do_not_use_are_not_there(
    client: Client, make_staff: MakeStaff, address: str
) -> None:
    assert client.get(address).headers["Location"].startswith(SIGN_IN)

    client.force_login(make_staff("collector"))
    assert client.get(address).status_code == 404


def test_five_wrong_passwords_lock_the_name_out_with_429(
    client: Client, make_staff: MakeStaff
) -> None:
    staff = make_staff("collector", name="wang")
    wrong = {"login": "wang", "password": "not the pass phrase"}

    answers = [client.post(SIGN_IN, wrong) for _ in range(5)]
    right = client.post(SIGN_IN, {"login": "wang", "password": PASSWORD})

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert "30" in right.content.decode()
    assert not client.session.get("_auth_user_id")

    administrator = make_staff("administrator")
    actions.unlock_sign_in(
        actor=actor_of(staff_id=administrator.pk, at=datetime.now(tz=UTC)),
        staff_id=staff.pk,
        at=datetime.now(tz=UTC),
    )
    assert client.post(SIGN_IN, {"login": "wang", "password": PASSWORD}).status_code == 302


def test_a_name_that_does_not_exist_is_answered_like_a_wrong_password(
    client: Client, make_staff: MakeStaff
) -> None:
    make_staff("collector", name="wang")

    known = client.post(SIGN_IN, {"login": "wang", "password": "not the pass phrase"})
    unknown = client.post(SIGN_IN, {"login": "nobody", "password": "not the pass phrase"})

    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_who_has_left_does_not_sign_in_and_loses_an_open_session(make_staff: MakeStaff) -> None:
    staff = make_staff("collector", name="wang")
    client = signed_in(staff)
    assert client.get("/people/me/").status_code == 200

    Staff.objects.filter(pk=staff.pk).update(is_active=False)

    assert client.get("/people/me/").status_code == 302
    assert not signed_in(staff).session.get("_auth_user_id")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12"),
        ("123456789012345", "数字"),
        ("password12345", "常见"),
        (PASSWORD, "不能与当前密码相同"),
        ("wang-xiao-ming-1", "相似"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_the_rule(
    make_staff: MakeStaff, password: str, why: str
) -> None:
    client = signed_in(make_staff("collector", name="wang-xiao-ming"))
    change = {"oldpassword": PASSWORD, "password1": password, "password2": password}

    answer = client.post("/account/password/change/", change)

    assert answer.status_code == 200
    assert why in str(answer.context["form"].errors)


def test_a_new_password_works_and_is_on_record(make_staff: MakeStaff) -> None:
    staff = make_staff("collector", name="wang")
    client = signed_in(staff)
    new = "quite another pass phrase"

    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert client.get("/people/me/").status_code == 200, "the own session goes on"
    assert signed_in(staff, new).session.get("_auth_user_id") == str(staff.pk)
    assert AuditEntry.objects.filter(verb="change_password", actor=staff).exists()


def test_an_initial_password_is_changed_before_anything_else(make_staff: MakeStaff) -> None:
    staff = make_staff("collector", name="wang")
    Staff.objects.filter(pk=staff.pk).update(must_change_password=True)
    client = signed_in(staff)

    assert client.get("/people/me/").headers["Location"] == "/account/password/change/"

    new = "quite another pass phrase"
    change = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/account/password/change/", change)
    assert client.get("/people/me/").status_code == 200


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let the desk's clock be put on."""
    begun = datetime.now(tz=UTC)

    def put_on(by: timedelta) -> None:
        monkeypatch.setattr(presence, "now", lambda: begun + by)

    put_on(timedelta(0))
    return put_on


def test_an_idle_session_ends_and_the_sign_in_page_says_so(
    make_staff: MakeStaff, clock: Callable[[timedelta], None]
) -> None:
    client = signed_in(make_staff("collector"))
    assert client.get("/people/me/").status_code == 200

    clock(timedelta(minutes=59))
    assert client.get("/people/me/").status_code == 200
    clock(timedelta(minutes=59 + 61))
    answer = client.get("/people/me/")

    assert answer.headers["Location"] == f"{SIGN_IN}?next=%2Fpeople%2Fme%2F&idle=1"
    assert "没有操作" in client.get(answer.headers["Location"]).content.decode()


def test_requests_that_a_page_makes_by_itself_do_not_keep_a_session(
    make_staff: MakeStaff, clock: Callable[[timedelta], None]
) -> None:
    client = signed_in(make_staff("collector"))
    client.get("/people/me/")

    for minutes in range(5, 61, 5):
        clock(timedelta(minutes=minutes))
        client.get("/people/me/", headers={"Recoup-Background": "1"})
    clock(timedelta(minutes=62))

    assert client.get("/people/me/", headers={"Recoup-Background": "1"}).status_code == 302


def code_of(secret: str, shift: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def test_the_second_factor_is_set_up_asked_for_and_backed_by_recovery_codes(
    make_staff: MakeStaff,
) -> None:
    staff = make_staff("supervisor", name="chen")
    client = signed_in(staff)

    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]

    kept = Authenticator.objects.get(user=staff, type="totp").data["secret"]
    assert secret not in kept, "the secret is kept encrypted"
    assert len(codes) == 10

    second = Client()
    answer = second.post(SIGN_IN, {"login": "chen", "password": PASSWORD})
    assert answer.headers["Location"] == "/account/2fa/authenticate/"
    assert second.get("/people/me/").status_code == 302, "the password alone opens nothing"
    assert second.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    second.post("/account/2fa/authenticate/", {"code": code_of(secret, 1)})
    assert second.get("/people/me/").status_code == 200

    for attempt, opened in ((0, True), (1, False)):
        third = signed_in(staff)
        third.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert (third.get("/people/me/").status_code == 200) is opened, attempt


def test_guessing_second_factors_comes_to_an_end(make_staff: MakeStaff) -> None:
    staff = make_staff("supervisor", name="chen")
    client = signed_in(staff)
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})

    guesser = signed_in(staff)
    for _ in range(5):
        guesser.post("/account/2fa/authenticate/", {"code": "000000"})
    guesser.post("/account/2fa/authenticate/", {"code": code_of(secret, 1)})

    assert guesser.get("/people/me/").status_code == 302


def test_roles_that_need_a_second_factor_set_it_up_first(
    make_staff: MakeStaff, settings: object
) -> None:
    settings.REQUIRE_TOTP = frozenset({"supervisor"})  # type: ignore[attr-defined]
    supervisor, collector = signed_in(make_staff("supervisor")), signed_in(make_staff("collector"))

    assert supervisor.get("/people/").headers["Location"] == "/account/2fa/totp/activate/"
    part = supervisor.get("/people/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/account/2fa/totp/activate/"
    assert collector.get("/people/me/").status_code == 200

    secret = supervisor.get("/account/2fa/totp/activate/").context["form"].secret
    supervisor.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert supervisor.get("/people/").status_code == 200


def test_a_lost_second_factor_is_reset_by_the_administrator(make_staff: MakeStaff) -> None:
    staff = make_staff("supervisor", name="chen")
    client = signed_in(staff)
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})

    administrator = signed_in(make_staff("administrator"))
    administrator.post(f"/people/{staff.pk}/second-step")

    assert signed_in(staff).get("/people/me/").status_code == 200
    assert AuditEntry.objects.filter(verb="reset_totp").exists()


def test_the_technicians_admin_opens_to_technicians_alone(make_staff: MakeStaff) -> None:
    technician = make_staff("administrator")
    Staff.objects.filter(pk=technician.pk).update(is_staff=True, is_superuser=True)
    plain = make_staff("administrator")
    superuser = make_staff("collector")
    Staff.objects.filter(pk=superuser.pk).update(is_staff=True, is_superuser=True)

    assert signed_in(technician).get("/technician/").status_code == 200
    assert signed_in(technician).get("/technician/people/staff/").status_code == 200
    assert signed_in(plain).get("/technician/").status_code == 302
    assert signed_in(superuser).get("/technician/").status_code == 302
