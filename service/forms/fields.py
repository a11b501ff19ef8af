"""The model of a form that has been read: fields, options, conditions and translated texts.

Frozen values; `reading` makes them, `checking` and `drawing` use them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""An answer as it is kept: whole numbers as int, other numbers as decimal text, dates and moments
as ISO text."""

Raw: TypeAlias = Mapping[str, list[str]]
"""What a browser sends: path (`safeContact.hours`, `risks.0.severity`) to texts.

A file field carries the ids of documents that are already kept.
"""

SOURCE = "sv"
"""Language of the texts in a form file; the others stand in its `x-i18n`."""

LANGUAGES = ("sv", "en")
"""Languages in which every text of a form is wanted."""

CHOSEN = frozenset({"choice", "country", "language", "office", "municipality"})
"""Kinds whose answer is one code."""


class Condition(Protocol):
    """A compiled FEEL expression."""

    @property
    def reads(self) -> frozenset[str]:
        """Names that the expression looks up."""
        ...

    def evaluate(
        self, values: Mapping[str, object], *, now: datetime | None = None, zone: ZoneInfo = ...
    ) -> object:
        """The value; data never raises."""
        ...


Feel: TypeAlias = Callable[[str, Collection[str]], Condition]
"""Compiles a FEEL text that may read these names; the engine's `Expression`.

Handed in by the caller, so that this package needs no engine.
"""


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen. `value` is the code, `label` the Swedish text."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must be true of an answer, and its sentence by language when it is not."""

    condition: Condition
    words: Mapping[str, str]

    def sentence(self, lang: str) -> str:
        """What to say when the condition is not true; Swedish where the language has no words."""
        return self.words.get(lang) or self.words.get(SOURCE, "")


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Plain bounds of an answer; None means unbounded.

    Rows count list rows, or files of a file field that takes several.
    """

    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    decimals: int = 0
    fewest_rows: int = 0
    most_rows: int = 1


@dataclass(frozen=True, slots=True)
class Field:
    """One question, or a holder of questions (`list`, `group`, `money`, `consent`, `consents`),
    or a computed answer.

    `kind`: text longtext number money date datetime yesno choice choices country language office
    municipality list group consent consents file paragraph.
    `consents` asks once what several consents share; each of them holds these questions too, marked
    by `asked_in`, so that the answer is one whole consent for each purpose.
    A computed field has the kind of its result and `computed` set. Texts are Swedish; `Form.say`
    gives the other languages.
    """

    key: str
    kind: str
    label: str
    help: str = ""
    data_class: str = "C2"
    group: str = ""
    purpose: str = ""
    required: bool = False
    routing: bool = False
    headline: bool = False
    buttons: bool = False
    binds: str = ""
    multiple: bool = False
    fresh: bool = False
    """An earlier answer with the same key is not filled in again, as of each judgement."""
    options: tuple[Option, ...] = ()
    fields: tuple[Field, ...] = ()
    limits: AnswerLimits = AnswerLimits()
    computed: Condition | None = None
    ruled: bool = False
    """A column of a list that the list's rule fills in."""
    hidden_when: Condition | None = None
    required_when: Condition | None = None
    feel: Mapping[str, Condition] = attribute(default_factory=dict)
    """Other FEEL properties: proposed, if_empty, not_before, not_after, currency, hint_when,
    offer_when."""
    checks: tuple[Check, ...] = ()
    properties: Mapping[str, str] = attribute(default_factory=dict)
    """The custom properties as they stand in the file, and `hide`, the condition of form-js."""
    asked_in: str = ""
    """Key of the group `consents` that asks this once for several purposes."""

    @property
    def conditions(self) -> Iterator[Condition]:
        """All expressions of the field."""
        own = (self.computed, self.hidden_when, self.required_when)
        yield from (condition for condition in own if condition is not None)
        yield from self.feel.values()
        yield from (check.condition for check in self.checks)

    @property
    def is_conditional(self) -> bool:
        """Whether the field can be hidden."""
        return self.hidden_when is not None

    @property
    def is_worked_out(self) -> bool:
        """Whether the server works the answer out; nobody types it."""
        return self.computed is not None or self.ruled

    @property
    def rule_calls(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        """The calls of a list's rule for each row: (rule input to column, column to rule output).

        Calls are parted by `;`, names by `,`.
        """
        if "rule" not in self.properties:
            return []
        inputs = self.properties.get("rule.in", "").split(";")
        outputs = self.properties.get("rule.out", "").split(";")
        return [(_pairs(i), _pairs(o)) for i, o in zip(inputs, outputs, strict=False)]

    @property
    def values(self) -> tuple[str, ...]:
        """The codes that may be chosen."""
        return tuple(option.value for option in self.options)

    @property
    def routing_type(self) -> tuple[str, tuple[str, ...]]:
        """Kind and values as the engine's types name them."""
        if self.kind == "choice":
            return "string", self.values
        if self.kind == "choices":
            return "list", self.values
        return {"yesno": "boolean", "datetime": "date and time"}.get(self.kind, self.kind), ()

    @property
    def neutral(self) -> str | None:
        """What the routing value becomes while the field is hidden, `null` for unset; None leaves
        it as it was.
        """
        return self.properties.get("when_hidden")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the page and the fields under it.

    The part before the first heading is a section without a label.
    """

    id: str
    label: str
    help: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Form:
    """One form of a release."""

    id: str
    title: str
    purpose: str
    """The read purpose of its fields, unless a field says otherwise; empty when the form holds no
    personal data."""
    sections: tuple[Section, ...]
    uses: Mapping[str, str]
    """Earlier answers and routing values that its conditions read: name to kind."""
    words: Mapping[str, Mapping[str, str]]
    """Language to Swedish text to that language's text."""

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The outermost fields, in the order of the page."""
        return tuple(f for section in self.sections for f in section.fields)

    @cached_property
    def consents(self) -> tuple[Field, ...]:
        """The outermost fields that ask for a consent."""
        return tuple(f for f in self.fields if f.kind == "consent")

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The outermost fields by key; of several with one key the first."""
        return {f.key: f for f in reversed(self.fields)}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Key of each outermost field to its place in the form."""
        return {f.key: n for n, f in enumerate(self.fields)}

    def field(self, key: str) -> Field:
        """The outermost field with this key; KeyError when there is none."""
        return self.by_key[key]

    def without(self, keys: Collection[str]) -> Form:
        """The same form without some of its outermost fields, and without sections that are empty
        then.
        """
        left = (
            replace(section, fields=tuple(f for f in section.fields if f.key not in keys))
            for section in self.sections
        )
        return replace(self, sections=tuple(section for section in left if section.fields))

    def walk(self) -> Iterator[tuple[str, Field]]:
        """Every field with its path, outer before inner; list rows have no number:
        `risks.severity`.
        """
        return iter(self._every)

    @cached_property
    def _every(self) -> tuple[tuple[str, Field], ...]:
        return tuple(_walk("", self.fields))

    def routing(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Routing fields: key to (kind, values) as the engine's types name them."""
        return {f.key: f.routing_type for f in self.fields if f.routing}

    @cached_property
    def always(self) -> frozenset[str]:
        """Routing fields that every accepted answer sets."""
        return frozenset(
            f.key
            for f in self.fields
            if f.routing
            and f.required
            and (not f.is_conditional or f.neutral not in (None, "null"))
        )

    @cached_property
    def button(self) -> Field | None:
        """The field whose values become submit buttons, if there is one."""
        return next((f for f in self.fields if f.buttons), None)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every name that some condition of the form looks up."""
        return frozenset(
            name
            for _, field in self.walk()
            for condition in field.conditions
            for name in condition.reads
        )

    @cached_property
    def reads_earlier(self) -> bool:
        """Whether its check may look at earlier answers of the case: a condition reads one, a list
        goes on with the ids of its rows, or a question may be left empty that was answered before.
        """
        own = {field.key for field in self.fields}
        read = bool(self.uses) or "before" in self.reads or not own.isdisjoint(self.reads)
        return read or any(
            not (field.required or field.fresh or field.is_worked_out or field.kind == "consent")
            or any("row_id" in inner.properties for inner in field.fields)
            for field in self.fields
            if field.key
        )

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of all its fields, those of lists and groups too."""
        return frozenset(field.kind for _, field in self.walk())

    @cached_property
    def sources(self) -> frozenset[tuple[str, str, bool]]:
        """Where its fields take their options from: the name that a field gives, the directory of
        its kind, and whether the choice makes an office a party.
        """
        return frozenset(
            (field.properties.get("options.from", ""), field.kind, bool(field.binds))
            for _, field in self.walk()
        )

    @cached_property
    def live_options(self) -> bool:
        """Whether a field offers what is so at this moment, such as the consents that are live."""
        return any(field.properties.get("options.live") == "yes" for _, field in self.walk())

    @cached_property
    def named(self) -> frozenset[str]:
        """Keys that it asks for or reads from earlier answers."""
        return frozenset({*self.uses, *(field.key for field in self.fields)})

    def say(self, text: str, lang: str) -> str:
        """The text in a language, else in Swedish."""
        return text if lang == SOURCE else self.words.get(lang, {}).get(text, text)

    def label(self, field: Field, lang: str) -> str:
        """A field's label."""
        return self.say(field.label, lang)

    def option_label(self, field: Field, value: str, lang: str) -> str:
        """The words for a chosen code; the code itself when the form does not know it."""
        return next((self.say(o.label, lang) for o in field.options if o.value == value), value)


def _pairs(text: str) -> dict[str, str]:
    """`a, b=c` as {a: a, b: c}."""
    parts = [p.partition("=") for p in text.replace(" ", "").split(",") if p]
    return {left: right or left for left, _, right in parts}


def _walk(prefix: str, fields: tuple[Field, ...]) -> Iterator[tuple[str, Field]]:
    for field in fields:
        yield prefix + field.key, field
        yield from _walk(f"{prefix}{field.key}.", field.fields)
