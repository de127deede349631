"""The built-in functions of FEEL, gathered by name."""

from recoup.tables import (
    functions_list,
    functions_number,
    functions_range,
    functions_text,
    functions_time,
)
from recoup.tables.signature import BuiltIn

BUILT_IN: dict[str, BuiltIn] = {
    **functions_number.BUILT_IN,
    **functions_text.BUILT_IN,
    **functions_list.BUILT_IN,
    **functions_time.BUILT_IN,
    **functions_range.BUILT_IN,
}
