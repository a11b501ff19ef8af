"""Allowed values of the properties that have a meaning here."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.engine.bpmn.model import Node, Process
from service.engine.bpmn.priorities import MOST, waits_for_worker
from service.engine.bpmn.sentences import SENTENCES, severity
from service.engine.lint.context import LintContext, joined
from service.engine.lint.names import is_name, variable_type
from service.engine.lint.rules_dialect import is_zone
from service.engine.lint.scopes import PEOPLE

VOCABULARY_FILE = "workflows/config/vocabulary.toml"
"""Where a release lists its stages and stations."""
_SHORT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_TEXT = 2000
_FAMILIES = ("name.", "plain.", "promise.", "receipt.", "sentence.", "var.")


def property_fault(context: LintContext, place: Node | Process, name: str, value: str) -> str:
    """What a property may be, in words, when its value is not that.

    Empty when it is allowed, and for names that have no meaning here (D510).
    """
    family = next((prefix for prefix in _FAMILIES if name.startswith(prefix)), name)
    check = _CHECKS.get(family)
    if check is None:
        return ""
    fits, allowed = check(context, place, name.removeprefix(family), value)
    return "" if fits else allowed


def is_known(name: str) -> bool:
    """Whether a property has a meaning here."""
    return name in _CHECKS or any(name.startswith(prefix) for prefix in _FAMILIES)


_Check = Callable[[LintContext, "Node | Process", str, str], tuple[bool, str]]


def _one_of(*values: str) -> _Check:
    return lambda _context, _place, _rest, value: (value in values, joined(values))


def _among(listed: tuple[str, ...] | None, value: str) -> tuple[bool, str]:
    """A release without such a list is one finding, D511, not one for each property."""
    return listed is None or value in listed, joined(listed or ())


def _stage(
    context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    return _among(context.files.stages, value)


def _station(
    context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    return _among(context.files.stations, value)


def _short(
    _context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    return _SHORT.fullmatch(value) is not None, "a short name of small letters, digits and _"


def _words(
    _context: LintContext, _place: Node | Process, language: str, value: str
) -> tuple[bool, str]:
    return language.isascii() and language.isalpha() and len(language) in {2, 3} and 0 < len(
        value
    ) <= _MOST_TEXT, "a text, for a language such as sv or en"


def _other_tasks(
    context: LintContext, place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    ids = _listed(value)
    done = {node.id for _, node in context.nodes("userTask", "manualTask")}
    sent = {
        node.id
        for _, node in context.nodes("startEvent", "boundaryEvent")
        if node.event.kind == "message" and node.form
    }
    return bool(ids) and place.id not in ids and (done | sent).issuperset(
        ids
    ), "ids of other tasks for persons, or of messages with a form"


def _roles(
    context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    ids = _listed(value)
    return bool(ids) and set(context.files.roles).issuperset(ids), joined(context.files.roles)


def _zone(
    _context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    return is_zone(value), "a zone such as Europe/Stockholm"


def _codes(
    _context: LintContext, _place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    may_be_seen = {key.partition(".")[0] for key in SENTENCES if severity(key) != "E"} | {
        f"R20{n}" for n in (2, 3, 7)
    }
    return bool(_listed(value)) and may_be_seen.issuperset(
        _listed(value)
    ), "codes of warnings and hints"


def _promise(
    _context: LintContext, place: Node | Process, number: str, value: str
) -> tuple[bool, str]:
    return number.isdecimal() and bool(value.strip()) and isinstance(
        place, Process
    ), "promise.1, promise.2 … on the process"


def _priority(
    _context: LintContext, place: Node | Process, _rest: str, value: str
) -> tuple[bool, str]:
    fits = value.isascii() and value.isdigit() and int(value) <= MOST
    return fits and isinstance(place, Node) and waits_for_worker(
        place
    ), "0–100, on timers and steps that a handler does"


def _variable(
    _context: LintContext, place: Node | Process, name: str, value: str
) -> tuple[bool, str]:
    fits = isinstance(place, Process) and is_name(name) and variable_type(value) is not None
    return fits, "on the process: a type, or string: A, B, C"


def _feel(
    _context: LintContext, _place: Node | Process, _rest: str, _value: str
) -> tuple[bool, str]:
    return True, "FEEL"  # judged as an expression (D901 and its neighbours)


def _task_feel(
    _context: LintContext, place: Node | Process, _rest: str, _value: str
) -> tuple[bool, str]:
    return isinstance(place, Node) and place.kind in PEOPLE, "FEEL, on a task for persons"


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


_CHECKS: dict[str, _Check] = {
    "stage": _stage,
    "station": _station,
    "milestone": _short,
    "missed": _one_of("once", "all"),
    "priority": _priority,
    "days": _one_of("working", "calendar"),
    "before": _task_feel,
    "zone": _zone,
    "not_same_person_as": _other_tasks,
    "roles": _roles,
    "allowed_when": _feel,
    "seen": _codes,
    "name.": _words,
    "plain.": _words,
    "receipt.": _words,
    "sentence.": _words,
    "promise.": _promise,
    "var.": _variable,
}
