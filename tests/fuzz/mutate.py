"""Spoils files: bytes, words and structure, by chance from a number, so that it can be repeated."""

import io
import random
import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from tests.book.books import Book, csv_text

#: Words that have broken readers before, elsewhere or here.
WORDS = (
    *("", " ", "\x00", "\ufeff", "\u3000", "\u202e", "﷽" * 40, "é", "null", "NaN", "Infinity"),
    *(
        "-0",
        "0",
        "-1",
        "1e9",
        "1E-3",
        "00012",
        "１２３",
        "9" * 19,
        "9" * 400,
        "0." + "0" * 40 + "1",
    ),
    *("1,234.56", "1.234,56", "12.345", ".5", "5.", "+7", "- 3", "0x10", "1_000", "true", "否"),
    *("2026-02-30", "2024-02-29", "1899-12-31", "2200-01-01", "0000-00-00", "20261120", "26-1-2"),
    *("2026-11-20T25:00Z", "2026-11-20T10:00:60+08:00", "2026-03-08T02:30-05:00", "Asia/Nowhere"),
    *('"', '""', "'", ",", ",,,,", "\r", "\n", "\r\n", "\t", ";", "|", "\\", "=1+1", "@x"),
    *("CNY", "XXX", "cny", "C1", "D1", "P1", "retail", "receipt", "credit_card", "M" * 70_000),
)
YAML_WORDS = (
    *("~", "null", "yes", "off", "0o17", "1:30", ".inf", "-.NaN", "2026-11-20", "2026-13-40"),
    *("[]", "{}", "[[[[[[", "{a: {b: {c: ", "&a [*a]", "*a", "!!python/object:os.system x"),
    *("!!binary aGk=", "!!set {a, b}", "? x", "- - - -", "|\n  text", ">-\n  text", "%YAML 1.1"),
    *("---", "...", "#", "'", '"', "\t", "<<: *a", "!!int x", "!!timestamp x", "9" * 400, "=", "@"),
)
XML_WORDS = (
    *("<", "&", "]]>", "&lt;", "&#0;", "&#x110000;", "&nothing;", "<!--", "<![CDATA[", "<?xml?>"),
    '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    '<!DOCTYPE d SYSTEM "file:///etc/hostname">',
    *("UNIQUE", "COLLECT", "RULE ORDER", "-", "not(1)", "[1..2", "]1..2[", "> ", "? > 1", "-0.0"),
    *('"a","b"', 'date("2026-02-30")', "if true then 1", "for i in 1..999999999 return i"),
    *("sum([1,null])", "f(f(f(1)))", "function(x) x(x)", "1/0", "2**9999", "9" * 400, "(" * 900),
    *("some x in [1] satisfies x", "{a: {a: {a: 1}}}", 'duration("P1Y")', 'time("25:00:00")'),
)

Chance = random.Random


def of_bytes(raw: bytes, chance: Chance, words: Sequence[str]) -> bytes:
    """Yield bytes with a few places flipped, cut out, doubled, swapped, or a word put in."""
    data = bytearray(raw)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        place = chance.randrange(len(data) + 1)
        length = chance.choice([1, 2, 8, 64, 512])
        kind = chance.randrange(7)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[place : place + length]
        elif kind == 2:
            data[place:place] = data[place : place + length]
        elif kind == 3:
            data[place:place] = chance.randbytes(min(length, 16))
        elif kind == 4:
            del data[place:]
        elif kind == 5:
            other = chance.randrange(len(data) + 1)
            data[place:place] = data[other : other + length]
        else:
            data[place:place] = chance.choice(words).encode("utf-8", "surrogatepass")
    return bytes(data)


def of_words(raw: bytes, chance: Chance, words: Sequence[str]) -> bytes:
    """Yield a text with some of its words put in the place of others."""
    text = raw.decode("utf-8", "replace")
    places = [match.span() for match in re.finditer(r"[^\s,<>\"=:]+", text)]
    for start, end in sorted(chance.sample(places, min(len(places), chance.choice([1, 1, 2, 5])))):
        text = text[:start] + chance.choice(words) + text[end:]
        break
    return text.encode("utf-8", "replace")


def of_lines(raw: bytes, chance: Chance, words: Sequence[str]) -> bytes:
    """Yield a text with a line cut out, doubled, moved, or indented otherwise."""
    lines = raw.split(b"\n")
    for _ in range(chance.choice([1, 1, 3])):
        place = chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0 and len(lines) > 1:
            del lines[place]
        elif kind == 1:
            lines.insert(place, lines[chance.randrange(len(lines))])
        elif kind == 2:
            lines[place] = b" " * chance.choice([1, 2, 3]) + lines[place]
        elif kind == 3:
            lines[place] = lines[place].lstrip()
        else:
            lines.insert(place, chance.choice(words).encode("utf-8", "replace"))
    return b"\n".join(lines)


def csv_of(book: Book, table: str, chance: Chance) -> bytes:
    """Yield a table as CSV with some cells, columns or rows spoilt, in one of many encodings."""
    rows = [dict(row) for row in book[table]]
    names = list(rows[0])
    for _ in range(chance.choice([1, 2, 5])):
        chance.choice(rows)[chance.choice(names)] = chance.choice(WORDS)
    if chance.random() < 0.2:
        rows.append(dict(chance.choice(rows)))
    if chance.random() < 0.1:
        names.remove(chance.choice(names))
        rows = [{name: row[name] for name in names} for row in rows]
    text = csv_text(rows, names)
    return text.encode(chance.choice(["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"]))


def parquet_of(book: Book, table: str, chance: Chance) -> bytes:
    """Yield a table as Parquet with a column of another type, null, nested, or doubled."""
    rows = book[table]
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    for _ in range(chance.choice([1, 1, 2])):
        name = chance.choice(list(columns))
        columns[name] = chance.choice(ODD_COLUMNS)(len(rows), chance)
    options = {
        "compression": chance.choice(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
        "row_group_size": chance.choice([1, 2, 1_000]),
        "use_dictionary": chance.choice([True, False]),
        "version": chance.choice(["1.0", "2.4", "2.6"]),
        "data_page_version": chance.choice(["1.0", "2.0"]),
    }
    out = io.BytesIO()
    try:
        pq.write_table(pa.table(columns), out, **options)
    except (pa.ArrowException, OSError):  # a type that Parquet has not
        return of_bytes(b"PAR1PAR1", chance, WORDS)
    return out.getvalue()


def _of(kind: pa.DataType, *values: object) -> Callable[[int, Chance], pa.Array]:
    def column(rows: int, chance: Chance) -> pa.Array:
        return pa.array([chance.choice(values) for _ in range(rows)], kind)

    return column


ODD_COLUMNS = (
    _of(pa.null(), None),
    _of(pa.bool_(), True, None),
    _of(pa.int8(), -128, 0, 127, None),
    _of(pa.uint64(), 2**64 - 1, 0),
    _of(pa.int64(), -(2**63), 2**63 - 1, None),
    _of(pa.float16(), 1.5),
    _of(pa.float64(), float("nan"), float("inf"), 1e300, 0.1 + 0.2, -0.0, None),
    _of(pa.decimal128(38, 37), None, 0),
    _of(pa.decimal128(38, 0), 10**37, -(10**37), None),
    _of(pa.decimal256(76, 0), 10**75),
    _of(pa.date32(), -(2**31), 2**31 - 1, 0, None),
    _of(pa.date64(), 0, 86_400_000, None),
    _of(pa.timestamp("ns"), -(2**63) + 1, 2**63 - 1, 0),
    _of(pa.timestamp("us", "Asia/Shanghai"), 0, -(2**62), None),
    _of(pa.timestamp("s", "Nowhere/At_All"), 0),
    _of(pa.time64("us"), 1),
    _of(pa.duration("s"), 1),
    _of(pa.binary(), b"\xff\xfe", b"", b"\x00" * 9, None),
    _of(pa.large_string(), "C1", "1.00", "2026-01-01", "\x00", None),
    _of(pa.string_view(), "C1", None),
    _of(pa.string(), *WORDS[:-1], None),
    _of(pa.list_(pa.string()), ["C1"], [], None),
    _of(pa.struct([("a", pa.int32())]), {"a": 1}, None),
    _of(pa.map_(pa.string(), pa.int32()), [("a", 1)], None),
    _of(pa.dictionary(pa.int8(), pa.string()), "C1", "D1", "retail", None),
    _of(pa.dictionary(pa.int32(), pa.int64()), 1, 2, None),
)
