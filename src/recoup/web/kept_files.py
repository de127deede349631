"""Files that people hand in: told by their content, kept by hash outside the web root.

Shared by every room that keeps attachments.
"""

import hashlib
import io
import os
import tempfile
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import quote

from django.http import FileResponse

from recoup.kernel.refusal import Refused

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"
#: Types by the bytes that a file begins with.
_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
#: The part that tells an office document from any other archive.
_OFFICE = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX))
_MACROS = "vbaProject.bin"
_MOST_PARTS = 5000


class UnknownContent(Refused):
    """The content is of no type that is kept."""

    def __init__(self) -> None:
        super().__init__(
            zh="只接受 PDF、JPEG、PNG、WebP、纯文本、Word（docx）和 Excel（xlsx）文件，"
            "且不含宏；系统按内容而非文件名判断。",
            en="Only PDF, JPEG, PNG, WebP, plain text, Word (docx) and Excel (xlsx) files without "
            "macros are kept; the content decides, not the name.",
        )


def media_type_of(content: bytes) -> str:
    """Yield the type of a file by its content. Errors: UnknownContent.

    >>> media_type_of(b"%PDF-1.7 ..."), media_type_of("收入证明".encode())
    ('application/pdf', 'text/plain')
    """
    for beginning, media_type in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content)
    if _is_text(content):
        return TEXT
    raise UnknownContent


def _office_type(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise UnknownContent from broken
    if len(parts) <= _MOST_PARTS and not any(part.endswith(_MACROS) for part in parts):
        for part, media_type in _OFFICE:
            if part in parts:
                return media_type
    raise UnknownContent


def _is_text(content: bytes) -> bool:
    """Tell whether a content is text of UTF-8 or GB18030 without control characters or markup."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = any(unicodedata.category(one) == "Cc" and one not in "\t\r\n\f" for one in text)
        return not controls and not text.lstrip().startswith("<")
    return False


def keep(*, content: bytes, folder: Path) -> str:
    """Yield the SHA-256 of a content, which is kept in the folder under it; once only."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = kept_path(sha256=sha256, folder=folder)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, scratch = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
    return sha256


def kept_path(*, sha256: str, folder: Path) -> Path:
    """Yield where a content lies: two characters of its hash, then the hash."""
    return folder / sha256[:2] / sha256


def download(*, path: Path, file_name: str, media_type: str) -> FileResponse:
    """Yield a kept file as a download that no browser runs, shows in place or keeps."""
    answer = FileResponse(path.open("rb"), content_type=media_type)
    plain = "".join(
        one if (one.isascii() and one.isalnum()) or one in ".-_" else "_" for one in file_name
    )
    answer["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
