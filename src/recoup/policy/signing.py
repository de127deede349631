"""What maker and checker of a strategy sign: its whole content, but for the signatures."""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from recoup.policy.pack import pack_files
from recoup.policy.strategy_parts import Approval

HEAD = "strategy.yaml"
#: The block of approvals: its line, and the deeper ones that follow.
_BLOCK = re.compile(r"^approvals:[^\n]*\n(?:(?:[ \t-][^\n]*|[ \t]*)\n)*", re.MULTILINE)


class NoApprovals(ValueError):
    """strategy.yaml has no block of approvals in which to sign."""


def signed_content(folder: Path) -> str:
    """Yield the SHA-256 over a strategy's files, without the block of approvals.

    Shape: names and contents in the order of names, as for the content hash of a pack.
    """
    digest = hashlib.sha256()
    for file in pack_files(folder=folder):
        content = file.read_bytes()
        name = file.relative_to(folder).as_posix()
        if name == HEAD:
            content = _BLOCK.sub("", content.decode("utf-8", "surrogateescape"), count=1).encode(
                "utf-8", "surrogateescape"
            )
        digest.update(b"%d:%s%d:" % (len(name.encode()), name.encode(), len(content)))
        digest.update(content)
    return digest.hexdigest()


def write_approvals(folder: Path, approvals: Iterable[Approval]) -> None:
    """Put these approvals in place of those in strategy.yaml; nothing else in it changes.

    Errors: NoApprovals.
    """
    file = folder / HEAD
    text = file.read_text(encoding="utf-8")
    lines = "".join(f"  - {_line(one)}\n" for one in approvals)
    if not _BLOCK.search(text):
        raise NoApprovals(str(file))
    file.write_text(_BLOCK.sub(lambda _: f"approvals:\n{lines}", text, count=1), encoding="utf-8")


def _line(approval: Approval) -> str:
    name = json.dumps(approval.name, ensure_ascii=False)
    content = f", content: {approval.content}" if approval.content else ""
    return f"{{role: {approval.role}, name: {name}, on: {approval.on.isoformat()}{content}}}"
