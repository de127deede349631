"""The description of the API is kept by the API: schemathesis calls every operation and finds none
that answers what it does not say."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth

from recoup.api import tokens
from recoup.apps.people.models import Staff
from recoup.apps.people.roles import ROOMS, VERBS
from recoup.apps.portfolio.models import Contract

#: The character NUL is refused everywhere (400); so it is not part of what is called valid.
WITHOUT_NUL = SchemathesisConfig.from_dict({"generation": {"allow-x00": False}})
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def secret(make_staff: Callable[..., Staff]) -> str:
    """A token with every duty, of a member of staff who has every role."""
    staff = make_staff("supervisor", scope=("bank", ""))
    for role in ("administrator", "compliance_officer", "loan_officer"):
        staff.roles.add(make_staff(role).roles.get())
    every = frozenset(f"{verb} {room}" for verb in VERBS for room in ROOMS)
    now = datetime.now(tz=UTC)
    tokens.make_token(
        staff_id=staff.pk, name="t", scopes=every, secret="everything", days=1, at=now
    )
    return f"{tokens.PREFIX}everything"


def test_the_description_is_openapi_3_1_and_names_every_problem(client: Client) -> None:
    described = client.get("/api/openapi.json").json()

    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            problems = {code for code in operation["responses"] if int(code) >= 400}
            assert {"401", "403", "404", "422"} <= problems, f"{verb} {path}"
            assert operation["summary"], f"{verb} {path} has no summary"


def validated(client: Client, case: schemathesis.Case, headers: dict[str, str]) -> None:
    """Send a case as a program would; hold the answer to the description."""
    asked = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
    names = ("method", "url", "headers", "params", "json", "data", "cookies")
    sent = requests.Request(**{name: asked[name] for name in names if name in asked}).prepare()
    answer = client.generic(
        str(sent.method),
        sent.path_url,
        data=sent.body or b"",
        content_type=sent.headers.get("Content-Type", "application/json"),
        headers={name: value for name, value in sent.headers.items() if name != "Content-Length"},
    )
    request = httpx.Request(str(sent.method), str(sent.url), headers=dict(sent.headers))
    found = httpx.Response(
        answer.status_code, headers=dict(answer.headers), content=answer.content, request=request
    )
    found.elapsed = timedelta(0)
    case.validate_response(found, excluded_checks=[ignored_auth])


def test_schemathesis_finds_nothing(client: Client, secret: str, published_bank: object) -> None:
    described = json.loads(client.get("/api/openapi.json").content)
    schema = schemathesis.openapi.from_dict(described, config=WITHOUT_NUL)

    loan = Contract.objects.filter(dpd__gt=0).earliest("pk")
    real = {"debtor_id": loan.debtor_id, "contract_id": loan.pk}

    def keeps_its_word(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        validated(client, case, headers)
        # Once more about somebody who is there: what is found has to fit its description as well.
        if named := set(real) & set(case.path_parameters or {}):
            case.path_parameters.update({name: real[name] for name in named})
            validated(client, case, headers)

    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations
    for operation in operations:
        SETTINGS(given(case=operation.as_strategy())(keeps_its_word))()
