"""Facts and results of a decision as JSON: numbers exact both ways, dates as text."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from recoup.tables.dmn_types import Shape
from recoup.tables.functions_text import plain_number, shown
from recoup.tables.model import Model
from recoup.tables.temporal import (
    NotATime,
    read_date,
    read_duration,
    read_instant,
    read_time,
)

_READERS: dict[str, Any] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_instant,
    "dateTime": read_instant,
    "duration": read_duration,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
    "dayTimeDuration": read_duration,
    "yearMonthDuration": read_duration,
}
_PLAIN: dict[str, type] = {"number": Decimal, "string": str, "boolean": bool}
_KINDS_ZH = {"number": "数字", "string": "文本", "boolean": "true 或 false"}


class BadFacts(ValueError):
    """Facts that cannot be taken: ``zh`` and ``en`` say which and why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{en} / {zh}")


def facts_from_json(*, text: str, model: Model) -> dict[str, object]:
    """Yield the facts of a JSON object for a model, typed as its inputs declare.

    Errors: BadFacts for text that is no JSON object, a name that the model does not have, a name
    given twice, and a value of another type than declared.
    """
    try:
        read = json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except (json.JSONDecodeError, RecursionError) as stop:
        raise BadFacts(
            zh=f"输入不是可读的 JSON：{stop}。", en=f"The input is not readable JSON: {stop}."
        ) from None
    if not isinstance(read, dict):
        raise BadFacts(
            zh='输入须为 JSON 对象，例如 {"Age": 18}。',
            en='The input must be a JSON object, for example {"Age": 18}.',
        )
    known = {*model.inputs, *model.decisions}
    for name in read:
        if name not in known:
            listed = ", ".join(model.inputs) or "-"
            raise BadFacts(
                zh=f"模型没有名为“{name}”的输入；有：{listed}。",
                en=f"The model has no input '{name}'; it has: {listed}.",
            )
    return {
        name: _typed(value, model.inputs.get(name, Shape()), name) for name, value in read.items()
    }


def json_of(value: object) -> str:
    """Yield a FEEL value as JSON text: null as null, decimals as exact JSON numbers."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, Mapping):
        pairs = (f"{json_of(str(key))}: {json_of(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_of(inner) for inner in value) + "]"
    return json.dumps(shown(value), ensure_ascii=False)


def _typed(value: object, shape: Shape, name: str) -> object:
    if value is None:
        return None
    if shape.is_list:
        items = value if isinstance(value, list) else [value]
        one = Shape(shape.type_name, shape.parts)
        return [_typed(item, one, name) for item in items]
    if shape.parts and isinstance(value, dict):
        return {
            key: _typed(inner, shape.parts.get(key, Shape()), f"{name}.{key}")
            for key, inner in value.items()
        }
    reader = _READERS.get(shape.type_name or "")
    if reader is not None:
        return _read(reader, value, name)
    wanted = _PLAIN.get(shape.type_name or "")
    if wanted is not None and not isinstance(value, wanted):
        kind = shape.type_name or ""
        raise BadFacts(
            zh=f"输入“{name}”应为{_KINDS_ZH[kind]}。", en=f"The input '{name}' must be a {kind}."
        )
    return value


def _read(reader: Any, value: object, name: str) -> object:
    try:
        return reader(text=value if isinstance(value, str) else json_of(value))
    except NotATime as stop:
        raise BadFacts(
            zh=f"输入“{name}”：{stop.zh}。", en=f"The input '{name}': {stop.en}."
        ) from None


def _refuse_constant(word: str) -> object:
    raise BadFacts(zh=f"“{word}”不是 JSON 数字。", en=f"'{word}' is not a JSON number.")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise BadFacts(zh=f"“{name}”给了两次。", en=f"'{name}' is given twice.")
        found[name] = value
    return found
