"""The generated pages are what the code says today."""

import pyarrow as pa
import pytest
from tools import data_pages


@pytest.mark.parametrize("name", ["book.md", "book.zh-CN.md", "results.md", "results.zh-CN.md"])
def test_a_data_page_is_current(name: str) -> None:
    made = data_pages.pages()[name]

    written = (data_pages.DATA / name).read_text(encoding="utf-8")

    assert written == made, "run make docs"


def test_a_result_column_without_a_meaning_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    people = data_pages.SCHEMAS["people"].append(pa.field("shoe_size", pa.int32()))
    monkeypatch.setitem(data_pages.SCHEMAS, "people", people)

    with pytest.raises(data_pages.MeaningsDisagree, match="shoe_size"):
        data_pages.read_meanings()


def test_every_column_of_a_result_has_a_row_in_both_languages() -> None:
    pages = data_pages.pages()

    for schema in data_pages.SCHEMAS.values():
        for column in schema.names:
            assert f"| `{column}` |" in pages["results.md"]
            assert f"| `{column}` |" in pages["results.zh-CN.md"]
