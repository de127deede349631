"""The content policy of the morning page: it runs and shows what stands in it, and nothing else."""

import hashlib
import re
from base64 import b64encode

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def policy_of(page: str) -> str:
    """Yield the policy that lets through a page's own scripts and style, by their SHA-256.

    Example:
        >>> policy_of("<style>p{}</style><script>1</script>").split("; ")[2][:25]
        "style-src 'sha256-gG2yISY"
    """
    return (
        f"default-src 'none'; script-src {_sources(_SCRIPT, page)}; "
        f"style-src {_sources(_STYLE, page)}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _sources(pattern: re.Pattern[str], page: str) -> str:
    digests = (hashlib.sha256(part.encode()).digest() for part in pattern.findall(page))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests) or "'none'"
