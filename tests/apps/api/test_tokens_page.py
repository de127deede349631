"""Staff make tokens for their programs; the secret is shown once and never stronger than they."""

import re
from collections.abc import Callable

from django.test import Client

from recoup.api.models import Token
from recoup.apps.compliance.models import AuditEntry
from recoup.apps.people.models import Staff

MakeStaff = Callable[..., Staff]


def test_a_token_made_on_the_page_opens_the_api(client: Client, make_staff: MakeStaff) -> None:
    client.force_login(make_staff("collector"), "django.contrib.auth.backends.ModelBackend")

    form = {"name": "dialler", "days": "30", "scopes": ["view cases", "configure people"]}
    made = client.post("/tokens/new", form)
    secret = re.search(r"recoup_[\w-]+", made.content.decode()).group()
    answer = Client().get("/api/me", headers={"Authorization": f"Bearer {secret}"})

    assert answer.json()["duties"] == ["view cases"]
    assert secret not in client.get("/tokens/").content.decode()
    assert AuditEntry.objects.get(verb="make_token").after["scopes"] == ["view cases"]


def test_a_token_of_somebody_else_cannot_be_withdrawn(
    client: Client, make_staff: MakeStaff
) -> None:
    client.force_login(make_staff("collector"), "django.contrib.auth.backends.ModelBackend")
    client.post("/tokens/new", {"name": "mine", "days": "30", "scopes": ["view cases"]})
    token = Token.objects.get()
    stranger = Client()
    stranger.force_login(make_staff("collector"), "django.contrib.auth.backends.ModelBackend")

    refused = stranger.post(f"/tokens/{token.pk}/end")
    assert refused.status_code == 404

    client.post(f"/tokens/{token.pk}/end")
    token.refresh_from_db()
    assert token.withdrawn_at is not None


def test_a_token_without_a_name_is_refused_with_a_sentence(
    client: Client, make_staff: MakeStaff
) -> None:
    client.force_login(make_staff("collector"), "django.contrib.auth.backends.ModelBackend")

    answer = client.post("/tokens/new", {"name": " ", "scopes": ["view cases"]})

    assert answer.status_code == 422
    assert "令牌需要一个名称" in answer.content.decode()


def test_what_a_token_may_do_is_told_in_the_readers_language(
    client: Client, make_staff: MakeStaff
) -> None:
    client.force_login(make_staff("collector"), "django.contrib.auth.backends.ModelBackend")
    for language, told in (("zh-hans", "案件: 查看"), ("en", "cases: view")):
        client.cookies["django_language"] = language
        assert told in client.get("/tokens/").content.decode()
