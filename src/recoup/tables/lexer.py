"""FEEL text cut into tokens, with the names that may hold spaces known beforehand.

FEEL lets a name contain spaces and even ``+`` or ``-`` (``date and time``, ``monthly payment``), so
where a name ends depends on the names in scope: the longest known name wins, as the standard says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lark import Token

BUILT_IN_NAMES = frozenset(
    {
        "date and time",
        "years and months duration",
        "days and time duration",
        "string length",
        "upper case",
        "lower case",
        "substring before",
        "substring after",
        "starts with",
        "ends with",
        "list contains",
        "insert before",
        "list replace",
        "index of",
        "distinct values",
        "round up",
        "round down",
        "round half up",
        "round half down",
        "get value",
        "get entries",
        "context put",
        "context merge",
        "string join",
        "day of year",
        "day of week",
        "month of year",
        "week of year",
        "met by",
        "overlaps before",
        "overlaps after",
        "finished by",
        "started by",
        "start included",
        "end included",
        "time offset",
        "start position",
        "grouping separator",
        "decimal separator",
    }
)
_PLAIN_KEYWORDS = (
    *("if", "then", "else", "for", "in", "return", "satisfies", "and", "or", "between"),
    *("instance", "of", "function", "external", "true", "false", "null"),
)
KEYWORDS = {word: "_" + word.upper() for word in _PLAIN_KEYWORDS} | {
    "some": "SOME",
    "every": "EVERY",
}
_GENERIC_TYPES = frozenset({"list", "range", "context", "function"})
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SKIPPED = re.compile(r"(?:\s|\ufeff|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_WORD = re.compile(r"[?_]|[^\W\d][\w'\u00b7]*")
_SIMPLE_NAME = re.compile(r"(?:[?_]|[^\W\d])[\w'?\u00b7]*")
_WORDS = r"[^\W\d?][\w']*(?:[ \t\r\n]+[\w'+*/.-]*[\w'])*"
_INTRODUCED = (
    re.compile(rf"[{{,]\s*({_WORDS})\s*:"),
    re.compile(rf"[(,]\s*({_WORDS})\s*:"),
    re.compile(rf"\b(?:for|some|every)\s+({_WORDS}?)\s+in\b"),
    re.compile(rf",\s*({_WORDS}?)\s+in\b"),
)
_FORMAL_PARAMETERS = re.compile(r"\bfunction\s*\(([^)]*)\)")
_OPERATORS = (
    ("..", "_DOTS"),
    ("**", "_POWER"),
    ("->", "_ARROW"),
    ("!=", "COMPARE"),
    ("<=", "COMPARE"),
    (">=", "COMPARE"),
    ("=", "COMPARE"),
    ("<", "COMPARE"),
    (">", "COMPARE"),
    ("+", "PLUS"),
    ("-", "MINUS"),
    ("\u2212", "MINUS"),
    ("\u2013", "MINUS"),
    ("*", "TIMES"),
    ("/", "OVER"),
    (",", "_COMMA"),
    (":", "_COLON"),
    (".", "_DOT"),
    ("@", "_AT"),
    ("{", "_LBRACE"),
    ("}", "_RBRACE"),
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)


class UnreadableFeel(ValueError):
    """A FEEL text that cannot be read: ``zh`` and ``en`` say why and where."""

    def __init__(self, *, zh: str, en: str, text: str, at: int) -> None:
        self.text = text
        self.line = text.count("\n", 0, at) + 1
        self.column = at - (text.rfind("\n", 0, at) + 1) + 1
        self.zh = f"{zh}（第{self.line}行第{self.column}字：{_shown(text)}）"
        self.en = f"{en} (line {self.line}, character {self.column} of: {_shown(text)})"
        super().__init__(f"{self.en} / {self.zh}")


def tokens_of(*, text: str, names: frozenset[str] = frozenset()) -> list[Token]:
    """Yield the tokens of a FEEL text; ``names`` are the names in scope that hold spaces."""
    known = {" ".join(name.split()) for name in names | BUILT_IN_NAMES | _introduced(text)}
    several = sorted(
        (name for name in known if _SIMPLE_NAME.fullmatch(name) is None), key=len, reverse=True
    )
    return list(_Scan(text, tuple(several)).tokens())


def unquoted(text: str) -> str:
    """Yield the characters that a quoted FEEL string stands for."""
    joined = _ESCAPED.sub(_unescaped, text[1:-1])
    # Two escaped halves of one character outside the basic plane belong together.
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass
class _Scan:
    text: str
    names: tuple[str, ...]
    at: int = 0
    open_brackets: list[str] = field(default_factory=list)
    previous: str = ""
    open_types: int = 0

    def tokens(self) -> Iterator[Token]:
        while True:
            skipped = _SKIPPED.match(self.text, self.at)
            if skipped is not None:
                self.at = skipped.end()
            if self.at >= len(self.text):
                return
            kind, value = self._next()
            kind = self._of_type(kind, value)
            yield Token(kind, value, start_pos=self.at)
            self.previous = value
            self.at += len(value)

    def _next(self) -> tuple[str, str]:
        character = self.text[self.at]
        if character in "()[]":
            return self._bracket(character), character
        if character == '"':
            return "STRING", self._matched(_STRING, zh="引号没有配对", en="A quote is not closed")
        number = _NUMBER.match(self.text, self.at)
        if number is not None:
            return "NUMBER", number.group()
        name = self._known_name()
        if name is not None:
            return "NAME", name
        if _WORD.match(self.text, self.at) is not None:
            word = self._matched(_SIMPLE_NAME, zh="名称不可读", en="A name cannot be read")
            return KEYWORDS.get(word, "NAME"), word
        for operator, kind in _OPERATORS:
            if self.text.startswith(operator, self.at):
                self._note_dots(kind)
                return kind, operator
        raise UnreadableFeel(
            zh=f"不认识的字符“{character}”",
            en=f'The character "{character}" has no meaning here',
            text=self.text,
            at=self.at,
        )

    def _of_type(self, kind: str, value: str) -> str:
        """Tell ``list<number>`` from a comparison."""
        if value == "<" and self.previous in _GENERIC_TYPES:
            self.open_types += 1
            return "_TYPE_FROM"
        if value == ">" and self.open_types:
            self.open_types -= 1
            return "_TYPE_UNTIL"
        return kind

    def _note_dots(self, kind: str) -> None:
        if kind == "_DOTS" and self.open_brackets:
            self.open_brackets[-1] = ".."

    def _bracket(self, character: str) -> str:
        """Tell the uses of brackets apart: lists, filters, interval ends turned outward."""
        innermost = self.open_brackets[-1] if self.open_brackets else ""
        closes_interval = innermost == ".."
        if character == "(":
            self.open_brackets.append("(")
            return "_LPAR"
        if character == ")":
            if self.open_brackets:
                self.open_brackets.pop()
            return "_RPAR"
        if character == "[" and not closes_interval:
            self.open_brackets.append("[")
            return "_LSQB"
        if character == "]" and not closes_interval and innermost != "[":
            self.open_brackets.append("[")
            return "_OUTWARD_LSQB"
        if self.open_brackets:
            self.open_brackets.pop()
        return "_RSQB" if character == "]" else "_OUTWARD_RSQB"

    def _known_name(self) -> str | None:
        for name in self.names:
            if self.text[self.at] != name[0]:
                continue
            pattern = r"\s+".join(re.escape(part) for part in name.split(" "))
            found = re.compile(pattern + r"(?![\w'])").match(self.text, self.at)
            if found is not None:
                return found.group()
        return None

    def _matched(self, pattern: re.Pattern[str], *, zh: str, en: str) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise UnreadableFeel(zh=zh, en=en, text=self.text, at=self.at)
        return found.group()


def _introduced(text: str) -> frozenset[str]:
    """Yield the names that the text itself brings in: keys, loop variables, parameters."""
    found = {match for pattern in _INTRODUCED for match in pattern.findall(text)}
    for parameters in _FORMAL_PARAMETERS.findall(text):
        found.update(part.split(":")[0].strip() for part in parameters.split(","))
    return frozenset(name for name in found if name and name not in KEYWORDS)


def _unescaped(match: re.Match[str]) -> str:
    four, six, single = match.groups()
    if four or six:
        return chr(int(four or six, 16))
    return _ESCAPES.get(single, "\\" + single)


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "..."
