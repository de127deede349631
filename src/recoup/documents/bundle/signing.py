"""Keys that sign seals and bundles: Ed25519 with SHA-256, or SM2 with SM3.

The private half lies in one file of mode 600 that neither the records nor a backup hold: whoever
can write into the database cannot make a seal anew.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from gmalg import SM2

from recoup.kernel.merkle import Hashing, sha256
from recoup.kernel.refusal import Refused

ED25519, SM2_SM3 = "ed25519-sha256", "sm2-sm3"
#: The identity that a signer has by GB/T 35276 where none was agreed.
SM2_IDENTITY = b"1234567812345678"
_FORM = "recoup-seal-key/1"
_NUMBER = 32


class NoSealKey(Refused):
    """There is no key to sign with."""

    def __init__(self) -> None:
        super().__init__(
            zh="还没有封存用的签名密钥；请由系统管理员运行 recoup seal key 生成。",
            en="There is no key that signs seals yet; the administrator makes one with "
            "'recoup seal key'.",
            rule="bundle:key",
        )


class BadSealKey(Refused):
    """The file of the key cannot be used."""

    def __init__(self, *, path: Path, why: str) -> None:
        super().__init__(
            zh=f"密钥文件 {path} 无法使用：{why}。",
            en=f"The key file {path} cannot be used: {why}.",
            rule="bundle:key",
        )


class KeyIsThere(Refused):
    """A key would be overwritten."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(
            zh=f"{path} 已存在，不会覆盖；如需更换密钥，请先移走旧文件并妥善保存。",
            en=f"{path} is there already and is not overwritten; to change keys, move the old file "
            "away and keep it safe first.",
            rule="bundle:key",
        )


def sm3(content: bytes) -> bytes:
    """Yield the SM3 of a content."""
    return hashlib.new("sm3", content).digest()


def _ed25519_made() -> tuple[bytes, bytes]:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def _ed25519_signed(private: bytes, content: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).sign(content)


def _ed25519_holds(public: bytes, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sm2_made() -> tuple[bytes, bytes]:
    private, public = SM2().generate_keypair()
    return private.rjust(_NUMBER, b"\0"), public


def _sm2_signed(private: bytes, content: bytes) -> bytes:
    r, s = SM2(sk=private, uid=SM2_IDENTITY).sign(content)
    return bytes(r.rjust(_NUMBER, b"\0") + s.rjust(_NUMBER, b"\0"))


def _sm2_holds(public: bytes, content: bytes, signature: bytes) -> bool:
    if len(signature) != 2 * _NUMBER:
        return False
    r, s = signature[:_NUMBER], signature[_NUMBER:]
    return bool(SM2(pk=public, uid=SM2_IDENTITY).verify(content, r, s))


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A signature with its hash."""

    name: str
    hashing: Hashing
    made: Callable[[], tuple[bytes, bytes]]
    signed: Callable[[bytes, bytes], bytes]
    holds: Callable[[bytes, bytes, bytes], bool]


SUITES: Mapping[str, Suite] = {
    ED25519: Suite(
        name=ED25519,
        hashing=sha256,
        made=_ed25519_made,
        signed=_ed25519_signed,
        holds=_ed25519_holds,
    ),
    SM2_SM3: Suite(name=SM2_SM3, hashing=sm3, made=_sm2_made, signed=_sm2_signed, holds=_sm2_holds),
}


def fingerprint_of(*, algorithm: str, public: bytes) -> str:
    """Yield the SHA-256 by which people compare a public key."""
    return hashlib.sha256(algorithm.encode() + b"\n" + public).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key with both halves."""

    suite: Suite
    public: bytes
    private: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What people compare."""
        return fingerprint_of(algorithm=self.suite.name, public=self.public)

    def sign(self, content: bytes) -> bytes:
        """Yield the signature over a content."""
        return self.suite.signed(self.private, content)


def make_key(*, algorithm: str, path: Path) -> SigningKey:
    """Make a key, keep it in a file of mode 600, and yield it. Errors: KeyIsThere."""
    suite = SUITES[algorithm]
    private, public = suite.made()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyIsThere(path=path) from None
    kept = {
        "form": _FORM,
        "algorithm": algorithm,
        "private": private.hex(),
        "public": public.hex(),
    }
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return SigningKey(suite=suite, public=public, private=private)


def has_key() -> bool:
    """Tell whether there is a file with a key."""
    return Path(settings.SEAL_KEY).is_file()


def signing_key(path: Path | None = None) -> SigningKey:
    """Yield the key that signs. Errors: NoSealKey, BadSealKey (also where others may read it)."""
    file = path or Path(settings.SEAL_KEY)
    try:
        mode = file.stat().st_mode
        kept = json.loads(file.read_text(encoding="ascii"))
        suite = SUITES[kept["algorithm"]]
        key = SigningKey(
            suite=suite,
            private=bytes.fromhex(kept["private"]),
            public=bytes.fromhex(kept["public"]),
        )
    except FileNotFoundError:
        raise NoSealKey from None
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise BadSealKey(path=file, why=type(failure).__name__) from failure
    if mode & 0o077:
        raise BadSealKey(path=file, why=f"mode {mode & 0o777:o}, chmod 600")
    return key
