"""Files of the configuration as typed values: msgspec decodes what TOML holds, and what it finds
wrong becomes a sentence of ours, with its place.

A reader says the shape of its file as classes. What a shape cannot say (a name that another file
has, two rows of one id), it checks itself, and raises the same error.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Annotated, Any, Final, TypeVar

import msgspec

Value = TypeVar("Value")
Words = Mapping[str, str]
"""Language to text."""
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
"""A text that is not empty."""
Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z")]
"""An id of a row."""
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
"""At least one text."""
OneOrMore = str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""A text, or a list of at least one. No pattern stands in it: with one in a union, msgspec 0.22.0
frees memory twice when the program ends, and one command in three died of that."""
SENTENCES: Final[Mapping[str, str]] = {
    "toml": "{reason}",
    "missing": "{at}it lacks {name}",
    "unknown": "{at}{name} means nothing here",
    "kind": "{at}this must be {wanted}, not {kind}",
    "empty": "{at}this is empty",
    "least": "{at}this must be at least {name}",
    "most": "{at}this must be at most {name}",
    "choice": "{at}there is no {name}; there are {choices}",
    "twice": "{at}{name} is there twice",
    "id": "{at}an id has 1 to 40 letters, digits, _ and -, and begins with a letter or a digit",
    "ended": "{at}{name} means that a case has ended; take another id",
    "no_answers": "{at}a group needs values or prefixes",
    "two_groups": "{at}{name} lies in {first} and in {second}; every answer belongs to one group",
    "two_dimensions": "the dimensions {first} and {second} both read {name}: hidden numbers of one "
    "could be worked out from the other; keep one of them",
    "circle": "the crossing of {first} and {second} closes a circle: hidden numbers could be "
    "worked out from several crossings together; leave one of them out",
    "way": "{at}there has to be a kind and what stands behind it, such as print: or "
    "mail:orders@example.org",
    "on_call": "{at}no provider may be called so: programme.toml names who is on duty",
    "day": "{at}this is no day; write it as 2026-12-01, without quotation marks",
    "period": "{at}{name} is no length of time; write days, weeks, months or years as P30D, P4W, "
    "P12M or P5Y",
    "order": "{at}the last day, {name}, comes before the first, {first}",
    "one_source": "{at}exactly one of these has to be there: {choices}",
    "of_product": "{at}{name} means something in the service itself; take another id",
    "two_offices": "{at}same_office and other_office say the opposite; keep one of them",
    "hours": "hours_from must be an hour before hours_to, such as 6 and 20",
}
"""What can be wrong, in English; the Swedish sentences are those of `X122` in `lint_sv.toml`."""
KINDS: Final[Mapping[str, str]] = {
    "str": "a text",
    "str | array": "a text or a list",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a day",
}
"""What msgspec calls a kind of value, and what it is called here."""
_MESSAGES: Final = (
    ("missing", re.compile(r"Object missing required field `(?P<name>.+)`")),
    ("unknown", re.compile(r"Object contains unknown field `(?P<name>.+)`")),
    ("kind", re.compile(r"Expected `(?P<wanted>.+)`, got `(?P<kind>.+)`")),
    ("day", re.compile(r"Invalid RFC3339 encoded date")),
    ("id", re.compile(r"Expected `str` matching regex .*A-Za-z0-9.*")),
    ("empty", re.compile(r"Expected `(?:str` matching regex|array` of length >= 1).*")),
    ("least", re.compile(r"Expected `int` >= (?P<name>\d+)")),
    ("most", re.compile(r"Expected `int` <= (?P<name>\d+)")),
)
"""What is wrong, by the message of msgspec that says so: it gives nothing else."""


class WrongTable(ValueError):
    """A file of the configuration is not as its reader wants it.

    Args:
        why: a key of `SENTENCES`.
        place: the way to it from the top of the file: names, a row with its number from 1.
        facts: what the sentence names.
    """

    def __init__(self, why: str, *place: str, **facts: str) -> None:
        at = f"{', '.join(place)}: " if place else ""
        self.facts: Mapping[str, object] = {"sentence": f"X122.{why}", "at": at, **facts}
        super().__init__(SENTENCES[why].format(at=at, **facts))


class Worded(msgspec.Struct, frozen=True, kw_only=True):
    """A row that bears its words, a key for each language."""

    sv: Text
    en: Text

    @property
    def words(self) -> Words:
        """Language to text."""
        return {"sv": self.sv, "en": self.en}


def read_table(text: str, shape: type[Value]) -> Value:
    """Read a file as a value of a class.

    Raises:
        WrongTable: it is no TOML, or not of that shape.
    """
    return typed(plain_table(text), shape)


def plain_table(text: str) -> dict[str, Any]:
    """Read a file as TOML has it.

    Raises:
        WrongTable: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise WrongTable("toml", reason=str(e)) from e


def typed(value: object, shape: type[Value], *place: str) -> Value:
    """Make a value of a class, of what TOML holds at a place.

    Raises:
        WrongTable: it is not of that shape; the first place that is wrong is named.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as e:
        raise _wrong(str(e), shape, place) from e


def refuse_unknown(table: Mapping[str, Any], shape: type) -> None:
    """Refuse a key of a file that is no field of a dataclass; a `Struct` can do it itself.

    Raises:
        WrongTable: there is one.
    """
    known = [one.name for one in fields(shape)]
    for name in table:
        require_one_of(name, known)


def require_one_of(name: str, choices: Collection[str], *place: str) -> None:
    """Refuse a name that is none of some.

    Raises:
        WrongTable: it is none of them.
    """
    if name not in choices:
        raise WrongTable("choice", *place, name=name, choices=", ".join(sorted(choices)))


def as_texts(value: OneOrMore) -> tuple[str, ...]:
    """What a key holds that may be one text or several."""
    return (value,) if isinstance(value, str) else value


def refuse_twice(ids: Iterable[str], *place: str) -> None:
    """Refuse an id that is there twice.

    Raises:
        WrongTable: one is.
    """
    seen = set[str]()
    for id_ in ids:
        if id_ in seen:
            raise WrongTable("twice", *place, name=id_)
        seen.add(id_)


def require_order(start: date, end: date | None, place: str) -> None:
    """Refuse a last day that comes before the first.

    Raises:
        WrongTable: it does.
    """
    if end is not None and end < start:
        raise WrongTable("order", place, name=end.isoformat(), first=start.isoformat())


def _wrong(message: str, shape: type, place: tuple[str, ...]) -> WrongTable:
    said, _, path = message.partition(" - at `$")
    at = (*place, *_steps(path.removesuffix("`")))
    for why, pattern in _MESSAGES:
        if found := pattern.fullmatch(said):
            facts = found.groupdict()
            if why == "unknown" and not path:
                there = sorted(one.encode_name for one in msgspec.structs.fields(shape))
                return WrongTable("choice", *at, choices=", ".join(there), **facts)
            for name in {"wanted", "kind"} & facts.keys():
                kind = facts[name].removesuffix(" | null")  # TOML has none: left out
                facts[name] = KINDS.get(kind, kind)
            return WrongTable(why, *at, **facts)
    return WrongTable("toml", reason=message)


def _steps(path: str) -> list[str]:
    """A path of msgspec (`.approval[0].ask[1]`) as steps that a person counts: `approval 1`,
    `ask 2`.
    """
    steps = []
    for part in path.removeprefix(".").split("."):
        name, _, rest = part.partition("[")
        numbers = [str(int(n) + 1) for n in re.findall(r"\d+", rest)]
        if name or numbers:
            steps.append(" ".join([name, *numbers]).strip())
    return steps
