"""Conditions of fields: what they may read, the one condition under which a field is hidden, and
circles of conditions that read each other.

`conditional.hide` is form-js's own and reads names as form-js gives them: the form's answers from
the top (`contact.phone`), and inside a row of a list the columns as `this.<column>`. All other
expressions are ours and read the keys of their own level too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from service.forms.fields import Field, Form, Json
from service.forms.values import to_json

OF_ROWS = frozenset({"this", "parent", "i"})
"""What form-js calls a row, what holds its list, and the numbers of the row."""
OLDER = "shown_when"
"""Our property of releases before 0.3: the field is shown while it is true."""
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_PART = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\.\s*([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Names:
    """The names that the expressions of one level may read."""

    own: frozenset[str]
    """Names that our own expressions may read."""
    shown: frozenset[str]
    """Names that `conditional.hide` may read."""
    parts: Mapping[str, frozenset[str]]
    """What can be asked of a name: the keys inside it. A name without an entry may have any."""

    @classmethod
    def of_form(cls, names: Collection[str], parts: Mapping[str, frozenset[str]]) -> Names:
        """The names of the outermost level, where both kinds of expressions read the same."""
        return cls(frozenset(names), frozenset(names), parts)

    def inside(self, keys: Collection[str], *, row: bool) -> Names:
        """The names of the level in a group, or in the rows of a list.

        A key of this level hides one of the same name further out, in our expressions only: so
        `conditional.hide` reads neither by its bare name.
        """
        shown = self.shown - set(keys)
        made = replace(self, own=self.own | set(keys), shown=shown)
        if not row:
            return made
        parts = {**self.parts, "this": frozenset(keys)}
        return replace(made, shown=shown | OF_ROWS, parts=parts)

    def unknown_parts(self, text: str) -> Iterator[tuple[str, str]]:
        """Each (name, part) of an expression where the name is known and has no such part."""
        for name, part in _PART.findall(_TEXT.sub('""', text)):
            if part not in self.parts.get(name, {part}):
                yield name, part


def hiding(hide: str, older: str) -> str:
    """The text of the condition that hides a field, from form-js's property and our older one."""
    if not older:
        return hide
    return f"({hide}) = true or ({older}) != true" if hide else f"({older}) != true"


def worked_out_from(form: Form, field: Field) -> frozenset[str]:
    """Keys of the questions of a form from which alone a value is worked out; empty where it reads
    anything else, such as an earlier answer of the case.
    """
    if field.computed is None:
        return frozenset()
    own = {f.key: f for f in form.fields if f.key}
    consents = {f.key for f in form.fields if f.kind == "consent"}
    found: set[str] = set()
    for name in field.computed.reads - {field.key}:
        if name == "consents" and consents:
            found |= consents
        elif name not in own:
            return frozenset()
        elif own[name].computed is not None:
            found |= worked_out_from(form, own[name]) if own[name] is not field else set()
        else:
            found.add(name)
    return frozenset(found)


def says_nothing(form: Form, field: Field, value: Json, answered: Collection[str]) -> bool:
    """Whether a value that was worked out says nothing: no question that it is worked out from was
    answered, and it is what comes of no answers.
    """
    inputs = worked_out_from(form, field)
    if not inputs or inputs & set(answered) or field.computed is None:
        return False
    return value == to_json(field.kind, field.computed.evaluate({}))


def condition_circles(form: Form) -> Iterator[tuple[str, ...]]:
    """The keys of each group of outermost questions whose conditions read each other.

    A question that reads itself is in a circle of its own.
    """
    own = {field.key for field in form.fields if field.key}
    reads = {field.key: frozenset(_reads(field)) & own for field in form.fields if field.key}
    reached = {key: _reached(key, reads) for key in reads}
    named = set[str]()
    for key in reads:
        if key in reached[key] and key not in named:
            circle = tuple(
                k for k in reads if k == key or (k in reached[key] and key in reached[k])
            )
            named.update(circle)
            yield circle


def _reads(field: Field) -> Iterator[str]:
    """What decides whether a question is shown, and what a worked out answer comes from."""
    for condition in (field.hidden_when, field.computed):
        yield from condition.reads if condition is not None else ()


def _reached(key: str, reads: Mapping[str, frozenset[str]]) -> set[str]:
    found = set[str]()
    waiting = list(reads[key])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += reads[other]
    return found
