"""Verifies a bundle of recoup's trail; needs Python 3.9 or later and nothing else.

Put it beside entries.jsonl and manifest.json and run: python3 verify.py
Exit status 0: every chain is whole. 1: something was changed. 2: a file is missing or unreadable.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GENESIS = "0" * 64

Chains = dict[str, list[dict[str, Any]]]


def own_hash(before: str, content: dict[str, Any]) -> str:
    """Yield the hash of an entry: over the hash before it and its content as canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((before + "\n" + text).encode("utf-8")).hexdigest()


def faults(chains: Chains) -> Iterator[str]:
    """Yield every fault of every chain, as a sentence."""
    for name, entries in sorted(chains.items()):
        last = None
        for entry in sorted(entries, key=lambda one: int(one["place"])):
            where = f"{name}, entry {entry['place']}"
            if own_hash(entry["hash_before"], entry["content"]) != entry["hash_own"]:
                yield where + ": the content does not give its hash / 内容与哈希不符"
            if entry["place"] == 1 and entry["hash_before"] != GENESIS:
                yield where + ": the first entry does not begin a chain / 首条记录不是链的起点"
            if last is not None and entry["place"] == last["place"] + 1:
                if entry["hash_before"] != last["hash_own"]:
                    yield where + ": does not follow the entry before it / 与前一条记录不衔接"
            last = entry


def partial(chains: Chains) -> int:
    """Yield how many chains have gaps because the filter left entries out."""
    count = 0
    for entries in chains.values():
        places = sorted(one["place"] for one in entries)
        count += places != list(range(1, len(entries) + 1))
    return count


def main(folder: Path) -> int:
    """Verify the bundle in a folder; print what was found; yield the exit status."""
    chains: Chains = {}
    try:
        raw = (folder / "entries.jsonl").read_bytes()
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for line in raw.decode("utf-8").split("\n"):
            if line:
                entry = json.loads(line)
                chains.setdefault(entry["chain"], []).append(entry)
    except (OSError, ValueError, KeyError) as failure:
        print(f"cannot be read / 无法读取: {failure}")
        return 2
    found = list(faults(chains))
    if hashlib.sha256(raw).hexdigest() != manifest["sha256_of_entries"]:
        found.append("entries.jsonl is not the file of the manifest / 文件与清单不符")
    total = sum(len(entries) for entries in chains.values())
    print(manifest["watermark"])
    print(f"entries / 记录: {total}   chains / 链: {len(chains)}")
    print(f"chains with gaps by the filter / 因筛选而不完整的链: {partial(chains)}")
    for sentence in found:
        print(f"FAULT / 异常: {sentence}")
    print("NOT INTACT / 已被改动" if found else "intact / 完整")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)))
