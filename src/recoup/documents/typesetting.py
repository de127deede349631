"""Typesets a document: a Typst template and its data become a PDF/A-2b file.

One compiler stays warm for the whole process: the first document takes a tenth of a second, each
one after that a few milliseconds. A warning is treated as a failure, because Typst drops glyphs
with no more than a warning when a font is missing, and a letter without its words must not leave
the house.
"""

import json
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst

from recoup.kernel.refusal import Refused

TEMPLATES = Path(__file__).parent / "templates"
#: Fonts of every template, the first that is there; the Chinese one has Latin letters too.
FONTS = ("Noto Sans CJK SC",)
STANDARD: Final = "a-2b"

_one_at_a_time = threading.Lock()


class DocumentRefused(Refused):
    """A document could not be made as it must be; the sentence says what is missing."""


class FontMissing(DocumentRefused):
    """The machine has not the fonts that the documents are set in."""

    def __init__(self, *, said: str) -> None:
        super().__init__(
            zh=f"缺少字体“{FONTS[0]}”，文件未生成：请在服务器上安装 fonts-noto-cjk 后重试"
            f"（{said}）。",
            en=f"The document was not made, because the font '{FONTS[0]}' is missing: install "
            f"fonts-noto-cjk on the server and try again ({said}).",
        )


class DoesNotCompile(DocumentRefused):
    """The template and its data do not fit: a fault of ours."""

    def __init__(self, *, template: str, said: str) -> None:
        super().__init__(
            zh=f"文件未生成：模板“{template}”不能排版（{said}）；请告知系统管理员。",
            en=f"The document was not made: the template '{template}' cannot be set ({said}); "
            "please tell the administrator.",
        )


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(TEMPLATES))


def typeset(*, template: str, data: Mapping[str, object], at: datetime) -> bytes:
    """Yield a PDF/A-2b of a template of this folder, filled with data.

    Shape: ``data`` is what JSON knows and reaches the template as ``sys.inputs.data``; ``at`` is
    the instant written into the file, so that the same data gives the same bytes.
    Errors: FontMissing, DoesNotCompile.
    """
    try:
        with _one_at_a_time:
            made, warnings = _compiler().compile_with_warnings(
                input=str(TEMPLATES / template),
                format="pdf",
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                pdf_standards=STANDARD,
                timestamp=int(at.timestamp()),
            )
    except typst.TypstError as error:
        raise DoesNotCompile(template=template, said=error.message) from error
    for warning in warnings:
        if "font" in warning.message:
            raise FontMissing(said=warning.message)
        raise DoesNotCompile(template=template, said=warning.message)
    assert isinstance(made, bytes)
    return made


#: How a page begins in the files that ``typeset`` makes; the tree of pages has an ``s`` more.
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


def pages_in(*, pdf: bytes) -> int:
    """Yield how many pages a file of ``typeset`` has. Errors: ValueError, for any other file."""
    found = len(_PAGE.findall(pdf))
    if not found:
        raise ValueError("no page is written openly in this file")
    return found
