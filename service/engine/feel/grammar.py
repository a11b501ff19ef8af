"""The grammar of the FEEL subset, its parser, and the reasons why a text is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from service.engine import limits
from service.engine.feel.errors import FeelError

SPACED: Final = (
    "date and time",
    "years and months duration",
    "day of week",
    "distinct values",
    "ends with",
    "get entries",
    "get or else",
    "get value",
    "index of",
    "is defined",
    "is empty",
    "list contains",
    "lower case",
    "starts with",
    "string join",
    "string length",
    "substring after",
    "substring before",
    "upper case",
)
"""Names of functions that are several words."""

LETTER: Final = "[A-Za-zÀ-ÖØ-öø-ɏ][\u0300-\u036f]?"
"""A Latin letter, perhaps with its mark as a character of its own."""
NAME: Final = re.compile(f"{LETTER}(?:{LETTER}|[0-9_])*")
"""Names of variables, items and parts."""

GRAMMAR: Final = r"""
?start: expression
cell: test ("," test)*

?expression: disjunction
    | "if" expression "then" expression "else" expression         -> choice
    | "for" iterator ("," iterator)* "return" expression          -> loop
    | SOME iterator ("," iterator)* "satisfies" expression        -> quantified
    | EVERY iterator ("," iterator)* "satisfies" expression       -> quantified
iterator: NAME "in" expression [".." expression]
?disjunction: conjunction
    | conjunction (OR conjunction)+                               -> either
?conjunction: comparison
    | comparison (AND comparison)+                                -> both
?comparison: sum
    | sum COMPARE sum                                             -> compare
    | sum "between" sum AND sum                                   -> between
    | sum "in" bound                                              -> member
?bound: sum
    | COMPARE sum                                                 -> half
?sum: product
    | sum (PLUS | MINUS) product                                  -> calculate
?product: signed
    | product (TIMES | DIVIDE) signed                             -> calculate
?signed: value
    | MINUS signed                                                -> negative
?value: NUMBER                                                    -> number
    | TEXT                                                        -> text
    | LITERAL                                                     -> literal
    | "true"                                                      -> true
    | "false"                                                     -> false
    | "null"                                                      -> null
    | "?"                                                         -> tested
    | NAME                                                        -> name
    | (NAME | SPACED) "(" [expression ("," expression)*] ")"      -> call
    | "not" "(" test ("," test)* ")"                              -> negate
    | "(" test ("," test)* ")"                                    -> bracket
    | OPENS expression ".." expression CLOSES                     -> range
    | "(" expression ".." expression CLOSES                       -> open_range
    | "(" expression ".." expression ")"                          -> open_range
    | OPENS expression ".." expression ")"                        -> range
    | OPENS [expression ("," expression)*] CLOSES                 -> list
    | "{" [entry ("," entry)*] "}"                                -> context
    | value "." NAME                                              -> path
    | value OPENS expression CLOSES                               -> filter
entry: (NAME | TEXT) ":" expression
?test: expression
    | COMPARE sum                                                 -> half
    | MINUS                                                       -> anything

SOME: "some"
EVERY: "every"
OR: "or"
AND: "and"
COMPARE: "=" | "!=" | "<=" | ">=" | "<" | ">"
PLUS: "+"
MINUS: "-"
TIMES: "*"
DIVIDE: "/"
OPENS: "["
CLOSES: "]"
NUMBER: /[0-9]+(\.[0-9]+)?|\.[0-9]+/
LITERAL: /@"[^"\\\n]*"/
TEXT: /"(?:[^"\\\n]|\\.)*"/
NAME: /LETTER(?:LETTER|[0-9_])*/
BLANK: /[ \t\r\n]+/
%ignore BLANK
SPACED.2: /(?:NAMES)(?=\s*\()/
""".replace("NAMES", "|".join(name.replace(" ", r"\s+") for name in SPACED)).replace(
    "LETTER", LETTER
)


def _parser(grammar: str) -> Lark:
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["start", "cell"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


PARSER: Final = _parser(GRAMMAR)

_LOOP_WORDS: Final = re.compile(r"\b(?:for|return)\b")


@lru_cache(maxsize=1)
def _parser_without_loops() -> Lark:
    """A parser to which `for` and `return` are names, as they were in releases published before
    FEEL here had loops; made when it is first needed.
    """
    lines = GRAMMAR.splitlines(keepends=True)
    return _parser("".join(line for line in lines if not line.endswith("-> loop\n")))


REFUSED: Final = [
    (re.compile(r"\*\*"), "power"),
    (re.compile(r"\bfunction\b"), "define"),
    (re.compile(r"\binstance\s+of\b"), "type"),
    (re.compile(r"^[^{}]*?(?P<found>[A-Za-z_][A-Za-z0-9_]*\s*:)"), "named"),
    (re.compile(r"//|/\*"), "comment"),
    (re.compile(r"\][^\[\]]+\.\.|\.\.[^\[\]]+\["), "bounds"),
]
"""Constructs outside our subset, by keys of `errors.INSTEAD`.

Asked only about a text that could not be read.
"""


_WORD: Final = re.compile(r"[^\W\d]\w*")
_CALL: Final = re.compile(rf"{_WORD.pattern}(?:\s+{_WORD.pattern})+\s*\(")


def tree(text: str, *, unary: bool, offset: int = 0) -> Tree[Token]:
    """Parse a text without its leading `=`.

    Args:
        offset: how many characters were in front of it.
    Raises:
        FeelError: D901 not FEEL, D904 FEEL outside our subset, D906 too long.
    """
    if len(text) > limits.FEEL_LENGTH:
        raise FeelError("D906", offset + limits.FEEL_LENGTH, "length", most=limits.FEEL_LENGTH)
    if not text:
        raise FeelError("D901", offset, "empty")
    try:
        return parsed(text, "cell" if unary else "start")
    except (UnexpectedCharacters, UnexpectedToken) as error:
        raise refusal(text, error, offset) from None
    except TooManyWords as error:
        raise FeelError("D906", offset + error.position, "words", most=limits.FEEL_WORDS) from None


class TooManyWords(Exception):
    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@lru_cache(maxsize=4_096)
def parsed(text: str, start: str) -> Tree[Token]:
    """The syntax tree of a text, cached.

    Rule tables repeat the same cells. A tree is never changed. A text that cannot be read with
    loops may have variables or parts that are named `for` or `return`.
    """
    if len(text) > limits.FEEL_WORDS:  # a word has at least one character
        for count, token in enumerate(PARSER.lex(text)):
            if count >= limits.FEEL_WORDS:
                raise TooManyWords(token.start_pos or 0)
    try:
        return PARSER.parse(text, start=start)
    except (UnexpectedCharacters, UnexpectedToken):
        if _LOOP_WORDS.search(text):
            with suppress(UnexpectedCharacters, UnexpectedToken):
                return _parser_without_loops().parse(text, start=start)
        raise


_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "and", "not", "between", "some", "every", "satisfies", "for", "return"}
)
"""Words that begin or join expressions, so no name of a function begins before them."""


def _unknown_function(
    text: str, error: UnexpectedCharacters | UnexpectedToken
) -> tuple[int, str] | None:
    """The place and name of a call whose name is several words, none of them ours."""
    for call in _CALL.finditer(text):
        if not call.start() <= cast("int", error.pos_in_stream) < call.end():
            continue
        words = list(_WORD.finditer(call[0]))
        last = max((n for n, word in enumerate(words) if word[0] in _KEYWORDS), default=-1)
        if last + 2 < len(words):
            return call.start() + words[last + 1].start(), " ".join(w[0] for w in words[last + 1 :])
    return None


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most two known names that are similar to a name."""
    names = {known_name.casefold(): known_name for known_name in known}
    return tuple(names[key] for key in get_close_matches(name.casefold(), names, n=2))


def refusal(text: str, error: UnexpectedCharacters | UnexpectedToken, offset: int) -> FeelError:
    """The error for a text that cannot be parsed.

    It names a construct outside our subset if there is one, else the first word that does not fit.
    """
    plain = re.sub(
        r'"(?:[^"\\]|\\.)*"', lambda quoted: '"' + "·" * (len(quoted[0]) - 2) + '"', text
    )
    for pattern, instead in REFUSED:
        if other := pattern.search(plain):
            place = "found" if "found" in pattern.groupindex else 0
            found = other[place].strip()
            start = other.start(place)
            return FeelError("D904", offset + start, "refused", found=found, instead=instead)
    if called := _unknown_function(plain, error):
        start, name = called
        near = nearest(name, SPACED)
        return FeelError("D903", offset + start, "function", name=name, near=near)
    if isinstance(error, UnexpectedCharacters):
        return FeelError(
            "D901", offset + cast("int", error.pos_in_stream), "character", found=error.char
        )
    if error.token.type == "$END":
        return FeelError("D901", offset + len(text), "end")
    return FeelError(
        "D901", offset + (error.token.start_pos or 0), "unexpected", found=str(error.token)
    )
