"""What ``verify.py`` reckons alone, held against the libraries and the standards."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from gmalg import SM2

from recoup.documents.bundle import packing, signing

SCRIPT = Path(packing.__file__).with_name("verify.py")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script, loaded as a module."""
    spec = importlib.util.spec_from_file_location("verify_of_a_bundle", SCRIPT)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_sm3_is_that_of_the_standard(script: ModuleType) -> None:
    # GB/T 32905, annex A
    assert script.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    for length in (0, 1, 55, 56, 63, 64, 65, 300):
        content = b"recoup" * length
        assert script.sm3(content[:length]) == hashlib.new("sm3", content[:length]).digest()


def test_ed25519_is_that_of_the_standard(script: ModuleType) -> None:
    # RFC 8032, section 7.1, test 3
    public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )

    held = script.ed25519_holds
    assert held(bytes.fromhex(public), bytes.fromhex("af82"), bytes.fromhex(signature))
    assert not held(bytes.fromhex(public), bytes.fromhex("af83"), bytes.fromhex(signature))


@pytest.mark.parametrize("algorithm", [signing.ED25519, signing.SM2_SM3])
def test_script_and_library_hold_the_same_signatures(
    script: ModuleType, tmp_path: Path, algorithm: str
) -> None:
    key = signing.make_key(algorithm=algorithm, path=tmp_path / "key")
    other = signing.make_key(algorithm=algorithm, path=tmp_path / "other")
    content = "证据 evidence".encode()
    signature = key.sign(content)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]

    for holds in (key.suite.holds, script.SUITES[algorithm].holds):
        assert holds(key.public, content, signature)
        assert not holds(key.public, content + b".", signature)
        assert not holds(key.public, content, flipped)
        assert not holds(other.public, content, signature)
        assert not holds(key.public, content, signature[:-1])
    assert script.fingerprint(algorithm, key.public) == key.fingerprint


def test_an_sm2_key_off_the_curve_holds_nothing(script: ModuleType) -> None:
    private, public = SM2().generate_keypair()
    r, s = SM2(sk=private, uid=signing.SM2_IDENTITY).sign(b"m")
    signature = r.rjust(32, b"\0") + s.rjust(32, b"\0")

    assert script.sm2_holds(public, b"m", signature)
    assert not script.sm2_holds(public[:-1] + bytes([public[-1] ^ 1]), b"m", signature)


def test_a_key_is_kept_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "seal"
    made = signing.make_key(algorithm=signing.ED25519, path=path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert signing.signing_key(path).fingerprint == made.fingerprint
    assert made.private.hex() not in repr(made)
    with pytest.raises(signing.KeyIsThere):
        signing.make_key(algorithm=signing.ED25519, path=path)


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "seal"
    signing.make_key(algorithm=signing.ED25519, path=path)
    path.chmod(0o640)

    with pytest.raises(signing.BadSealKey, match="600"):
        signing.signing_key(path)
    path.write_text("{}")
    with pytest.raises(signing.BadSealKey):
        signing.signing_key(path)
    with pytest.raises(signing.NoSealKey):
        signing.signing_key(tmp_path / "nowhere")
