"""The bundle of a case: what it holds, and that its script names whatever is done to it."""

import csv
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest
from tests.apps.evidence.conftest import AS_OF, DAY, Person, write

from recoup.apps.cases.actions import add_note
from recoup.apps.compliance.models import AuditEntry, Export
from recoup.apps.evidence.actions import seal_until, take_bundle
from recoup.apps.evidence.actions.taking import PaperChanged, WhyMissing
from recoup.apps.people.permissions import Actor, NotAllowed, NotFound
from recoup.documents.bundle import packing, signing
from recoup.web.kept_files import kept_path

WHY = "向某区人民法院起诉"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that lies in every bundle, loaded as a module."""
    path = Path(packing.__file__).with_name("verify.py")
    spec = importlib.util.spec_from_file_location("verify_of_the_case", path)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def taken(actor: Actor, at: datetime, *, language: str = "zh") -> bytes:
    return take_bundle(
        actor=actor, debtor_id="D1", language=language, why=WHY, at=at + 2 * DAY
    ).content


def files_of(archive: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def laid_out(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own script, with nothing of ours to be found."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_a_bundle_verifies_itself_in_another_folder(
    sealed: Person, auditor: Actor, key: signing.SigningKey, at: datetime, tmp_path: Path
) -> None:
    folder = laid_out(files_of(taken(auditor, at)), tmp_path / "elsewhere")

    both = run(folder)
    right = run(folder, "--key", key.fingerprint, "--lang", "en")
    wrong = run(folder, "--key", "0" * 64, "--lang", "zh")

    assert both.returncode == 0, both.stdout + both.stderr
    assert "完整" in both.stdout
    assert "intact" in both.stdout
    assert "2 seals" in right.stdout
    assert right.returncode == 0
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in right.stdout.splitlines()[-1])
    assert wrong.returncode == 1
    assert "另一密钥" in wrong.stdout


def test_a_bundle_holds_all_that_a_court_would_look_at(
    sealed: Person, auditor: Actor, key: signing.SigningKey, at: datetime
) -> None:
    files = files_of(taken(auditor, at))

    manifest = json.loads(files["manifest.json"])
    assert {one["name"] for one in manifest["files"]} == set(files) - {
        "manifest.json",
        "manifest.sig",
    }
    assert manifest["why"] == WHY
    assert manifest["unsealed"] > 0
    assert manifest["seals"] == ["2026-11-20", "2026-11-21"]
    messages = list(csv.reader(io.StringIO(files["lists/messages.csv"].decode("utf-8-sig"))))
    assert "【某银行】您的借款已逾期，请与我们联系。" in [row[-1] for row in messages]
    assert "好的" in [row[-1] for row in messages]
    contacts = files["lists/contacts.csv"].decode("utf-8-sig")
    assert "pbx-7/2026-11-20/42.wav" in contacts
    assert b"pbx-7/2026-11-20/42.wav" in files["records/contacts.jsonl"]
    gate = [json.loads(line) for line in files["records/gate.jsonl"].splitlines()]
    assert any(not one["content"]["permitted"] for one in gate)
    assert all(one["content"]["facts"] and one["content"]["basis"] for one in gate)
    rules = {one["rule"]: one for one in json.loads(files["rules/rules.json"])["rules"]}
    assert rules["CN-CON-01"]["sources"]
    assert rules["CN-CON-01"]["used_on"] == ["2026-11-20"]
    assert json.loads(files["rules/rules.json"])["strategy"]["version"]
    names = [name for name in files if name.startswith("documents/")]
    assert any(name.endswith("statement-C1.pdf") for name in names)
    assert any(files[name] == "借款合同 …".encode() * 2000 for name in names)
    assert any("您的借款已逾期".encode() in files[name] for name in names)
    assert files["index.pdf"].startswith(b"%PDF-")
    states = {one["item"]: one["state"] for one in json.loads(files["court-papers.json"])}
    assert (states["statement"], states["demand"]) == ("here", "here")
    assert (states["contract"], states["guarantee_contract"]) == ("missing", "missing")
    assert states["assignment_notice"] == "unknown"
    assert "security_contract" not in states


def test_the_same_records_give_the_same_bytes(
    sealed: Person, auditor: Actor, key: signing.SigningKey, at: datetime
) -> None:
    first, second = files_of(taken(auditor, at)), files_of(taken(auditor, at))

    # Taking it along is itself an entry, and each export has its number.
    grown = {"records/trail.jsonl", "index.pdf", "manifest.json", "manifest.sig"}
    assert {name for name in first if first[name] != second[name]} == grown
    member = packing.Member(name="a", content=b"b")
    packs = {packing.packed(members=[member], head={}, key=key) for _ in range(2)}
    assert len(packs) == 1


def test_who_takes_a_bundle_and_why_is_on_record(
    sealed: Person, auditor: Actor, key: signing.SigningKey, at: datetime
) -> None:
    taken(auditor, at)

    export = Export.objects.get(kind="case_bundle")
    assert (export.parameters["debtor_id"], export.parameters["why"]) == ("D1", WHY)
    entry = AuditEntry.objects.get(verb="take_bundle")
    assert (entry.debtor_id, entry.why, entry.actor_id) == ("D1", WHY, auditor.staff_id)


def test_a_bundle_is_refused_without_a_reason_a_duty_or_sight(
    sealed: Person,
    auditor: Actor,
    key: signing.SigningKey,
    act_as: Callable[..., Actor],
    at: datetime,
) -> None:
    about = {"debtor_id": "D1", "language": "zh", "at": at}

    with pytest.raises(WhyMissing):
        take_bundle(actor=auditor, why=" ok ", **about)
    with pytest.raises(NotAllowed):
        take_bundle(actor=act_as("collector", scope=("bank", "")), why=WHY, **about)
    with pytest.raises(NotFound):
        take_bundle(actor=act_as("counsel", scope=("team", "T9")), why=WHY, **about)
    assert not Export.objects.filter(kind="case_bundle").exists()


def test_a_kept_file_that_was_changed_stops_the_bundle(
    sealed: Person, auditor: Actor, key: signing.SigningKey, at: datetime, settings: Any
) -> None:
    sha256 = hashlib.sha256("借款合同 …".encode() * 2000).hexdigest()
    path = kept_path(sha256=sha256, folder=Path(settings.KEPT_FILES))
    path.write_bytes(path.read_bytes() + b".")

    with pytest.raises(PaperChanged, match="签署的借款合同"):
        taken(auditor, at)


# What is done to a bundle ------------------------------------------------------------------------
def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def told(script: ModuleType, files: Files, *, keys: list[str] | None = None) -> str:
    """Yield the faults that the script names, one a line, or why it cannot read the bundle."""
    try:
        with patch.object(script, "read_bundle", return_value=files):
            return "\n".join(one.en for one in script.verified(Path(), keys or [])[1])
    except script.Unreadable as failure:
        return f"unreadable {failure}"


@dataclass(frozen=True)
class Bundle:
    """A bundle and the key that signed it."""

    archive: bytes
    key: signing.SigningKey

    @property
    def files(self) -> Files:
        """Its files by name."""
        return files_of(self.archive)


_MADE: list[Bundle] = []


@pytest.fixture
def bundle(request: pytest.FixtureRequest) -> Bundle:
    """One bundle, for all tests that only do something to it."""
    if not _MADE:
        request.getfixturevalue("sealed")
        made = taken(request.getfixturevalue("auditor"), request.getfixturevalue("at"))
        _MADE.append(Bundle(archive=made, key=request.getfixturevalue("key")))
    return _MADE[0]


def test_every_file_that_is_altered_cut_lengthened_or_taken_away_is_named(
    bundle: Bundle, script: ModuleType
) -> None:
    files = bundle.files
    assert told(script, files) == ""
    assert len(files) > 20

    for name, content in files.items():
        changes = {
            "first byte": flipped(content, 0) if content else b"x",
            "last byte": flipped(content, len(content) - 1) if content else b"y",
            "cut": content[:-1] if content else b"z",
            "longer": content + b"\n",
        }
        for what, changed in changes.items():
            found = told(script, {**files, name: changed})
            assert name in found, (name, what, found)
        without = {other: kept for other, kept in files.items() if other != name}
        assert name in told(script, without), name


def test_added_and_exchanged_files_are_named(bundle: Bundle, script: ModuleType) -> None:
    files = bundle.files
    first, second, *_ = [name for name in files if name.startswith("documents/")]

    added = told(script, {**files, "documents/999-new.txt": b""})
    swapped = told(script, {**files, first: files[second], second: files[first]})

    assert "documents/999-new.txt: added" in added
    assert f"{first}: altered" in swapped
    assert f"{second}: altered" in swapped


def test_the_place_of_an_alteration_is_told(bundle: Bundle, script: ModuleType) -> None:
    files = bundle.files
    name = next(one for one in files if one.endswith("_C1.txt"))
    content = files[name]

    inside = told(script, {**files, name: flipped(content, 5000)})
    longer = told(script, {**files, name: content + b"abc"})
    shorter = told(script, {**files, name: content[:-7]})

    assert inside == f"{name}: altered, first within bytes 4097 to 8192"
    assert longer.endswith("3 bytes added")
    assert shorter.endswith("7 bytes missing")


def made_anew(files: Files, key: signing.SigningKey | None) -> Files:
    """Yield the bundle as a forger would hand it on: the manifest fits again, signed or not."""
    manifest = json.loads(files["manifest.json"])
    head = {name: value for name, value in manifest.items() if name not in ("files", "signed")}
    own = ("README.txt", "verify.py", "manifest.json", "manifest.sig")
    members = [
        packing.Member(name=name, content=content)
        for name, content in files.items()
        if name not in own
    ]
    return files_of(packing.packed(members=members, head=head, key=key))


def test_a_forger_with_another_key_is_found_out_by_the_fingerprint(
    bundle: Bundle, script: ModuleType, tmp_path: Path
) -> None:
    files = bundle.files
    other = signing.make_key(algorithm=signing.ED25519, path=tmp_path / "other")
    name = next(one for one in files if one.endswith("_C1.txt"))

    forged = made_anew({**files, name: files[name] + b"!"}, other)
    unsigned = made_anew({**files, name: files[name] + b"!"}, None)
    mixed = {**forged, "manifest.sig": files["manifest.sig"]}

    assert told(script, forged) == ""  # no key was given to compare with
    assert "signed by another key" in told(script, forged, keys=[bundle.key.fingerprint])
    assert "there is no signature" in told(script, unsigned, keys=[bundle.key.fingerprint])
    assert "the signature does not hold" in told(script, mixed)


def altered_lines(files: Files, name: str, change: Callable[[list[str]], list[str]]) -> Files:
    lines = files[name].decode().split("\n")[:-1]
    return {**files, name: "".join(f"{line}\n" for line in change(lines)).encode()}


def test_entries_are_held_by_their_seals_even_where_the_manifest_fits_again(
    bundle: Bundle, script: ModuleType
) -> None:
    files = bundle.files
    messages, timeline = "records/messages.jsonl", "records/timeline.jsonl"

    def forged(changed: Files) -> str:
        return told(script, made_anew(changed, bundle.key))

    def reworded(lines: list[str]) -> list[str]:
        return [lines[0].replace("已逾期", "未逾期"), *lines[1:]]

    def one_noted_otherwise(lines: list[str]) -> list[str]:
        return [line.replace("约定周五回电", "约定周六回电") for line in lines]

    assert forged(files) == ""
    assert "records/messages.jsonl, 1: not under 2026-11-20's seal" in forged(
        altered_lines(files, messages, reworded)
    )
    assert "sealed, but missing" in forged(altered_lines(files, messages, lambda lines: lines[1:]))
    assert "not its own hash" in forged(altered_lines(files, timeline, one_noted_otherwise))
    assert "entries missing before it" in forged(
        altered_lines(files, timeline, lambda lines: [*lines[:1], *lines[2:]])
    )
    assert "under no seal" in forged(
        altered_lines(files, messages, lambda lines: [*lines, lines[0].replace("M1", "M9")])
    )
    fewer = {name: one for name, one in files.items() if name != "seals/2026-11-20.json"}
    assert "no seal of 2026-11-20" in forged(fewer)


def test_a_seal_in_a_bundle_is_held_by_its_signature_and_by_the_seal_before(
    bundle: Bundle, script: ModuleType, tmp_path: Path
) -> None:
    files = bundle.files
    other = signing.make_key(algorithm=signing.ED25519, path=tmp_path / "other")
    first = json.loads(files["seals/2026-11-20.json"])

    reworded = {**first, "statement": first["statement"].replace("Asia/Shanghai", "UTC")}
    fresh = first["statement"].replace(bundle.key.fingerprint, other.fingerprint)
    signed = {
        **first,
        "statement": fresh,
        "public": other.public.hex(),
        "signature": other.sign(fresh.encode()).hex(),
    }

    def forged(seal: dict[str, str]) -> str:
        changed = {**files, "seals/2026-11-20.json": json.dumps(seal).encode()}
        return told(script, made_anew(changed, bundle.key), keys=[bundle.key.fingerprint])

    assert "seals/2026-11-20.json: the signature does not hold" in forged(reworded)
    assert "seals/2026-11-20.json: signed by another key" in forged(signed)
    assert "seals/2026-11-21.json: not after the seal before" in forged(signed)


def test_an_archive_that_is_damaged_or_has_a_name_twice_cannot_be_read(
    bundle: Bundle, script: ModuleType, tmp_path: Path
) -> None:
    archive = bundle.archive
    damaged, doubled = tmp_path / "damaged.zip", tmp_path / "doubled.zip"
    damaged.write_bytes(flipped(archive, 3000))
    doubled.write_bytes(archive)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(doubled, "a") as opened:
        opened.writestr("index.pdf", b"another")

    for path in (damaged, doubled):
        with pytest.raises(script.Unreadable):
            script.verified(path, [])
    assert script.main([str(tmp_path / "nowhere.zip")]) == 2


def test_a_bundle_signed_with_sm2_verifies_itself_too(
    person: Person, auditor: Actor, at: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.SEAL_KEY = tmp_path / "sm2"
    signing.make_key(algorithm=signing.SM2_SM3, path=settings.SEAL_KEY)
    seal_until(last_on=AS_OF, at=at + DAY)
    folder = laid_out(files_of(taken(auditor, at)), tmp_path / "elsewhere")

    whole = run(folder)
    (folder / "records" / "replies.jsonl").write_bytes(b"")
    altered = run(folder)

    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert altered.returncode == 1
    assert "records/replies.jsonl: altered" in altered.stdout


def test_a_case_with_many_sealed_entries_is_proved_branch_by_branch(
    person: Person,
    auditor: Actor,
    key: signing.SigningKey,
    script: ModuleType,
    at: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("recoup.kernel.merkle", "recoup.apps.evidence.gathering"):
        monkeypatch.setattr(f"{name}.BRANCH", 4)
    for number in range(2, 9):
        write(at, number=number)
    add_note(actor=person.worker, debtor_id="D1", text="更多", at=at)
    seal_until(last_on=AS_OF, at=at + DAY)

    made = take_bundle(actor=auditor, debtor_id="D1", language="en", why=WHY, at=at + DAY)

    assert told(script, files_of(made.content)) == ""
