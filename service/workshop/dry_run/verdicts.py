"""Verdicts of a dry run: what would have become of a case on the draft, in one word with its place.

The cause goes before what follows from it: a gateway that leads another way is named, and not the
question that waits there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.engine import Open, RerunVerdict
from service.store.work.batches import CaseOutcome

SAME: Final = "same"
OTHER_WAY: Final = "other_way"
OTHER_END: Final = "other_end"
DECIDES: Final = "decides"
ASKS: Final = "asks"
WAITS: Final = "waits"
BREAKS: Final = "breaks"
UNREADABLE: Final = "unreadable"
ERASED: Final = "erased"
FAILED: Final = "failed"
VERDICTS: Final = (
    SAME,
    OTHER_WAY,
    OTHER_END,
    DECIDES,
    ASKS,
    WAITS,
    BREAKS,
    UNREADABLE,
    ERASED,
    FAILED,
)
"""From what changes nothing to what cannot be said."""
NOT_SHOWN: Final = frozenset({UNREADABLE, ERASED, FAILED})
"""Cases that could not be played again: counted and named, never guessed."""
LONGEST: Final = 1000
"""Most steps of a way that are kept for the two lists of steps."""


@dataclass(frozen=True, slots=True)
class NewFields:
    """A form that asks what no form of the case asked: its element and the names of the fields."""

    element: str
    fields: tuple[str, ...]


def judge(found: RerunVerdict, asked: Sequence[NewFields]) -> CaseOutcome:
    """The verdict on a case that was played on the draft.

    Args:
        found: how the two runs compare.
        asked: steps that the case passed on the draft whose forms ask more, and new steps that wait
            with what they would ask, in the order of the draft.
    """
    verdict, element, more = _verdict(found, asked)
    was, becomes = found.was, found.becomes
    detail: dict[str, Any] = {
        "ended": {"was": was.finished, "becomes": becomes.finished},
        "was": place(was.finished, was.ends, was.waits),
        "becomes": place(becomes.finished, becomes.ends, becomes.waits),
        "gained": _only_in(becomes.way, was.way),
        "lost": _only_in(was.way, becomes.way),
        "fact": found.fact,
        "times": {"was": dict(was.times), "becomes": dict(becomes.times)},
        **more,
    }
    if becomes.way != was.way:
        ways = {"was": was.way[:LONGEST], "becomes": becomes.way[:LONGEST]}
        detail["ways"] = {which: list(way) for which, way in ways.items()}
    return CaseOutcome(verdict, element, detail)


def _verdict(found: RerunVerdict, asked: Sequence[NewFields]) -> tuple[str, str, Mapping[str, Any]]:
    """Verdict, element, and what goes with it."""
    waiting = [work.element for work in found.unanswered]
    then = {"then": list(dict.fromkeys(waiting))} if waiting else {}
    if found.kind == "stops":
        return BREAKS, found.element, {"stop": found.detail}
    if (decision := found.decision) is not None:
        flows = {"flows": {"was": list(decision.was), "becomes": list(decision.becomes)}}
        return DECIDES, decision.element, {**flows, **then}
    fields = {one.element: list(one.fields) for one in asked}
    if found.unanswered:
        work = next((w for w in found.unanswered if w.element == found.element), None)
        return _waits(work or found.unanswered[0], fields, then)
    if fields:
        element = next(iter(fields))
        return ASKS, element, {"fields": fields[element]}
    if found.kind == "same":
        return SAME, "", {}
    if _end(found.was.finished, found.was.ends, found.was.waits) != _end(
        found.becomes.finished, found.becomes.ends, found.becomes.waits
    ):
        return OTHER_END, found.element, {}
    return OTHER_WAY, found.element, {}


def _waits(
    work: Open, fields: Mapping[str, list[str]], then: Mapping[str, Any]
) -> tuple[str, str, Mapping[str, Any]]:
    """A person is asked, or something else has to come: an answer of a handler, a message."""
    if work.kind == "task" and work.element in fields:
        return ASKS, work.element, {"fields": fields[work.element], **then}
    return WAITS, work.element, {"kind": work.kind, "what": work.what, **then}


def place(finished: bool, ends: Sequence[str], waits: Sequence[Open]) -> list[str]:  # noqa: FBT001 - the three parts of where a case stands
    """Where a case stands: its last end, or the elements that wait."""
    if finished:
        return [ends[-1]] if ends else []
    return sorted({work.element for work in waits if work.kind in ("task", "job")}) or sorted(
        {work.element for work in waits if work.kind != "join"}
    )


def _end(finished: bool, ends: Sequence[str], waits: Sequence[Open]) -> tuple[bool, list[str]]:  # noqa: FBT001 - as above
    return finished, place(finished, ends, waits)


def _only_in(way: Sequence[str], other: Collection[str]) -> list[str]:
    """Elements of a way that are not in another, each once, in order."""
    known = frozenset(other)
    return [element for element in dict.fromkeys(way) if element not in known]
