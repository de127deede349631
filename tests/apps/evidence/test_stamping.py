"""Seals are stamped by a real authority (RFC 3161); a stamp over anything else is refused."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.apps.evidence.authority import Authority, authority, openssl
from tests.apps.evidence.conftest import AS_OF, DAY, Person

from recoup.apps.evidence.actions import seal_until, stamp_due, take_bundle
from recoup.apps.evidence.models import Seal, TimeStamp
from recoup.apps.evidence.verifying import verified
from recoup.apps.people.permissions import Actor
from recoup.documents.bundle import signing

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def the_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """One authority for all tests."""
    with authority(tmp_path_factory.mktemp("authority")) as found:
        yield found


@pytest.fixture
def stamping(the_authority: Authority, settings: Any) -> Authority:
    """The authority, named by the desk's settings; it answers."""
    the_authority.answers = True
    settings.TSA_URL, settings.TSA_ROOTS = (
        the_authority.address,
        str(the_authority.certificate),
    )
    return the_authority


def test_each_seal_is_stamped_once_and_the_stamp_holds(
    stamping: Authority, key: signing.SigningKey, at: datetime, db: None
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    seal_until(last_on=AS_OF + DAY, at=at + 2 * DAY)

    assert stamp_due(at=at + 2 * DAY) == 2
    assert stamp_due(at=at + 2 * DAY) == 0
    for seal in Seal.objects.select_related("key", "stamp"):
        assert verified(seal).faults == ()
        assert seal.stamp.authority == stamping.address


def test_a_bundle_carries_the_stamp_and_openssl_holds_it_too(
    stamping: Authority,
    person: Person,
    auditor: Actor,
    key: signing.SigningKey,
    at: datetime,
    tmp_path: Path,
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    stamp_due(at=at + DAY)
    taken = take_bundle(
        actor=auditor, debtor_id="D1", language="en", why="for the court", at=at + DAY
    )
    folder = tmp_path / "elsewhere"
    with zipfile.ZipFile(BytesIO(taken.content)) as opened:
        opened.extractall(folder)
    seal = json.loads((folder / "seals" / "2026-11-20.json").read_text())
    signature = tmp_path / "signature.bin"
    signature.write_bytes(bytes.fromhex(seal["signature"]))

    said = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stdout
    assert "1 time stamps" in said.stdout
    stamp = str(folder / "seals" / "2026-11-20.tsr")
    openssl(
        *("ts", "-verify", "-in", stamp, "-data", str(signature)),
        *("-CAfile", str(stamping.certificate)),
    )


def test_an_authority_that_fails_or_is_not_trusted_stamps_nothing_and_is_asked_again(
    stamping: Authority, key: signing.SigningKey, at: datetime, db: None, settings: Any
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    stamping.answers = False
    assert stamp_due(at=at + DAY) == 0

    stamping.answers = True
    settings.TSA_ROOTS = ""
    assert stamp_due(at=at + DAY) == 0

    settings.TSA_ROOTS = str(stamping.certificate)
    assert stamp_due(at=at + DAY) == 1


def test_a_stamp_of_another_seal_does_not_hold(
    stamping: Authority, key: signing.SigningKey, at: datetime, db: None
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)
    stamp_due(at=at + DAY)
    seal_until(last_on=AS_OF + DAY, at=at + 2 * DAY)
    second = Seal.objects.latest("day")
    stamp = TimeStamp.objects.get()
    TimeStamp.objects.create(seal=second, authority="x", stamped_at=at, answer=bytes(stamp.answer))

    found = verified(Seal.objects.select_related("key", "stamp").latest("day")).faults

    assert "the time stamp does not hold" in found[0].en


def test_without_an_authority_nothing_is_asked(
    key: signing.SigningKey, at: datetime, db: None
) -> None:
    seal_until(last_on=AS_OF, at=at + DAY)

    assert stamp_due(at=at + DAY) == 0
