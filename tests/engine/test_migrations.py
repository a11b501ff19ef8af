"""Random cases move to random other versions of their process: no work lost, no deadline changed, no case stuck, or a sentence says why not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from service.engine.advance import advance
from service.engine.codec import unpack
from service.engine.definition import Definition
from service.engine.library import LIVE
from service.engine.move import Problem, check
from service.engine.values import Advance, Move, Open, Restore
from service.errors import CannotMove, EngineStopped, TrestegError
from tests.engine.blocks import Blocks
from tests.engine.drawing import MONDAY, definition
from tests.engine.test_random import START, TYPES, Player
from tests.scale import figure, seeded

RUNS = figure("moves")
LONGEST = 60
STEPS = {"Person", "Job", "Sub", "Call", "Each", "EachInTurn", "Catch", "Race"}


@dataclass
class Case:
    """A case under way, with the die that moves it."""

    drawn: Definition
    turn: Advance
    player: Player
    number: int = 1

    def go(self, most: int) -> str:
        """Let it run; why it stands now."""
        for _ in range(most):
            if self.turn.finished:
                return "finished"
            if all(o.kind == "join" for o in self.turn.open):
                return "stuck"
            stimulus = self.player.choose(self.turn.open)
            if stimulus is None:
                return "waits for what has no date"
            self.number += 1
            try:
                self.turn = advance(self.drawn, self.turn.state, stimulus, now=self.player.now, seed=str(self.number))
            except EngineStopped as stop:
                return stop.kind
            except TrestegError:  # refused, and nothing has changed
                continue
        return "goes on"


def under_way(seed: int) -> tuple[Case, Definition] | None:
    """A case some steps from its start, and another version of its process; None when it has ended or stopped by then."""
    blocks, dice = Blocks(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    whole = blocks.whole()
    other = whole
    for _ in range(dice.randint(1, 3)):
        other = blocks.edited(other)
    drawn = definition(whole.file(), types=TYPES)
    try:
        case = Case(drawn, advance(drawn, b"", START, now=MONDAY, seed="1"), Player(seed))
    except EngineStopped:
        return None
    return (case, definition(other.file(), types=TYPES)) if case.go(dice.randint(1, 4)) == "goes on" and not case.turn.finished else None


def waits(opened: Open) -> tuple[object, ...]:
    return opened.kind, opened.id, opened.element, opened.nth, opened.item, opened.due


def refused(case: Case, new: Definition, problems: list[Problem]) -> str:
    """Every reason is a whole sentence, and the move is refused with these sentences."""
    assert all(p.message.endswith((".", "-")) and "{" not in p.message and p.element for p in problems)
    with pytest.raises(CannotMove) as told:
        advance(new, case.turn.state, Move(), now=case.player.now, seed="900")
    assert told.value.problems == tuple(p.message for p in problems)
    return f"refused: {problems[0].code}"


def moved(seed: int) -> str:
    """Move one case; how it ended on the new version."""
    made = under_way(seed)
    if made is None:
        return "too short"
    case, new = made
    if problems := check(case.turn.state, new):
        return refused(case, new, problems)
    before, old, then = case.turn.open, case.drawn, case.turn.state
    case.drawn, case.turn = new, advance(new, then, Move(), now=case.player.now, seed="900")
    if not case.turn.finished:
        kept = {waits(o) for o in before if o.kind != "join" and o.element in new.elements}
        assert kept <= {waits(o) for o in case.turn.open}
        assert kept.issuperset(waits(o) for o in before if o.kind in {"task", "job"})
    undone = advance(old, case.turn.state, Restore(then), now=case.player.now, seed="901")
    assert Counter((o.kind, o.element, o.due) for o in undone.open) == Counter((o.kind, o.element, o.due) for o in before)
    case.number = 901
    return case.go(LONGEST)


@pytest.mark.parametrize("group", range(10))
def test_random_cases_move_and_run_to_their_end_or_are_refused_with_a_reason(group: int) -> None:
    for seed in range(group, RUNS, 10):
        with seeded(seed):
            assert moved(seed) not in {"stuck", "broke", "lost_token"}


def test_most_random_moves_are_possible_and_few_are_refused() -> None:
    told = Counter(moved(seed).partition(":")[0] for seed in range(100))
    assert told["finished"] > told["refused"] > 5


def put_elsewhere(seed: int) -> str:
    """Put a random open token on a random element of its scope; how the case ended."""
    made, dice = under_way(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    if made is None:
        return "too short"
    case, _ = made
    scope, row = dice.choice([(name, row) for _, name, rows in unpack(case.turn.state).scopes for row in rows if row[4] & LIVE and row[3] in STEPS])
    element = dice.choice(list(case.drawn.nets[scope].view.nodes))
    if problems := check(case.turn.state, case.drawn, {row[0]: element}):
        assert all(p.message.endswith(".") and "{" not in p.message for p in problems)
        return f"refused: {problems[0].code}"
    stays = {waits(o) for o in case.turn.open if o.kind in {"task", "job"} and o.id != row[0]}
    case.turn = advance(case.drawn, case.turn.state, Move(relocate={row[0]: element}), now=case.player.now, seed="900")
    assert row[0] not in {o.id for o in case.turn.open}
    if row[3] in {"Person", "Job"} and case.drawn.elements[element].kind in {"userTask", "serviceTask"}:
        assert stays <= {waits(o) for o in case.turn.open}
    case.number = 900
    return case.go(LONGEST)


@pytest.mark.parametrize("group", range(5))
def test_a_token_that_is_put_elsewhere_leaves_a_case_that_can_end_or_a_reason_is_given(group: int) -> None:
    for seed in range(group, RUNS, 5):
        with seeded(seed):
            assert put_elsewhere(seed) not in {"stuck", "broke", "lost_token"}
