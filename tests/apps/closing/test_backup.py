"""The drill: a desk is backed up while it works, lost, and brought back, on either database."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

pytestmark = pytest.mark.slow

FILL = """
from pathlib import Path
from django.conf import settings
from recoup.apps.people.models import Branch
Branch.objects.create(code="B7", name="城东支行")
kept = Path(settings.KEPT_FILES) / "ab" / "abcdef"
kept.parent.mkdir(parents=True)
kept.write_bytes(b"proof")
"""
LOOK = (
    "from recoup.apps.people.models import Branch; print(list(Branch.objects.values_list('name')))"
)


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a desk of the test's own: a folder, or an empty database of the server."""
    found = {**os.environ, "RECOUP_DATA": str(tmp_path / "desk"), "RECOUP_CLOCK": ""}
    for name in ("DJANGO_SETTINGS_MODULE", "RECOUP_SECRET_KEY"):
        found.pop(name, None)
    if connection.vendor == "postgresql":
        found["RECOUP_DATABASE_URL"] = _new_database("drill")
    return found


def _new_database(name: str) -> str:
    base = os.environ["RECOUP_DATABASE_URL"]
    parts = urlsplit(base)
    made = f"{name}_{os.getpid()}"
    with psycopg.connect(base, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{made}"')
        admin.execute(f'CREATE DATABASE "{made}"')
    return urlunsplit(parts._replace(path=f"/{made}"))


def _recoup(*words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recoup.site.cli", *words]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_desk_that_was_lost_is_brought_back_from_its_backup(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "backup.tar.gz"
    assert _recoup("manage", "migrate", env=environment).returncode == 0
    assert _recoup("manage", "shell", "-c", FILL, env=environment).returncode == 0

    made = _recoup("backup", "--out", str(out), env=environment)
    held = _recoup("restore", str(out), env=environment)
    lost = {**environment, "RECOUP_DATA": str(tmp_path / "new")}
    if connection.vendor == "postgresql":
        lost["RECOUP_DATABASE_URL"] = _new_database("restored")
    back = _recoup("restore", str(out), env=lost)
    seen = _recoup("manage", "shell", "-c", LOOK, env=lost)

    assert made.returncode == 0, made.stderr
    assert held.returncode == 3
    assert "--over" in held.stderr
    assert back.returncode == 0, back.stderr
    assert "城东支行" in seen.stdout
    assert (tmp_path / "new" / "files" / "ab" / "abcdef").read_bytes() == b"proof"
    same_key = [tmp_path / place / "secret-key" for place in ("desk", "new")]
    assert same_key[0].read_text() == same_key[1].read_text()
    assert out.stat().st_mode & 0o077 == 0


def test_a_backup_that_was_cut_short_changes_nothing(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "backup.tar.gz"
    with tarfile.open(out, "w:gz") as archive:
        archive.add(__file__, "records.sqlite3")

    refused = _recoup("restore", str(out), "--over", env=environment)

    assert refused.returncode == 3
    assert "no whole backup" in refused.stderr
