"""Checks of the replay: each fact, played again, gives the state, steps and open work stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.casework.cases import progress
from service.casework.history.replay import RESTORE, ReplayedTurn, replay_turns
from service.casework.history.violations import Violation, cannot_open
from service.engine import engine_number
from service.errors import CannotOpen, TrestegError
from service.records import rule_rows
from service.records.context import Services
from service.security.purposes import STATE
from service.store.casefile.facts import Fact
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ReplayedCase:
    """The end of a replay: the last turn, stage and station by it, when the case began, and for
    each piece of open work the turn that opened it.
    """

    last: ReplayedTurn
    place: progress.CasePlace
    began: datetime
    opened: Mapping[str, ReplayedTurn]
    drawn: Mapping[str, ReplayedTurn]
    """Work id to the turn from which the diagram's part of its row comes: the turn that opened the
    work, or the last turn that moved the case to another release."""


def replay_case(
    tx: Tx,
    services: Services,
    case_id: str,
    faults: list[Violation],
    *,
    upto: int | None = None,
) -> ReplayedCase | None:
    """Replay a case and compare every turn with its fact.

    Args:
        faults: gets the differences, and the fact that cannot be played.
        upto: number of the last fact that is played; None: all of them.
    Returns:
        None when there is no fact, or one that cannot be played.
    """
    replayed: ReplayedCase | None = None
    places = {0: progress.CasePlace("", "")}
    try:
        for turn in replay_turns(tx, services, case_id, upto=upto):
            outcome, was = turn.outcome, places[_fact_before(turn.fact)]
            number = engine_number(turn.fact.engine)
            place = progress.place_after(turn.definition, was, outcome.steps, outcome.open, number)
            places[turn.fact.rev] = place
            before = replayed.opened if replayed is not None else {}
            opened = {waits.id: before.get(waits.id, turn) for waits in outcome.open}
            known = replayed.drawn if replayed is not None and not turn.moves else {}
            drawn = {waits.id: known.get(waits.id, turn) for waits in outcome.open}
            began = replayed.began if replayed is not None else turn.fact.at
            replayed = ReplayedCase(turn, place, began, opened, drawn)
            faults += check_turn(case_id, turn)
    except Exception as e:  # noqa: BLE001 - whatever a damaged fact does, it is named
        rev = replayed.last.fact.rev + 1 if replayed is not None else 1
        faults.append(_unplayable(case_id, rev, e))
        return None
    return replayed


def _fact_before(fact: Fact) -> int:
    """Number of the fact whose stage and station a turn goes on from."""
    return int(fact.stimulus["fact"]) if fact.kind == RESTORE else fact.rev - 1


def _unplayable(case_id: str, rev: int, fault: Exception) -> Violation:
    """I3, I11: a fact that cannot be played."""
    if isinstance(fault, CannotOpen):
        table = str(fault.facts.get("table", ""))
        return cannot_open(case_id, f"payload of fact {rev}" if table == "fact_payload" else table)
    expected, found = "a fact that can be read", type(fault).__name__
    if isinstance(fault, TrestegError):
        expected, found = "a fact that the engine takes", f"{fault.code}: {fault}"
    return Violation("I3", case_id, f"fact {rev}", expected, found)


def check_turn(case_id: str, turn: ReplayedTurn) -> Iterator[Violation]:
    """I3: a turn gives the state, the steps and the open work that its fact stores."""
    fact, outcome = turn.fact, turn.outcome
    place, state = f"fact {fact.rev}", turn.key.digest(STATE, outcome.state)
    if state != fact.state:
        expected, found = f"state {fact.state[:12]}", f"state {state[:12]}"
        yield Violation("I3", case_id, place, expected, found)
    rows = rule_rows.sealed_rows(outcome.steps)
    same_rows = rows.get(rule_rows.ROWS) == turn.values.get(rule_rows.ROWS)
    if rule_rows.open_steps(outcome.steps) != fact.steps or not same_rows:
        yield Violation("I3", case_id, place, "the steps that history tells", "other steps")
    if [[o.kind, o.element, o.nth] for o in outcome.open] != fact.turn.open:
        expected, found = "the open work that history tells", "other open work"
        yield Violation("I3", case_id, place, expected, found)
