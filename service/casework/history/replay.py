"""The replay of a case: its facts played again, turn by turn, and compared with what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.casework.cases import progress, stimulus_codec
from service.casework.history.violations import Violation, cannot_open
from service.engine import (
    Advance,
    Definition,
    LastState,
    Stimulus,
    TurnSource,
    advance,
    engine_number,
)
from service.errors import CannotOpen, NotFound, TrestegError
from service.records import rule_rows
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.security.purposes import STATE
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.casefile.facts import Fact

MOVE: Final = "move"
"""Kind of a fact that takes the case to another release."""
RESTORE: Final = "restore"
"""Kind of a fact that takes the case back to an earlier one, whose number it names."""


@dataclass(frozen=True, slots=True)
class ReplayedTurn:
    """One fact played again: the stored row, its definition, the engine's result this time, what
    its payload holds, and the key of its case.
    """

    fact: facts.Fact
    stimulus: Stimulus
    definition: Definition
    outcome: Advance
    values: Mapping[str, Any]
    key: OwnerKey
    source: TurnSource
    """What the turn was made of, apart from its stimulus and time."""

    @property
    def moves(self) -> bool:
        """Whether it took the case to another release."""
        return self.fact.kind in (MOVE, RESTORE)


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


def replay_turns(
    reader: Reader, services: Services, case_id: str, *, upto: int | None = None
) -> Iterator[ReplayedTurn]:
    """Replay a case from its facts, one turn after the other.

    Args:
        upto: number of the last fact; None: all of them.
    Raises:
        NotFound: no such case.
        CannotOpen: a payload is not what was sealed.
        TrestegError: the engine does not accept the fact any more.
    """
    brief, keys = load_case_and_keys(reader, services, case_id)
    key = keys.require_own()
    payloads = facts.payloads(reader, [case_id])
    state, old = b"", None
    history = facts.of_case(reader, case_id, upto=upto)
    wanted = {fact.stimulus.get("fact") for fact in history if fact.kind == RESTORE}
    states: dict[int, bytes] = {}
    last = LastState()
    for fact in history:
        used = set[tuple[str, str]]()
        definition = services.release(reader, fact.release_id).definitions[brief.process]
        values = rule_rows.open_payload(key, fact, payloads)
        stimulus = stimulus_codec.join(fact.stimulus, values, states)
        outcome = advance(
            definition,
            state,
            stimulus,
            now=fact.at,
            seed=str(fact.rev),
            old=old,
            last=last,
            used=used,
        )
        state, old = outcome.state, definition
        if fact.rev in wanted:
            states[fact.rev] = state
        source = TurnSource(definition, str(fact.rev), frozenset(used))
        yield ReplayedTurn(fact, stimulus, definition, outcome, values, key, source)


def load_case_and_keys(
    reader: Reader, services: Services, case_id: str
) -> tuple[cases.CaseSummary, CaseKeys]:
    """Load a case as it is stored, whoever wrote it, and its keys: a replay tells what follows from
    the facts, and takes the process alone from the case. Who acts on it loads the case besides.

    Raises:
        NotFound: no such case.   CannotOpen: its own key is gone.
    """
    brief = cases.stored(reader, case_id)
    if brief is None:
        raise NotFound
    keys = services.case_keys(reader, case_id)
    keys.require_own()
    return brief, keys


def replay_case(
    reader: Reader,
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
        for turn in replay_turns(reader, services, case_id, upto=upto):
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


def _fact_before(fact: Fact) -> int:
    """Number of the fact that a turn goes on from: of its state, stage and station."""
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
