"""Serves the morning page as a document of its own: its scripts by their hashes, in a sandbox.

The page carries its scripts and its style within itself. The answer's policy names exactly these,
by SHA-256; nothing else may run, nothing may be fetched, and the sandbox gives the document an
origin of its own, so that it can touch neither cookies nor pages of the desk. Style attributes are
let through in this document alone: its bars have their widths in them, and with nothing to fetch
and nothing to reach they can do no more than look.
"""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


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
    scripts = " ".join(_sources(_SCRIPT, content))
    styles = " ".join(_sources(_STYLE, content))
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; "
        "style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
    )
    return ReportPage(content=content, policy=policy)


def _sources(pattern: re.Pattern[bytes], content: bytes) -> list[str]:
    return [
        f"'sha256-{b64encode(hashlib.sha256(part).digest()).decode()}'"
        for part in pattern.findall(content)
    ]
