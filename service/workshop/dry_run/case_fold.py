"""One case of a dry run: its facts played again, on the releases that it was on and on the draft.

Values are opened in memory alone; what leaves here are ids of elements, names of fields, numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from service.casework.history.replay import ReplayedTurn, replay_turns
from service.engine import (
    Advance,
    Definition,
    MigrationCheck,
    RecordedFact,
    RerunVerdict,
    TurnSource,
    Variables,
    check_move,
    compare_with_draft,
    history_on,
)
from service.errors import CannotOpen, TrestegError
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work.batches import CaseOutcome
from service.workshop.dry_run import verdicts
from service.workshop.dry_run.verdicts import NewFields, judge

MOVES: Final = "moves"
CHOICE: Final = "choice"
CANNOT: Final = "cannot"
CHOOSABLE: Final = frozenset({"gone", "elsewhere", "kind", "scope", "no_end"})
"""Reasons against a move that go away when a person chooses where the case goes on."""


def fold_case(
    tx: Tx,
    services: Services,
    case_id: str,
    *,
    draft: PreparedRelease,
    base: PreparedRelease,
    now: datetime,
) -> CaseOutcome:
    """Play a case on a draft, and judge what the draft would have changed.

    A case of another release than the one in force is first followed on that one, so that what
    changed between the two is not laid at the door of the draft.

    Args:
        base: the release in force.
        now: when an open case would be moved to the draft.
    """
    try:
        cases.get(tx, case_id)  # refuses one that this installation did not write
        turns = [*replay_turns(tx, services, case_id)]
    except CannotOpen as e:
        erased = e.facts.get("table") == "vault_key"
        return CaseOutcome(verdicts.ERASED if erased else verdicts.UNREADABLE)
    except TrestegError as e:
        return CaseOutcome(verdicts.UNREADABLE, detail={"fault": e.code})
    if not turns:
        return CaseOutcome(verdicts.UNREADABLE)
    process = turns[-1].definition.process
    definition = draft.definitions.get(process)
    if definition is None:
        return CaseOutcome(verdicts.BREAKS, detail={"stop": "no_process"})
    given = samples(services)
    history, sources, detail = _reference(turns, base.definitions.get(process), given)
    found = compare_with_draft(definition, history, given, sources)
    outcome = judge(found, [*new_fields(tx, services, draft, definition, turns, found)])
    if not turns[-1].outcome.finished:
        detail["move"] = _move(turns[-1], definition, now)
    return CaseOutcome(outcome.verdict, outcome.element, {**outcome.detail, **detail})


def _reference(
    turns: Sequence[ReplayedTurn], base: Definition | None, given: Mapping[str, Variables]
) -> tuple[list[RecordedFact], list[TurnSource], dict[str, Any]]:
    """The history that the draft is compared with, the sources of its turns, and details to keep.

    It is the history as it was, or as it would have been on the release in force where the case ran
    on another one.
    """
    recorded: list[RecordedFact] = [(turn.stimulus, turn.fact.at, turn.outcome) for turn in turns]
    sources = [turn.source for turn in turns]
    is_open = not turns[-1].outcome.finished
    if base is None or all(turn.definition.digest == base.digest for turn in turns):
        return recorded, sources, {"open": is_open}
    followed, followed_sources = history_on(base, recorded, given, sources)
    if not followed:
        return recorded, sources, {"open": is_open}
    alike = _place(followed[-1][2]) == _place(turns[-1].outcome)
    return followed, followed_sources, {"open": is_open, "earlier": True, "partly": not alike}


def _place(turn: Advance) -> tuple[bool, list[str]]:
    return turn.finished, verdicts.place(turn.finished, turn.ends, turn.open)


def samples(services: Services) -> Mapping[str, Variables]:
    """Topic to the answer of a call that was never made, for handlers that answer nothing: only
    theirs is certain. No other answer is guessed.
    """
    return {
        declared.topic: {}
        for declared in services.topics.values()
        if not declared.answers and not declared.errors
    }


def new_fields(
    tx: Tx,
    services: Services,
    draft: PreparedRelease,
    definition: Definition,
    turns: Sequence[ReplayedTurn],
    found: RerunVerdict,
) -> Iterator[NewFields]:
    """Steps of the draft whose forms require what no form of the case asked, up to then or later.

    Fields that show on a condition alone are left out: whether they show is not known.
    """
    forms = [services.release(tx, turn.fact.release_id).forms.get(turn.fact.form) for turn in turns]
    given = {f.key for form in forms if form is not None for _, f in form.walk()}
    acted = {turn.fact.element for turn in turns if turn.fact.form}
    waiting = {work.element for work in found.unanswered if work.kind == "task"}
    for id_ in dict.fromkeys(found.becomes.way):
        element = definition.elements.get(id_)
        form = draft.forms.get(element.form) if element is not None else None
        if form is None or id_ not in acted | waiting:
            continue
        required = (f.key for f in form.fields if f.required and not f.is_conditional)
        fields = tuple(key for key in required if key not in given)
        if fields or (id_ in waiting and id_ not in found.was.way):
            yield NewFields(id_, fields)


def _move(last: ReplayedTurn, definition: Definition, now: datetime) -> dict[str, Any]:
    """Whether an open case could be moved to the draft now, and what keeps it."""
    try:
        checked = check_move(last.outcome.state, last.definition, definition, now=now)
    except TrestegError as e:
        return {"verdict": CANNOT, "code": e.code}
    return _moved(checked)


def _moved(checked: MigrationCheck) -> dict[str, Any]:
    if not checked.problems:
        return {"verdict": MOVES, "notes": len(checked.notes)}
    final = [one for one in checked.problems if one.code not in CHOOSABLE]
    first = (final or checked.problems)[0]
    return {
        "verdict": CANNOT if final else CHOICE,
        "element": first.element,
        "code": first.code,
        "facts": dict(first.facts),
        "message": first.message,
    }
