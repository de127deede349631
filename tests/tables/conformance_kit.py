"""Reads the test files of the DMN Technology Compatibility Kit and runs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lxml import etree

from recoup.tables.dmn import read_model
from recoup.tables.temporal import read_date, read_duration, read_instant, read_time
from recoup.tables.values import same

KIT = Path(__file__).resolve().parents[3] / "shared" / "data" / "dmn-tck"
_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_CLOSE = Decimal("0.00000001")


@dataclass(frozen=True)
class Outcome:
    """One expected result of one test case, and what came out."""

    key: str
    passed: bool
    expected: object
    got: object


def run_level(level: int) -> Iterator[Outcome]:
    """Yield the outcome of every expected result of one compliance level."""
    for file in sorted((KIT / f"compliance-level-{level}").glob("*/*-test-*.xml")):
        yield from _run_file(file)


def _run_file(file: Path) -> Iterator[Outcome]:
    root = etree.parse(str(file)).getroot()
    model = read_model(file.parent / root.findtext(f"{_NAMESPACE}modelName"))
    for case in root.iter(f"{_NAMESPACE}testCase"):
        facts = {
            node.get("name"): _value(node) for node in case.iterchildren(f"{_NAMESPACE}inputNode")
        }
        for node in case.iterchildren(f"{_NAMESPACE}resultNode"):
            name = node.get("name")
            key = f"{file.parent.name}/{case.get('id')}/{name}"
            expected = _value(node.find(f"{_NAMESPACE}expected"))
            try:
                got = model.evaluate(decision=name, facts=facts)
            except Exception as stop:
                yield Outcome(key, False, expected, repr(stop))
                continue
            yield Outcome(key, agree(expected, got), expected, got)


def agree(expected: object, got: object) -> bool:
    """Yield whether two results are equal, numbers to eight decimals as the kit writes them."""
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return abs(expected - got) < _CLOSE
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(agree, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(
            agree(expected[key], got[key]) for key in expected
        )
    if expected is None or got is None:
        return expected is got
    return type(expected) is type(got) and same(expected, got) is True


def _value(node: etree._Element) -> object:
    components = node.findall(f"{_NAMESPACE}component")
    if components:
        return {one.get("name"): _value(one) for one in components}
    listed = node.find(f"{_NAMESPACE}list")
    if listed is not None:
        if listed.get(_NIL) == "true":
            return None
        return [_value(item) for item in listed.findall(f"{_NAMESPACE}item")]
    value = node.find(f"{_NAMESPACE}value")
    if value is None or value.get(_NIL) == "true":
        return None
    return _typed((value.get(_TYPE) or "xsd:string").rpartition(":")[2], value.text or "")


def _typed(kind: str, text: str) -> object:
    readers = {
        "decimal": Decimal,
        "double": Decimal,
        "integer": Decimal,
        "boolean": lambda word: word == "true",
        "date": lambda word: read_date(text=word),
        "time": lambda word: read_time(text=word),
        "dateTime": lambda word: read_instant(text=word),
        "duration": lambda word: read_duration(text=word),
    }
    return readers[kind](text.strip()) if kind in readers else text
