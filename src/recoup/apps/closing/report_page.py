"""Serves the morning page as a document of its own: its scripts by their hashes, in a sandbox.

The page carries its scripts and its style within itself. The answer's policy names exactly these,
by SHA-256; nothing else may run, nothing may be fetched, and the sandbox gives the document an
origin of its own, so that it can touch neither cookies nor pages of the desk.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recoup.engine.report.own_parts import policy_of


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """The page's bytes and the policy that goes with them."""

    content: bytes
    policy: str


def report_page(path: Path) -> ReportPage:
    """Yield the morning page of a result with its policy; reads a file once while it is new."""
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> ReportPage:
    content = path.read_bytes()
    policy = f"{policy_of(content.decode())}; frame-ancestors 'none'; sandbox allow-scripts"
    return ReportPage(content=content, policy=policy)
