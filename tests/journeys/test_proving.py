"""Proof that leaves the house: a bundle is taken along and verified on another machine."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.desk import DESKTOP, PHONE
from tests.journeys.test_looking import look
from tests.journeys.test_wanting import first_case


def verified(folder: Path, language: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own script with nothing of ours to be found."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), "--lang", language]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_auditor_verifies_a_bundle(
    sign_in: SignIn, language: str, size: dict[str, int], tmp_path: Path
) -> None:
    auditor = sign_in("auditor", language=language, size=size)
    page = auditor.open(first_case(auditor, "state=open&sort=overdue"))
    panel = page.locator("#rc-evidence")
    expect(panel).to_be_visible()
    assert auditor.pixels_too_wide() <= 0

    panel.locator("input[name=why]").fill("向某区人民法院起诉 suit")
    with page.expect_download() as taken:
        panel.locator("form button").click()
    folder = tmp_path / "another machine"
    with zipfile.ZipFile(taken.value.path()) as opened:
        opened.extractall(folder)

    whole = verified(folder, language)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    index = folder / "index.pdf"
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 1
    index.write_bytes(content)
    altered = verified(folder, language)
    assert altered.returncode == 1
    assert ("index.pdf：被改动" if language == "zh" else "index.pdf: altered") in altered.stdout

    page = auditor.open("/compliance/exports/")
    expect(page.locator("main")).to_contain_text("suit")
    for path in ("/evidence/seals/", "/evidence/report/"):
        auditor.open(path)
        look(auditor, path, language=language)
