"""The bank's OpenID provider signs in staff whom the administrator has made, and nobody else."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from recoup.apps.people.models import Staff

MakeStaff = Callable[..., Staff]


def unsigned(claims: dict[str, object]) -> str:
    parts = ({"alg": "none"}, claims)
    told = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts
    ]
    return ".".join((*told, ""))


class Provider(HTTPServer):
    """A bank's sign-in page that confirms whoever is named."""

    claims: dict[str, object]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    """Answers discovery, token and userinfo."""

    server: Provider

    def _tell(self, content: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def do_GET(self) -> None:
        if "openid-configuration" in self.path:
            here = self.server.address
            self._tell(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                }
            )
        else:
            self._tell(self.server.claims)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        issued = {**self.server.claims, "iss": self.server.address, "aud": "desk", "exp": 2**33}
        self._tell({"access_token": "t", "token_type": "Bearer", "id_token": unsigned(issued)})

    def log_message(self, *words: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    server = Provider(("127.0.0.1", 0), Answers)
    server.claims = {"sub": "s-1", "preferred_username": "wang"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "bank",
        "name": "行内统一认证",
        "client_id": "desk",
        "secret": "secret",
        "settings": {"server_url": server.address, "claim": "preferred_username"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


def signed_in_at_the_bank(client: Client) -> Any:
    """Press the button, be confirmed at the bank, and come back."""
    away = client.post("/account/oidc/bank/login/")
    state = parse_qs(urlsplit(away.headers["Location"]).query)["state"][0]
    return client.get("/account/oidc/bank/login/callback/", {"code": "c", "state": state})


def test_the_sign_in_page_leads_to_the_bank(client: Client, provider: Provider) -> None:
    page = client.get("/account/login/").content.decode()

    assert "行内统一认证" in page
    assert 'action="/account/oidc/bank/login/' in page
    away = client.post("/account/oidc/bank/login/")
    assert away.headers["Location"].startswith(f"{provider.address}/authorize?")


@pytest.mark.parametrize("claim", ["wang", "collector-1"])
def test_a_known_name_or_staff_number_signs_in(
    client: Client, provider: Provider, make_staff: MakeStaff, claim: str
) -> None:
    staff = make_staff("collector", name="wang")
    provider.claims["preferred_username"] = claim

    signed_in_at_the_bank(client)

    assert client.session.get("_auth_user_id") == str(staff.pk)
    assert client.get("/people/me/").status_code == 200


def test_an_unknown_account_makes_no_member_of_staff(
    client: Client, provider: Provider, make_staff: MakeStaff
) -> None:
    make_staff("collector", name="somebody-else")

    answer = signed_in_at_the_bank(client)

    assert "还没有开通账户" in answer.content.decode()
    assert Staff.objects.count() == 1
    assert client.get("/people/me/").status_code == 302


def test_who_has_left_is_not_signed_in_by_the_bank_either(
    client: Client, provider: Provider, make_staff: MakeStaff
) -> None:
    Staff.objects.filter(pk=make_staff("collector", name="wang").pk).update(is_active=False)

    signed_in_at_the_bank(client)

    assert client.get("/people/me/").status_code == 302
