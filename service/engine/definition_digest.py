"""Digest of a definition: equal for releases that differ in words, colours or shapes alone.

Its keys are kept for ever, whatever the fields of the model are called.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

from service.engine.bpmn.model import EventDefinition, Node, Process, Repeat, Scope
from service.engine.feel.types import Type
from service.engine.timing.calendars import Calendar
from service.engine.types import Files

_DIGITS = 16
_RUNS = frozenset({"zone", "days", "missed", "before"})
"""Properties that change what a case does; the others are words."""

_Roles = Callable[[Process, Node], tuple[str, ...]]


def digest(
    files: Files,
    processes: Iterable[Process],
    types: Mapping[str, Type],
    calendars: Mapping[str, Calendar],
    roles: _Roles,
) -> str:
    """Digest all that runs: nodes without their words, flows in order, rules, types and calendars.

    Args:
        roles: the ids of a node's roles.
    Returns: the first 16 hexadecimal digits of a SHA-256.
    """
    digested = {
        "processes": {process.id: _scope(process, process.scope, roles) for process in processes},
        "rules": {name: hashlib.sha256(data).hexdigest() for name, data in files.rules.items()},
        "types": {name: _type(type_) for name, type_ in types.items()},
        "calendars": {name: _calendar(calendar) for name, calendar in calendars.items()},
    }
    text = json.dumps(digested, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _calendar(calendar: Calendar) -> list[object]:
    days_off = sorted(day.isoformat() for day in calendar.off)
    return [calendar.zone.key, sorted(calendar.week), days_off]


def _scope(process: Process, scope: Scope, roles: _Roles) -> list[object]:
    return [
        [_node(process, node, roles) for node in scope.nodes],
        [[flow.id, flow.source, flow.target, flow.condition] for flow in scope.flows],
    ]


def _node(process: Process, node: Node, roles: _Roles) -> dict[str, object]:
    digested = {name: value for name, value in _fields(node).items() if value}
    digested["runs"] = {name: value for name, value in node.properties.items() if name in _RUNS}
    digested["roles"] = roles(process, node)
    if node.scope is not None:
        digested["scope"] = _scope(process, node.scope, roles)
    return digested


def _fields(node: Node) -> dict[str, object]:
    """A node by the keys of its digest; words are left out."""
    event, repeat = node.event, node.repeat
    return {
        "id": node.id,
        "kind": node.kind,
        "event": _event(event),
        "attached_to": node.attached_to,
        "interrupting": node.interrupting,
        "default": node.default,
        "gateway": node.gateway,
        "event_sub": node.event_sub,
        "repeat": None if repeat is None else _repeat(repeat),
        "loops": node.loops,
        "compensates": node.compensates,
        "calls": node.calls,
        "topic": node.topic,
        "retries": node.retries,
        "headers": node.headers,
        "inputs": node.inputs,
        "outputs": node.outputs,
        "form": node.form,
        "groups": node.groups,
        "due": node.due,
        "follow_up": node.follow_up,
        "decision": node.decision,
        "result": node.result,
        "script": node.script,
    }


def _event(event: EventDefinition) -> dict[str, object]:
    return {
        "kind": event.kind,
        "ref": event.ref,
        "text": event.text,
        "refers": event.refers,
        "known": event.known,
    }


def _repeat(repeat: Repeat) -> dict[str, object]:
    return {
        "sequential": repeat.sequential,
        "collection": repeat.collection,
        "item": repeat.item,
        "into": repeat.into,
        "output": repeat.output,
        "until": repeat.until,
        "count": repeat.count,
    }


def _type(type_: Type) -> dict[str, object]:
    inner = {name: _type(field) for name, field in type_.fields.items()}
    return {"kind": type_.kind, "values": type_.values, "fields": inner}
