"""Reads dates and instants from text, a whole column at a time, by one strict form."""

import numpy as np
import pyarrow as pa

from recoup.engine.book.columns import Flags, Ints, text_bytes

MICROSECONDS = 1_000_000
_DATE_FORM = "dddd-dd-dd"
_LONGEST_FRACTION = 6
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


def days_of_texts(texts: pa.StringArray) -> tuple[Ints, Flags]:
    """Yield the day number of each YYYY-MM-DD, and which rows have that form and exist.

    Shape: day numbers count from 1970-01-01; where the flag is false the number means nothing.
    """
    raw = text_bytes(texts)
    days = np.zeros(len(texts), np.int64)
    right = np.zeros(len(texts), bool)
    rows = np.flatnonzero(raw.lengths == len(_DATE_FORM))
    letters = raw.data[raw.starts[rows][:, None] + np.arange(len(_DATE_FORM))]
    formed = _has_form(letters, _DATE_FORM)
    days[rows], real = _days(letters)
    right[rows] = formed & real
    return days, right


def instants_of_texts(texts: pa.StringArray) -> tuple[Ints, Flags]:
    """Yield each ISO 8601 instant as microseconds since 1970 UTC, and which rows are one.

    The offset must be there: ``Z``, ``+08:00`` or ``+0800``. Seconds and their fraction may be
    left out; date and time are parted by ``T`` or a space.
    """
    raw = text_bytes(texts)
    instants = np.zeros(len(texts), np.int64)
    right = np.zeros(len(texts), bool)
    lengths = raw.lengths
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        letters = raw.data[raw.starts[rows][:, None] + np.arange(length)]
        for form in _INSTANT_FORMS.get(int(length), ()):
            fits = _has_form(letters, form)
            chosen = rows[fits]
            instants[chosen], right[chosen] = _instants(letters[fits], form)
    return instants, right


def _instant_forms() -> dict[int, list[str]]:
    seconds = ["", ":dd", *(f":dd.{'d' * digits}" for digits in range(1, _LONGEST_FRACTION + 1))]
    forms: dict[int, list[str]] = {}
    for middle in seconds:
        for offset in ("Z", "sdd:dd", "sdddd"):
            form = f"{_DATE_FORM}Tdd:dd{middle}{offset}"
            forms.setdefault(len(form), []).append(form)
    return forms


_INSTANT_FORMS = _instant_forms()


def _has_form(letters: np.ndarray, form: str) -> Flags:
    """Tell which rows follow a form: d a digit, s a sign, T a T or space, else the letter."""
    fits = np.ones(len(letters), bool)
    for place, mark in enumerate(form):
        letter = letters[:, place]
        if mark == "d":
            fits &= (letter >= ord("0")) & (letter <= ord("9"))
        elif mark == "s":
            fits &= (letter == ord("+")) | (letter == ord("-"))
        elif mark == "T":
            fits &= (letter == ord("T")) | (letter == ord(" "))
        else:
            fits &= letter == ord(mark)
    return fits


def _number(letters: np.ndarray, first: int, until: int) -> Ints:
    value = np.zeros(len(letters), np.int64)
    for place in range(first, until):
        value = value * 10 + (letters[:, place].astype(np.int64) - ord("0"))
    return value


def _days(letters: np.ndarray) -> tuple[Ints, Flags]:
    year, month, day = _number(letters, 0, 4), _number(letters, 5, 7), _number(letters, 8, 10)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_is_real = (month >= 1) & (month <= 12)
    length = _MONTH_DAYS[np.where(month_is_real, month, 0)] + (leap & (month == 2))
    real = month_is_real & (year >= 1) & (day >= 1) & (day <= length)
    return days_from_civil(year, month, day), real


def days_from_civil(year: Ints, month: Ints, day: Ints) -> Ints:
    """Yield day numbers (1970-01-01 is 0) of the proleptic Gregorian calendar."""
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days: Ints = era * 146_097 + day_of_era - 719_468
    return days


def _instants(letters: np.ndarray, form: str) -> tuple[Ints, Flags]:
    days, real = _days(letters)
    hours, minutes = _number(letters, 11, 13), _number(letters, 14, 16)
    real &= (hours < 24) & (minutes < 60)
    seconds = (days * 24 + hours) * 3600 + minutes * 60
    fraction = np.zeros(len(letters), np.int64)
    if form[16] == ":":
        second = _number(letters, 17, 19)
        real &= second < 60
        seconds += second
        digits = form.count("d", 20) - (0 if form.endswith("Z") else 4) if "." in form else 0
        fraction = _number(letters, 20, 20 + digits) * 10 ** (_LONGEST_FRACTION - digits)
    if not form.endswith("Z"):
        away = form.index("s")
        minute = away + (4 if ":" in form[away:] else 3)
        hours_away = _number(letters, away + 1, away + 3)
        minutes_away = _number(letters, minute, minute + 2)
        real &= (hours_away < 24) & (minutes_away < 60)
        offset = hours_away * 3600 + minutes_away * 60
        seconds -= np.where(letters[:, away] == ord("-"), -offset, offset)
    return seconds * MICROSECONDS + fraction, real
