"""Identity numbers, telephone numbers and addresses that are well formed and belong to nobody.

* Resident identity numbers (GB 11643): six digits of place, eight of birth, three of order, one
  check character. The places begin with 99; the administrative codes of GB/T 2260 run from 11 to
  82, and the foreigner's card that begins with 9 goes on with such a code. So no such number was
  ever issued, while its check character is right.
* Unified social credit codes (GB 32100): 91, a place beginning with 99, nine characters of the
  organisation with their own check character (GB 11714), one check character.
* Mobile numbers: eleven digits beginning with 154, a range that no operator has been allotted
  (the public metadata of libphonenumber leaves it out).
* E-mail: at ``example.com``, which RFC 2606 keeps for examples.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recoup.demo import columns
from recoup.demo.columns import AnyInts, Flags, Ints
from recoup.demo.months import day_of_month, month_of

_RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_ORGANISATION_CHECKS = np.frombuffer(b"0X987654321", dtype=np.uint8)
_CREDIT_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])

_PLACES = 9_801
_ORDERS = 1_000
# Coprime to the number of places and orders: each person gets a pair of their own.
_STRIDE = 7_654_321

Cells = NDArray[np.uint8]


def _scattered(person: AnyInts) -> Ints:
    """Yield a number below places x orders for each person, no two alike among 9.8 million."""
    return np.asarray(person.astype(np.int64) * _STRIDE % (_PLACES * _ORDERS))


def is_man(person: AnyInts) -> Flags:
    """Yield whether the resident number's order is odd, as men's are."""
    return np.asarray(_scattered(person) % 2 == 1)


def _place_cells(place: AnyInts) -> Cells:
    return columns.digits(990_101 + place // 99 * 100 + place % 99, width=6)


def _values(cells: Cells) -> Ints:
    """Yield the digits as numbers."""
    return cells.astype(np.int64) - ord("0")


def resident_ids(*, person: AnyInts, birth: AnyInts) -> Cells:
    """Yield the eighteen characters of each person's resident identity number."""
    scattered = _scattered(person)
    month = month_of(birth)
    birth_number = (1970 + month // 12) * 10_000 + (month % 12 + 1) * 100 + day_of_month(birth)
    cells = np.empty((len(scattered), 18), dtype=np.uint8)
    cells[:, :6] = _place_cells(scattered // _ORDERS)
    cells[:, 6:14] = columns.digits(birth_number, width=8)
    cells[:, 14:17] = columns.digits(scattered % _ORDERS, width=3)
    cells[:, 17] = _RESIDENT_CHECKS[_values(cells[:, :17]) @ _RESIDENT_WEIGHTS % 11]
    return cells


def credit_codes(*, person: AnyInts) -> Cells:
    """Yield the eighteen characters of each firm's unified social credit code."""
    cells = np.empty((len(person), 18), dtype=np.uint8)
    cells[:, :2] = np.frombuffer(b"91", dtype=np.uint8)
    cells[:, 2:8] = _place_cells(_scattered(person) // _ORDERS)
    cells[:, 8:16] = columns.digits(person, width=8)
    cells[:, 16] = _ORGANISATION_CHECKS[_values(cells[:, 8:16]) @ _ORGANISATION_WEIGHTS % 11]
    value_of = np.zeros(128, dtype=np.int64)
    value_of[_CREDIT_ALPHABET] = np.arange(len(_CREDIT_ALPHABET))
    total = value_of[cells[:, :17]] @ _CREDIT_WEIGHTS
    cells[:, 17] = _CREDIT_ALPHABET[-total % 31]
    return cells


def phones(*, person: AnyInts, present: Flags | None = None) -> pa.Array:
    """Yield a mobile number of each person, in the range that no operator has."""
    scattered = person.astype(np.int64) * 61_803_399 % 10**8
    return columns.numbered("154", scattered, width=8, present=present)


def emails(*, person: AnyInts, present: Flags) -> pa.Array:
    """Yield an address of each person under example.com."""
    number = columns.digits(person, width=9)
    cells = np.empty((len(person), 22), dtype=np.uint8)
    cells[:, 0] = ord("d")
    cells[:, 1:10] = number
    cells[:, 10:] = np.frombuffer(b"@example.com", dtype=np.uint8)
    return columns.fixed_text(cells, present=present)
