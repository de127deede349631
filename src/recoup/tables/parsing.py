"""FEEL text to syntax tree: an LALR grammar over the tokens of ``lexer``, read by lark."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedToken, v_args
from lark.lexer import Lexer

from recoup.tables import syntax
from recoup.tables.lexer import UnreadableFeel, tokens_of, unquoted
from recoup.tables.temporal import NotATime, value_at

LONGEST_TEXT = 20_000
DEEPEST_NESTING = 150

_GRAMMAR = r"""
whole: _expression
_expression: either | _conjunction
either: _expression _OR _conjunction
_conjunction: both | _comparison
both: _conjunction _AND _comparison
_comparison: compare | between | membership | instance | _sum
compare: _comparison COMPARE _sum
between: _comparison _BETWEEN _sum _AND _sum
membership: _comparison _IN _in_operand
_in_operand: against | _sum | several
several: _LPAR _member (_COMMA _member)+ _RPAR
_member: _expression | against
instance: _comparison _INSTANCE _OF type
against: COMPARE _sum

_sum: sum | _product
sum: _sum (PLUS | MINUS) _product
_product: product | _power
product: _product (TIMES | OVER) _power
_power: power | _negation
power: _power _POWER _negation
_negation: negative | _postfix
negative: MINUS _negation
_postfix: path | filter | call | _primary
path: _postfix _DOT NAME
filter: _postfix _LSQB _expression _RSQB
call: _postfix _LPAR [argument (_COMMA argument)*] _RPAR
argument: NAME _COLON _expression -> named
    | _expression -> positional
_primary: number | string | true | false | null | name | items | context | interval | at
    | _LPAR _expression _RPAR
    | _LPAR against _RPAR
    | choice | loop | quantified | function

choice: _IF _expression _THEN _expression _ELSE _expression
loop: _FOR iteration (_COMMA iteration)* _RETURN _expression
quantified: (SOME | EVERY) iteration (_COMMA iteration)* _SATISFIES _expression
iteration: NAME _IN _expression [_DOTS _expression]
function: _FUNCTION _LPAR [parameter (_COMMA parameter)*] _RPAR _expression
parameter: NAME [_COLON type]

number: NUMBER
string: STRING
true: _TRUE
false: _FALSE
null: _NULL
name: NAME
at: _AT STRING
items: _LSQB [_expression (_COMMA _expression)*] _RSQB
context: _LBRACE [entry (_COMMA entry)*] _RBRACE
entry: (NAME | STRING) _COLON _expression
interval: _LSQB _expression _DOTS _expression interval_end -> from_closed
    | _LPAR _expression _DOTS _expression interval_end -> from_open
    | _OUTWARD_LSQB _expression _DOTS _expression interval_end -> from_open
!interval_end: _RPAR | _RSQB | _OUTWARD_RSQB

type: NAME (_DOT NAME)*
    | NAME _TYPE_FROM type _TYPE_UNTIL -> type_of
    | NAME _TYPE_FROM member (_COMMA member)* _TYPE_UNTIL
    | _FUNCTION _TYPE_FROM [type (_COMMA type)*] _TYPE_UNTIL _ARROW type -> type_function
member: NAME _COLON type

tests: MINUS -> anything
    | _test (_COMMA _test)* -> any_of
    | _NOT _LPAR _test (_COMMA _test)* _RPAR -> none_of
_test: _expression | against

%declare _OR _AND _BETWEEN _IN _INSTANCE _OF _IF _THEN _ELSE _FOR _RETURN _SATISFIES _FUNCTION
%declare _EXTERNAL _TRUE _FALSE _NULL SOME EVERY NUMBER STRING NAME COMPARE PLUS MINUS TIMES OVER
%declare _POWER _DOT _DOTS _COMMA _COLON _AT _ARROW _LPAR _RPAR _LSQB _RSQB _LBRACE _RBRACE
%declare _OUTWARD_LSQB _OUTWARD_RSQB _TYPE_FROM _TYPE_UNTIL _NOT
"""


def parse_expression(*, text: str, names: frozenset[str] = frozenset()) -> syntax.Node:
    """Yield the tree of a FEEL expression.

    ``names`` are the names in scope; only those with spaces or signs in them matter.
    Errors: UnreadableFeel with the place and a sentence in zh and en.
    """
    return _parsed(text, names, "whole")


def parse_tests(*, text: str, names: frozenset[str] = frozenset()) -> syntax.Tests:
    """Yield the unary tests of a cell: ``< 5``, ``[1..9], 12``, ``not("a")``, ``-``.

    Errors: UnreadableFeel with the place and a sentence in zh and en.
    """
    tree = _parsed(text, names, "tests")
    assert isinstance(tree, syntax.Tests)
    return tree


def _parsed(text: str, names: frozenset[str], start: str) -> syntax.Node:
    if len(text) > LONGEST_TEXT:
        raise UnreadableFeel(
            zh=f"文本超过{LONGEST_TEXT}字",
            en=f"The text is longer than {LONGEST_TEXT} characters",
            text=text,
            at=0,
        )
    tokens = tokens_of(text=text, names=names)
    if not tokens:
        raise UnreadableFeel(zh="单元格为空", en="The text is empty", text=text, at=0)
    if start == "tests":
        tokens = _with_outer_not(tokens)
    try:
        tree: syntax.Node = _parser().parse(tokens, start=start)  # type: ignore[assignment]
    except UnexpectedToken as stop:
        raise _unexpected(text, stop.token) from None
    _refuse_deep(tree, text)
    return tree


def _unexpected(text: str, token: Token) -> UnreadableFeel:
    if token.type == "$END":
        return UnreadableFeel(
            zh="表达式没有写完", en="The expression stops too early", text=text, at=len(text)
        )
    return UnreadableFeel(
        zh=f"此处不能出现“{token}”",
        en=f'"{token}" cannot stand here',
        text=text,
        at=token.start_pos or 0,
    )


def _with_outer_not(tokens: list[Token]) -> list[Token]:
    """Mark a ``not(...)`` that spans the whole cell: it negates tests, it is no function call."""
    if len(tokens) < 3 or tokens[0] != "not" or tokens[1].type != "_LPAR":
        return tokens
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.type == "_LPAR") - (token.type == "_RPAR")
        if index and depth == 0:
            if index == len(tokens) - 1:
                return [Token("_NOT", "not", start_pos=tokens[0].start_pos), *tokens[1:]]
            break
    return tokens


def _refuse_deep(tree: syntax.Node, text: str) -> None:
    waiting: list[tuple[object, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_NESTING:
            raise UnreadableFeel(
                zh=f"嵌套超过{DEEPEST_NESTING}层",
                en=f"The expression is nested more than {DEEPEST_NESTING} levels deep",
                text=text,
                at=0,
            )
        waiting.extend((child, depth + 1) for child in _children(node))


def _children(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node) and not isinstance(node, syntax.Literal):
        for found in fields(node):
            yield getattr(node, found.name)


class _Ready(Lexer):
    """A lexer for lark that passes on tokens cut beforehand."""

    def __init__(self, conf: object) -> None:
        pass

    def lex(self, tokens: list[Token]) -> Iterator[Token]:  # type: ignore[override]
        return iter(tokens)


def _plain(name: str) -> str:
    return " ".join(name.split())


class _Builder(Transformer[Token, Any]):
    """Builds the tree bottom-up while lark parses."""

    def whole(self, parts: list[Any]) -> Any:
        return parts[0]

    @v_args(inline=True)
    def number(self, token: Token) -> syntax.Node:
        return syntax.Literal(Decimal(token))

    @v_args(inline=True)
    def string(self, token: Token) -> syntax.Node:
        return syntax.Literal(unquoted(token))

    def true(self, _: list[Any]) -> syntax.Node:
        return syntax.Literal(True)

    def false(self, _: list[Any]) -> syntax.Node:
        return syntax.Literal(False)

    def null(self, _: list[Any]) -> syntax.Node:
        return syntax.Literal(None)

    @v_args(inline=True)
    def at(self, token: Token) -> syntax.Node:
        text = unquoted(token)
        try:
            return syntax.Literal(value_at(text=text))
        except NotATime:
            # Null when evaluated, as the standard has it; no constant for a cell of a table.
            argument = syntax.Argument(None, syntax.Literal(text))
            return syntax.Call(syntax.Name("date and time"), (argument,))

    @v_args(inline=True)
    def name(self, token: Token) -> syntax.Node:
        return syntax.Name(_plain(token))

    @v_args(inline=True)
    def either(self, left: syntax.Node, right: syntax.Node) -> syntax.Node:
        return syntax.Logic("or", left, right)

    @v_args(inline=True)
    def both(self, left: syntax.Node, right: syntax.Node) -> syntax.Node:
        return syntax.Logic("and", left, right)

    @v_args(inline=True)
    def compare(self, left: syntax.Node, sign: Token, right: syntax.Node) -> syntax.Node:
        return syntax.Comparison(str(sign), left, right)

    def between(self, parts: list[Any]) -> syntax.Node:
        return syntax.Between(*parts)

    @v_args(inline=True)
    def membership(self, value: syntax.Node, operand: Any) -> syntax.Node:
        tests = operand if isinstance(operand, tuple) else (operand,)
        return syntax.In(value, tests)

    def several(self, parts: list[Any]) -> tuple[syntax.Node, ...]:
        return tuple(parts)

    @v_args(inline=True)
    def instance(self, value: syntax.Node, type_name: str) -> syntax.Node:
        return syntax.InstanceOf(value, type_name)

    @v_args(inline=True)
    def against(self, sign: Token, operand: syntax.Node) -> syntax.Node:
        return syntax.Against(str(sign), operand)

    @v_args(inline=True)
    def sum(self, left: syntax.Node, sign: Token, right: syntax.Node) -> syntax.Node:
        return syntax.Arithmetic("+" if sign.type == "PLUS" else "-", left, right)

    @v_args(inline=True)
    def product(self, left: syntax.Node, sign: Token, right: syntax.Node) -> syntax.Node:
        return syntax.Arithmetic(str(sign), left, right)

    @v_args(inline=True)
    def power(self, left: syntax.Node, right: syntax.Node) -> syntax.Node:
        return syntax.Arithmetic("**", left, right)

    @v_args(inline=True)
    def negative(self, _: Token, operand: syntax.Node) -> syntax.Node:
        if isinstance(operand, syntax.Literal) and isinstance(operand.value, Decimal):
            return syntax.Literal(operand.value.copy_negate())
        return syntax.Negative(operand)

    @v_args(inline=True)
    def path(self, of: syntax.Node, token: Token) -> syntax.Node:
        return syntax.Path(of, _plain(token))

    @v_args(inline=True)
    def filter(self, of: syntax.Node, condition: syntax.Node) -> syntax.Node:
        return syntax.Filter(of, condition)

    def call(self, parts: list[Any]) -> syntax.Node:
        return syntax.Call(parts[0], tuple(part for part in parts[1:] if part is not None))

    @v_args(inline=True)
    def named(self, token: Token, value: syntax.Node) -> syntax.Argument:
        return syntax.Argument(_plain(token), value)

    @v_args(inline=True)
    def positional(self, value: syntax.Node) -> syntax.Argument:
        return syntax.Argument(None, value)

    def choice(self, parts: list[Any]) -> syntax.Node:
        return syntax.If(*parts)

    def loop(self, parts: list[Any]) -> syntax.Node:
        return syntax.For(tuple(parts[:-1]), parts[-1])

    def quantified(self, parts: list[Any]) -> syntax.Node:
        return syntax.Quantified(str(parts[0]), tuple(parts[1:-1]), parts[-1])

    @v_args(inline=True)
    def iteration(
        self, token: Token, start: syntax.Node, end: syntax.Node | None = None
    ) -> syntax.Iteration:
        return syntax.Iteration(_plain(token), start, end)

    def function(self, parts: list[Any]) -> syntax.Node:
        parameters = tuple(part for part in parts[:-1] if part is not None)
        return syntax.FunctionDefinition(parameters, parts[-1])

    @v_args(inline=True)
    def parameter(self, token: Token, type_name: str | None = None) -> syntax.Parameter:
        return syntax.Parameter(_plain(token), type_name)

    def items(self, parts: list[Any]) -> syntax.Node:
        return syntax.ListOf(tuple(part for part in parts if part is not None))

    def context(self, parts: list[Any]) -> syntax.Node:
        return syntax.ContextOf(tuple(part for part in parts if part is not None))

    @v_args(inline=True)
    def entry(self, token: Token, value: syntax.Node) -> syntax.Entry:
        key = unquoted(token) if token.type == "STRING" else _plain(token)
        return syntax.Entry(key, value)

    @v_args(inline=True)
    def from_closed(self, low: syntax.Node, high: syntax.Node, closed: bool) -> syntax.Node:
        return syntax.Interval(low, True, high, closed)

    @v_args(inline=True)
    def from_open(self, low: syntax.Node, high: syntax.Node, closed: bool) -> syntax.Node:
        return syntax.Interval(low, False, high, closed)

    @v_args(inline=True)
    def interval_end(self, token: Token) -> bool:
        return token.type == "_RSQB"

    def type(self, parts: list[Any]) -> str:
        return ".".join(_plain(part) for part in parts if isinstance(part, Token))

    @v_args(inline=True)
    def type_of(self, token: Token, inner: str) -> str:
        return f"{token}<{inner}>"

    def type_function(self, _: list[Any]) -> str:
        return "function"

    def member(self, _: list[Any]) -> None:
        return None

    def anything(self, _: list[Any]) -> syntax.Tests:
        return syntax.Tests(())

    def any_of(self, parts: list[Any]) -> syntax.Tests:
        return syntax.Tests(tuple(parts))

    def none_of(self, parts: list[Any]) -> syntax.Tests:
        return syntax.Tests(tuple(parts), negated=True)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        _GRAMMAR,
        parser="lalr",
        lexer=_Ready,
        start=["whole", "tests"],
        transformer=_Builder(),
        maybe_placeholders=True,
    )
