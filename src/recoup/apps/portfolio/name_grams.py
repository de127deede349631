"""Parts of names by which a search finds them: every two neighbouring characters."""

import unicodedata


def plain_name(name: str) -> str:
    """Yield a name as search compares it: one form of each character, small letters, no gaps.

    >>> plain_name("Ana  López"), plain_name("李·小明"), plain_name("ＡＢＣ 公司")
    ('analópez', '李小明', 'abc公司')
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in folded if one.isalnum())


def grams_of(name: str) -> tuple[str, ...]:
    """Yield every two neighbouring characters of a name once, in order of the alphabet.

    >>> grams_of("李小明"), grams_of("王"), grams_of("aaa")
    (('小明', '李小'), (), ('aa',))
    """
    plain = plain_name(name)
    return tuple(sorted({plain[place : place + 2] for place in range(len(plain) - 1)}))


def beginning_of(name: str) -> str:
    """Yield the mark of a name's first character; no two characters of a name look like it.

    >>> beginning_of("李小明"), beginning_of("")
    ('^李', '')
    """
    plain = plain_name(name)
    return f"^{plain[0]}" if plain else ""


def parts_of(name: str) -> tuple[str, ...]:
    """Yield everything by which a name is found.

    >>> parts_of("李小明"), parts_of("")
    (('^李', '小明', '李小'), ())
    """
    beginning = beginning_of(name)
    return (beginning, *grams_of(name)) if beginning else ()
