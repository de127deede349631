"""Numbers with a check character: weighted sum modulo a number, read off a row of characters."""

from collections.abc import Sequence


def check_character(*, digits: str, weights: Sequence[int], modulus: int, characters: str) -> str:
    """Yield the check character of a row of digits.

    Shape: one weight per digit; ``characters[sum % modulus]`` is the check character.
    Errors: ValueError, unless all are digits, one per weight, and every remainder has a character.
    Example: ISO 7064 MOD 11-2, as in Chinese resident identity numbers.
    >>> check_character(digits="11010519491231002", modulus=11, characters="10X98765432",
    ...                 weights=(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    'X'
    """
    if not (digits.isascii() and digits.isdigit()) or len(digits) != len(weights):
        raise ValueError("one ASCII digit per weight is needed")
    if modulus <= 0 or len(characters) < modulus:
        raise ValueError("every remainder needs a character")
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return characters[total % modulus]
