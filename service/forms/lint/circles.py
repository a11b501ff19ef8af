"""Circles of conditions: questions that are hidden or worked out by each other's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.forms.fields import Field, Form


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
