"""Codec of stimuli: ids and codes go into the open columns of a fact, values into its sealed
payload; both together give the stimulus back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from service.engine import (
    Answer,
    Complete,
    Correct,
    Due,
    Fail,
    Message,
    Move,
    Restore,
    Start,
    Stimulus,
)
from service.errors import WrongDefinition

Plain = dict[str, Any]
"""What is stored in the open: JSON of ids and codes."""
NO_STATES: Final[Mapping[int, bytes]] = MappingProxyType({})


def split(stimulus: Stimulus) -> tuple[Plain, dict[str, Any]]:
    """Take a stimulus apart: (what is stored in the open, what is sealed).

    Of a restore the number of the fact that it goes back to comes with the submission.
    """
    match stimulus:
        case Start(variables, element, calendars):
            return {"kind": "start", "element": element}, {
                "variables": dict(variables),
                "calendars": dict(calendars),
            }
        case Complete(id_, variables, calendars) | Answer(id_, variables, calendars):
            kind = "complete" if isinstance(stimulus, Complete) else "answer"
            return {"kind": kind, "id": id_}, _values(variables, calendars)
        case Message(name, variables, element, calendars, id_):
            # older facts know no id, and those that need none stay as they were
            one = {} if id_ is None else {"id": id_}
            plain = {"kind": "message", "name": name, "element": element, **one}
            return plain, _values(variables, calendars)
        case Correct(element, variables):
            return {"kind": "correction", "element": element}, _values(variables, None)
        case _:
            return _bare(stimulus), {}


def _bare(stimulus: Stimulus) -> Plain:
    """A stimulus without values."""
    match stimulus:
        case Fail(job, code):
            return {"kind": "fail", "id": job, "code": code}
        case Due(job):
            return {"kind": "due", "id": job}
        case Move(relocate, rearm):
            return {"kind": "move", "relocate": dict(relocate), "rearm": sorted(rearm)}
        case _:
            return {"kind": "restore"}


def _values(variables: Mapping[str, Any], calendars: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "variables": dict(variables),
        **({} if calendars is None else {"calendars": dict(calendars)}),
    }


def join(
    plain: Plain, sealed: Mapping[str, Any], states: Mapping[int, bytes] = NO_STATES
) -> Stimulus:
    """The stimulus that `split` took apart.

    Args:
        states: number of a fact to the state after it, of those that a restore goes back to.
    Raises:
        WrongDefinition: a kind that this version does not know.
    """
    variables = sealed.get("variables", {})
    calendars = sealed.get("calendars")
    match plain:
        case {"kind": "start", "element": element}:
            return Start(variables, element, calendars or {})
        case {"kind": "complete", "id": id_}:
            return Complete(id_, variables, calendars)
        case {"kind": "answer", "id": id_}:
            return Answer(id_, variables, calendars)
        case {"kind": "message", "name": name, "element": element}:
            return Message(name, variables, element, calendars, plain.get("id"))
        case {"kind": "correction", "element": element}:
            return Correct(element, variables)
        case {"kind": "restore", "fact": int(number)} if number in states:
            return Restore(states[number])
        case _:
            return _joined_bare(plain)


def _joined_bare(plain: Plain) -> Stimulus:
    """A stimulus without values, as `_bare` took it apart."""
    match plain:
        case {"kind": "fail", "id": id_, "code": code}:
            return Fail(id_, code)
        case {"kind": "due", "id": id_}:
            return Due(id_)
        case {"kind": "move", "relocate": relocate, "rearm": rearm}:
            return Move(relocate, frozenset(rearm))
        case _:
            kind = f"history holds a stimulus of kind {plain.get('kind')!r}"
            raise WrongDefinition(f"{kind}, which this version does not know")
