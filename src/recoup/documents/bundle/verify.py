"""Verifies a bundle of recoup; needs Python 3.9 or later and nothing else.

    python3 verify.py                      the folder in which this script lies
    python3 verify.py bundle.zip           a bundle that is not unpacked
    python3 verify.py --key FINGERPRINT    the signing key must be this one (may be given again)
    python3 verify.py --lang zh|en         in one language; both without it

Exit status 0: intact. 1: something was altered, is missing or was added. 2: cannot be read at all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

GENESIS = "0" * 64
MANIFEST, SIGNATURE, PROOFS = "manifest.json", "manifest.sig", "proofs.json"
DIGITS = 12
INTACT, ALTERED, UNREADABLE = 0, 1, 2
Hash = Callable[[bytes], bytes]


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


NOTHING = Said("", "")


class Unreadable(Exception):
    """The bundle cannot be read at all."""


# Hashes and signatures ---------------------------------------------------------------------------
def sha256(content: bytes) -> bytes:
    """Yield the SHA-256 of a content."""
    return hashlib.sha256(content).digest()


def _turn(word: int, by: int) -> int:
    by %= 32
    return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF


def _sm3_block(state: list[int], block: bytes) -> list[int]:
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for at in range(16, 68):
        mixed = words[at - 16] ^ words[at - 9] ^ _turn(words[at - 3], 15)
        mixed ^= _turn(mixed, 15) ^ _turn(mixed, 23)
        words.append(mixed ^ _turn(words[at - 13], 7) ^ words[at - 6])
    a, b, c, d, e, f, g, h = state
    for at in range(64):
        constant = 0x79CC4519 if at < 16 else 0x7A879D8A
        first = _turn((_turn(a, 12) + e + _turn(constant, at)) & 0xFFFFFFFF, 7)
        second = first ^ _turn(a, 12)
        early = at < 16
        chosen_a = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        chosen_e = e ^ f ^ g if early else (e & f) | (~e & g)
        next_a = (chosen_a + d + second + (words[at] ^ words[at + 4])) & 0xFFFFFFFF
        next_e = (chosen_e + h + first + words[at]) & 0xFFFFFFFF
        a, b, c, d = next_a, a, _turn(b, 9), c
        e, f, g, h = next_e ^ _turn(next_e, 9) ^ _turn(next_e, 17), e, _turn(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905


def sm3(content: bytes) -> bytes:
    """Yield the SM3 (GB/T 32905) of a content."""
    state = [
        *(0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600),
        *(0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E),
    ]
    padded = content + b"\x80" + b"\0" * ((55 - len(content)) % 64)
    padded += (8 * len(content)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        state = _sm3_block(state, padded[at : at + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P


def _ed_add(p: Any, q: Any) -> Any:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _ed_times(number: int, p: Any) -> Any:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _ed_add(found, p)
        p, number = _ed_add(p, p), number >> 1
    return found


def _ed_point(encoded: bytes) -> Any:
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if (x & 1) != sign else x
    return (x, y, 1, x * y % _P)


_ED_BASE = _ed_point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def ed25519_holds(public: bytes, content: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature (RFC 8032, section 5.1.7) is one over a content."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = _ed_point(public), _ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= _Q:
        return False
    digest = hashlib.sha512(signature[:32] + public + content).digest()
    h = int.from_bytes(digest, "little") % _Q
    left, right = _ed_times(s, _ED_BASE), _ed_add(r, _ed_times(h, key))
    same_x = bool((left[0] * right[2] - right[0] * left[2]) % _P == 0)
    return same_x and bool((left[1] * right[2] - right[1] * left[2]) % _P == 0)


_SP = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SN = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SB = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_SG = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_IDENTITY = b"1234567812345678"


def _sm2_add(p: Any, q: Any) -> Any:
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % _SP == 0:
            return None
        slope = 3 * (p[0] * p[0] - 1) * pow(2 * p[1], -1, _SP) % _SP
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, _SP) % _SP
    x = (slope * slope - p[0] - q[0]) % _SP
    return (x, (slope * (p[0] - x) - p[1]) % _SP)


def _sm2_times(number: int, p: Any) -> Any:
    found = None
    while number:
        if number & 1:
            found = _sm2_add(found, p)
        p, number = _sm2_add(p, p), number >> 1
    return found


def sm2_holds(public: bytes, content: bytes, signature: bytes) -> bool:
    """Tell whether an SM2 signature (GB/T 32918.2, r and s) is one over a content."""
    if len(public) != 65 or public[0] != 4 or len(signature) != 64:
        return False
    key = (int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big"))
    if (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - _SB) % _SP:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (1 <= r < _SN and 1 <= s < _SN) or (r + s) % _SN == 0:
        return False
    parts = (_SP - 3, _SB, *_SG)
    about = (8 * len(_IDENTITY)).to_bytes(2, "big") + _IDENTITY
    about += b"".join(part.to_bytes(32, "big") for part in parts) + public[1:]
    e = int.from_bytes(sm3(sm3(about) + content), "big")
    found = _sm2_add(_sm2_times(s, _SG), _sm2_times((r + s) % _SN, key))
    return found is not None and bool((e + found[0]) % _SN == r)


class Suite(NamedTuple):
    """A signature and its hash."""

    hashing: Hash
    holds: Callable[[bytes, bytes, bytes], bool]


SUITES = {
    "ed25519-sha256": Suite(sha256, ed25519_holds),
    "sm2-sm3": Suite(sm3, sm2_holds),
}


def fingerprint(algorithm: str, public: bytes) -> str:
    """Yield by what people compare a key."""
    return hashlib.sha256(algorithm.encode() + b"\n" + public).hexdigest()


# Files -------------------------------------------------------------------------------------------
def read_bundle(path: Path) -> dict[str, bytes]:
    """Yield all files of a folder or an archive by name. Errors: Unreadable."""
    try:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.is_file() or one.is_symlink())
            return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise Unreadable(
                    "stands twice in the archive / 在压缩包中重复: " + ", ".join(twice)
                )
            return {name: archive.read(name) for name in names if not name.endswith("/")}
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as failure:
        raise Unreadable(str(failure)) from failure
    except Exception as failure:  # zlib's own error among others
        if isinstance(failure, Unreadable):
            raise
        raise Unreadable(f"{type(failure).__name__}: {failure}") from failure


def canonical(content: Any) -> str:
    """Yield the one text that stands for a content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def file_faults(files: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[Said]:
    """Yield every file that was altered, is missing or was added, and where it was altered."""
    listed = {one["name"]: one for one in manifest["files"]}
    for name, one in sorted(listed.items()):
        if name not in files:
            yield Said(f"{name}：缺失", f"{name}: missing")
            continue
        content = files[name]
        if hashlib.sha256(content).hexdigest() != one["sha256"] or len(content) != one["bytes"]:
            yield altered(name, content, one, int(manifest["block"]))
    own = {MANIFEST, SIGNATURE} if manifest["signed"] else {MANIFEST}
    for name in sorted(set(files) - set(listed) - own):
        yield Said(f"{name}：多出，不在清单中", f"{name}: added, not in the manifest")


def altered(name: str, content: bytes, one: dict[str, Any], block: int) -> Said:
    """Yield where a file was altered: the first block that differs, bytes added or cut off."""
    hashes = [one["blocks"][at : at + DIGITS] for at in range(0, len(one["blocks"]), DIGITS)]
    first = len(hashes)
    for number, expected in enumerate(hashes):
        part = content[number * block : (number + 1) * block]
        if hashlib.sha256(part).hexdigest()[:DIGITS] != expected:
            first = number
            break
    begin = first * block + 1
    end = min((first + 1) * block, max(len(content), int(one["bytes"])))
    zh, en = f"{name}：被改动", f"{name}: altered"
    if begin <= end:
        zh, en = (
            zh + f"，始于第 {begin} 至 {end} 字节",
            en + f", first within bytes {begin} to {end}",
        )
    more = len(content) - int(one["bytes"])
    if more > 0:
        zh, en = zh + f"，多出 {more} 字节", en + f", {more} bytes added"
    if more < 0:
        zh, en = zh + f"，缺少 {-more} 字节", en + f", {-more} bytes missing"
    return Said(zh, en)


def signature_faults(files: dict[str, bytes], keys: list[str]) -> Iterator[Said]:
    """Yield what is wrong with the signature over the manifest, or with its key."""
    if SIGNATURE not in files:
        yield Said(f"{SIGNATURE}：缺失", f"{SIGNATURE}: missing")
        return
    try:
        said = json.loads(files[SIGNATURE].decode("utf-8"))
        suite, public = SUITES[said["algorithm"]], bytes.fromhex(said["public"])
        signature, named = bytes.fromhex(said["signature"]), said["key"]
        plain = json.dumps(said, indent=1, sort_keys=True).encode()
    except (ValueError, KeyError, TypeError):
        yield Said(f"{SIGNATURE}：无法读取", f"{SIGNATURE}: cannot be read")
        return
    if plain != files[SIGNATURE] or set(said) != {"algorithm", "public", "signature", "key"}:
        yield Said(f"{SIGNATURE}：被改动", f"{SIGNATURE}: altered")
    if fingerprint(said["algorithm"], public) != named:
        yield Said(f"{SIGNATURE}：指纹与公钥不符", f"{SIGNATURE}: the fingerprint is not the key's")
    if not suite.holds(public, files[MANIFEST], signature):
        yield Said(
            f"{MANIFEST}：签名不符，清单或签名被改动",
            f"{MANIFEST}: the signature does not hold; manifest or signature was altered",
        )
    if keys and fingerprint(said["algorithm"], public) not in keys:
        yield Said(
            f"{SIGNATURE}：由另一密钥签名（{fingerprint(said['algorithm'], public)}）",
            f"{SIGNATURE}: signed by another key ({fingerprint(said['algorithm'], public)})",
        )


# Entries: chains, seals, paths -------------------------------------------------------------------
class Line(NamedTuple):
    """An entry of the bundle, and where it stands."""

    where: str
    source: str
    record: int
    content: dict[str, Any]


class Seal(NamedTuple):
    """A day's seal as far as entries must know it."""

    root: bytes
    entries: int
    hashing: Hash


def read_lines(files: dict[str, bytes]) -> list[Line]:
    """Yield all entries of the bundle. Errors: ValueError, KeyError, TypeError."""
    found = []
    for name, content in sorted(files.items()):
        if not name.startswith("records/"):
            continue
        for number, text in enumerate(content.decode("utf-8").split("\n"), start=1):
            if text:
                one = json.loads(text)
                where = f"{name}, {number}"
                found.append(Line(where, one["source"], int(one["record"]), one["content"]))
    return found


def chain_faults(lines: list[Line], whole: list[str]) -> Iterator[Said]:
    """Yield where an entry does not follow the one before it; in whole chains, what is left out."""
    chains: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if "hash_own" in line.content:
            chains.setdefault((line.source, line.content["chain"]), []).append(line)
    for (source, _), entries in sorted(chains.items()):
        last: dict[str, Any] = {"place": 0, "hash_own": GENESIS}
        for line in sorted(entries, key=lambda one: int(one.content["place"])):
            here = line.content
            text = here["hash_before"] + "\n" + canonical(here["entry"])
            if hashlib.sha256(text.encode("utf-8")).hexdigest() != here["hash_own"]:
                yield Said(f"{line.where}：内容与哈希不符", f"{line.where}: not its own hash")
            follows = here["place"] == last["place"] + 1
            if follows and here["hash_before"] != last["hash_own"]:
                yield Said(f"{line.where}：与前一条不衔接", f"{line.where}: breaks the chain")
            if not follows and source in whole:
                yield Said(
                    f"{line.where}：之前缺少记录", f"{line.where}: entries missing before it"
                )
            last = here


def read_seals(files: dict[str, bytes], keys: list[str], faults: list[Said]) -> dict[str, Seal]:
    """Yield the seals by day, each held against its signature and against the seal before."""
    found: dict[str, Seal] = {}
    before = ""
    for name in sorted(one for one in files if one.startswith("seals/") and one.endswith(".json")):
        try:
            seal = json.loads(files[name].decode("utf-8"))
            told = json.loads(seal["statement"])
            suite, public = SUITES[told["algorithm"]], bytes.fromhex(seal["public"])
            text, signature = seal["statement"].encode("utf-8"), bytes.fromhex(seal["signature"])
            root, mark = bytes.fromhex(told["root"]), fingerprint(told["algorithm"], public)
            found[told["day"]] = Seal(root, int(told["entries"]), suite.hashing)
            own, earlier = suite.hashing(text).hex(), told["before"]
        except (ValueError, KeyError, TypeError):
            faults.append(Said(f"{name}：无法读取", f"{name}: cannot be read"))
            continue
        if not suite.holds(public, text, signature) or mark != told["key"]:
            faults.append(Said(f"{name}：签名不符", f"{name}: the signature does not hold"))
        if keys and mark not in keys:
            faults.append(Said(f"{name}：由另一密钥签名", f"{name}: signed by another key"))
        if before and earlier != before:
            faults.append(Said(f"{name}：与前一封存不衔接", f"{name}: not after the seal before"))
        stamp = files.get(name[: -len("json")] + "tsr")
        if stamp is not None and hashlib.sha256(signature).digest() not in stamp:
            faults.append(Said(f"{name}：时间戳不属于它", f"{name}: the stamp is not over it"))
        before = own
    return found


def root_by_path(hashing: Hash, leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes:
    """Yield the root to which a path leads (RFC 9162, 2.1.3.2); nothing where it cannot be one."""
    node, at, last = leaf, place, size - 1
    if not 0 <= place < size:
        return b""
    for beside in path:
        if last == 0:
            return b""
        if at % 2 or at == last:
            node = hashing(b"\x01" + beside + node)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            node = hashing(b"\x01" + node + beside)
        at, last = at // 2, last // 2
    return node if last == 0 else b""


def seal_faults(
    lines: list[Line], proofs: list[list[Any]], seals: dict[str, Seal], unsealed: int
) -> Iterator[Said]:
    """Yield entries that are not under the seal that they name, and sealed ones missing."""
    wanted = {(one[0], int(one[1])): one for one in proofs}
    left = 0
    for line in lines:
        proof = wanted.pop((line.source, line.record), None)
        if proof is None:
            left += 1
            continue
        day, seal = str(proof[2]), seals.get(str(proof[2]))
        text = {"source": line.source, "record": line.record, "content": line.content}
        if seal is None:
            yield Said(f"{line.where}：缺少 {day} 的封存", f"{line.where}: no seal of {day}")
            continue
        leaf = seal.hashing(b"\0" + canonical(text).encode("utf-8"))
        path = [bytes.fromhex(one) for one in proof[4]]
        if root_by_path(seal.hashing, leaf, int(proof[3]), seal.entries, path) != seal.root:
            yield Said(
                f"{line.where}：不在 {day} 的封存之下", f"{line.where}: not under {day}'s seal"
            )
    for source, record in sorted(wanted):
        yield Said(f"{source} {record}：已封存却缺失", f"{source} {record}: sealed, but missing")
    if left != unsealed:
        yield Said(
            f"未封存的记录 {left} 条，清单为 {unsealed} 条",
            f"{left} entries are under no seal, the manifest says {unsealed}",
        )


def entry_faults(files: dict[str, bytes], manifest: dict[str, Any], keys: list[str]) -> list[Said]:
    """Yield what is wrong with the entries, their chains and their seals."""
    faults: list[Said] = []
    try:
        lines = read_lines(files)
        proofs = json.loads(files[PROOFS].decode("utf-8")) if PROOFS in files else []
        seals = read_seals(files, keys, faults)
        faults += chain_faults(lines, list(manifest.get("whole_chains", [])))
        faults += seal_faults(lines, proofs, seals, int(manifest.get("unsealed", len(lines))))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as failure:
        what = f"{type(failure).__name__}: {failure}"
        faults.append(Said(f"记录无法读取：{what}", f"entries cannot be read: {what}"))
    return faults


# Telling -----------------------------------------------------------------------------------------
def summary(files: dict[str, bytes], manifest: dict[str, Any]) -> Iterator[Said]:
    """Yield what the bundle is."""
    yield Said(f"证据包：{manifest.get('about', '')}", f"bundle: {manifest.get('about', '')}")
    mark = manifest.get("watermark", "")
    yield Said(f"导出：{mark}", f"taken along: {mark}")
    entries = sum(
        content.count(b"\n") for name, content in files.items() if name.startswith("records/")
    )
    seals = sum(name.startswith("seals/") and name.endswith(".json") for name in files)
    stamps = sum(name.endswith(".tsr") for name in files)
    yield Said(
        f"文件 {len(manifest['files'])} 个，记录 {entries} 条（其中未封存 "
        f"{manifest.get('unsealed', entries)} 条），封存 {seals} 日，时间戳 {stamps} 个",
        f"{len(manifest['files'])} files, {entries} entries (of these not sealed: "
        f"{manifest.get('unsealed', entries)}), {seals} seals, {stamps} time stamps",
    )
    if not manifest["signed"]:
        yield Said(
            "未签名：清单若与文件一同被改动，本程序不能发现",
            "not signed: where manifest and files were changed together, this cannot show it",
        )
    else:
        try:
            key = json.loads(files[SIGNATURE].decode("utf-8"))["key"]
        except (KeyError, ValueError, TypeError):
            key = "?"  # a fault of its own
        yield Said(f"签名密钥指纹：{key}", f"fingerprint of the signing key: {key}")


def verified(path: Path, keys: list[str]) -> tuple[list[Said], list[Said]]:
    """Yield what the bundle is, and all its faults. Errors: Unreadable."""
    files = read_bundle(path)
    try:
        manifest = json.loads(files[MANIFEST].decode("utf-8"))
        faults = list(file_faults(files, manifest))
        if manifest["signed"]:
            faults += signature_faults(files, keys)
        elif keys:
            faults.append(Said("没有签名", "there is no signature"))
        faults += entry_faults(files, manifest, keys)
        return list(summary(files, manifest)), faults
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise Unreadable(f"{MANIFEST}: {type(failure).__name__}: {failure}") from failure


def main(arguments: list[str] | None = None) -> int:
    """Verify a bundle; print what was found; yield the exit status."""
    parser = argparse.ArgumentParser(description="Verifies a bundle of recoup / 校验证据包")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", action="append", default=[], metavar="FINGERPRINT")
    parser.add_argument("--lang", choices=("zh", "en"))
    args = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    def tell(said: Said, mark: Said = NOTHING) -> None:
        for language, text, before in (("zh", said.zh, mark.zh), ("en", said.en, mark.en)):
            if args.lang in (None, language):
                print(before + text)

    try:
        about, faults = verified(args.bundle, [one.lower() for one in args.key])
    except Unreadable as failure:
        tell(Said(f"无法读取：{failure}", f"cannot be read: {failure}"))
        return UNREADABLE
    for said in about:
        tell(said)
    for said in faults:
        tell(said, Said("异常：", "FAULT: "))
    tell(Said("已被改动", "NOT INTACT") if faults else Said("完整", "intact"))
    return ALTERED if faults else INTACT


if __name__ == "__main__":
    sys.exit(main())
