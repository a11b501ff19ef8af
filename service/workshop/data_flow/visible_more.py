"""Wider sight of a role: by another visibility matrix, or because a field has another class."""

from __future__ import annotations

from collections.abc import Iterator

from service.access import (
    CLASSES,
    ENDED,
    HEADLINE,
    NOTHING,
    OWN_OFFICE,
    Matrix,
    Narrowing,
    Resource,
    is_wider,
)
from service.text import say
from service.workshop.data_flow.sides import OPEN_CLASS, FlowField, FlowSide, WiderFlow

FIELD, CLASSED = "field", "classed"
"""Kinds of flows: a question that is new, and one that more persons may see."""


def matrix_sentences(before: FlowSide, after: FlowSide) -> Iterator[str]:
    """Sentences on the visibility matrix: one for each role and class that it shows more of in some
    stage, and one for each restriction that is gone or changed.
    """
    lang = after.lang
    for role, by_stage in after.matrix.letters.items():
        for at, klass in enumerate(CLASSES):
            grown: dict[tuple[str, str], list[str]] = {}
            for stage, letters in by_stage.items():
                was = before.matrix.letters.get(role, {}).get(stage, NOTHING * len(CLASSES))[at]
                if is_wider(letters[at], was):
                    grown.setdefault((was, letters[at]), []).append(_stage(after, stage))
            for (was, now), stages in grown.items():
                yield say(
                    "flow.matrix",
                    lang,
                    role=after.role_name(role),
                    klass=say(f"forms.class_{klass}", lang),
                    stages=", ".join(stages),
                    was=_mode(was, lang),
                    now=_mode(now, lang),
                )
    kept = set(after.matrix.narrowings)
    for row in before.matrix.narrowings:
        if row not in kept:
            yield _restriction_gone(row, after)


def roles_that_gain(matrix: Matrix, was: FlowField | None, now: FlowField) -> tuple[str, ...]:
    """Roles that see a field in some stage in which they did not see it before, or not so much.

    Args:
        was: as it was classed before; None where it was not asked.
    """
    if was is not None and _classing(was) == _classing(now):
        return ()
    return tuple(
        role
        for role, by_stage in matrix.letters.items()
        if any(
            is_wider(
                _seen(matrix, role, stage, now),
                _seen(matrix, role, stage, was) if was is not None else NOTHING,
            )
            for stage in by_stage
        )
    )


def _classing(field: FlowField) -> tuple[str, str, bool]:
    """All of a field that the matrix asks for."""
    return field.klass, field.group, field.headline


def field_flows(before: FlowSide, after: FlowSide) -> Iterator[WiderFlow]:
    """Questions about a person that are new, by form and class; and those that were asked and that
    more persons may see now.
    """
    lang = after.lang
    found: dict[tuple[str, str], list[FlowField]] = {}
    for key, field in after.fields.items():
        if key not in before.fields and field.klass != OPEN_CLASS and field.form:
            found.setdefault((field.form, field.klass), []).append(field)
    for (form, klass), fields in found.items():
        gain = (roles_that_gain(after.matrix, None, field) for field in fields)
        roles = tuple(dict.fromkeys(role for some in gain for role in some))
        sentence = say(
            "flow.field_new",
            lang,
            form=after.form_name(form),
            fields=after.fields_named(field.key for field in fields),
            klass=say(f"forms.class_{klass}", lang),
            roles=after.roles_named(roles),
        )
        yield WiderFlow(FIELD, sentence, file=f"forms/{form}.form")
    for key, now in after.fields.items():
        was = before.fields.get(key)
        if was is not None:
            for sentence in _classed(after, was, now):
                yield WiderFlow(CLASSED, sentence, file=f"forms/{now.form}.form" * bool(now.form))


def _classed(side: FlowSide, was: FlowField, now: FlowField) -> Iterator[str]:
    name, lang = side.field_name(now.key), side.lang
    gain = roles_that_gain(side.matrix, was, now)
    if gain and (was.klass, was.headline) != (now.klass, now.headline):
        facts = {
            "was": say(f"forms.class_{was.klass}", lang),
            "now": say(f"forms.class_{now.klass}", lang),
        }
        key = "flow.headline" if was.klass == now.klass else "flow.classed"
        yield say(key, lang, field=name, roles=side.roles_named(gain), **facts)
    if OPEN_CLASS not in (was.klass, now.klass) and was.group != now.group:
        yield say("flow.group", lang, field=name)
    if now.routing and not was.routing:
        yield say("flow.routing", lang, field=name)
    if now.klass != OPEN_CLASS and was.purpose != now.purpose:
        yield say("flow.purpose", lang, field=name)


def roles_that_see_more_in(matrix: Matrix, was: str, now: str) -> tuple[str, ...]:
    """Roles to which one stage of a case shows more than another."""
    none = NOTHING * len(CLASSES)
    return tuple(
        role
        for role, by_stage in matrix.letters.items()
        if any(
            is_wider(new, old)
            for old, new in zip(by_stage.get(was, none), by_stage.get(now, none), strict=True)
        )
    )


def _seen(matrix: Matrix, role: str, stage: str, field: FlowField) -> str:
    if field.group == OWN_OFFICE:
        return NOTHING
    about = Resource(field.klass, field.key, field.group, headline=field.headline)
    mode = matrix.mode(role, stage, about, manager=False)
    return NOTHING if mode == HEADLINE and not field.headline else mode


def _restriction_gone(row: Narrowing, side: FlowSide) -> str:
    stages = sorted(row.stages, key=lambda one: (one == ENDED, one))
    classes = (say(f"forms.class_{klass}", side.lang) for klass in sorted(row.classes))
    return say(
        "flow.restriction",
        side.lang,
        role=side.role_name(row.role),
        klass=", ".join(classes),
        stages=", ".join(_stage(side, stage) for stage in stages),
    )


def _stage(side: FlowSide, stage: str) -> str:
    return say("flow.ended", side.lang) if stage == ENDED else side.stage_name(stage)


def _mode(letter: str, lang: str) -> str:
    name = {"F": "all", "O": "own", "S": "headline"}.get(letter, "nothing")
    return say(f"flow.sees_{name}", lang)
