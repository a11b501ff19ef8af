"""Random cases move to random other versions of their process: no work lost, no deadline changed,
no case stuck, or a sentence says why not.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.migration_checks import SENTENCES, Problem, check
from service.engine.spiff.api import LIVE
from service.engine.spiff.codec import unpack
from service.engine.types import Advance, Move, Open, Restore
from service.errors import CannotMove, EngineStopped, TrestegError
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import START, TYPES, Player
from tests.engine.walks import MONDAY, definition
from tests.support.scale import figure, seeded

MOVES, PUTS = figure("moves"), figure("puts")
LONGEST = 60
REARMED: Counter[bool] = Counter()
"""How many timers were armed anew, and whether they are due later now."""
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
                self.turn = advance(
                    self.drawn,
                    self.turn.state,
                    stimulus,
                    now=self.player.now,
                    seed=str(self.number),
                )
            except EngineStopped as stop:
                return stop.kind
            except TrestegError:  # refused, and nothing has changed
                continue
        return "goes on"


def under_way(seed: int) -> tuple[Case, Definition] | None:
    """A case some steps from its start, and another version of its process; None when it has ended
    or stopped by then.
    """
    blocks, dice = Blocks(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    whole = blocks.whole()
    other = whole
    for _ in range(dice.randint(1, 3)):
        other = blocks.edited(other)
    drawn = definition(draw(whole), types=TYPES)
    try:
        case = Case(drawn, advance(drawn, b"", START, now=MONDAY, seed="1"), Player(seed))
    except EngineStopped:
        return None
    return (
        (case, definition(draw(other), types=TYPES))
        if case.go(dice.randint(1, 4)) == "goes on" and not case.turn.finished
        else None
    )


def waits(opened: Open) -> tuple[object, ...]:
    return opened.kind, opened.id, opened.element, opened.nth, opened.item, opened.due


def refused(case: Case, new: Definition, problems: list[Problem]) -> str:
    """Every reason is a whole sentence, and the move is refused with these sentences."""
    assert all(
        p.message.endswith((".", "-")) and "{" not in p.message and p.element for p in problems
    )
    with pytest.raises(CannotMove) as refused:
        advance(new, case.turn.state, Move(), now=case.player.now, seed="900")
    assert refused.value.problems == tuple(p.message for p in problems)
    return f"refused: {problems[0].code}"


def begin_anew(case: Case, then: bytes) -> None:
    """Move it with one of its timers armed anew: that one begins as if its token had just come, and
    nothing else is otherwise than without.
    """
    plain, timers = case.turn, [o for o in case.turn.open if o.kind == "timer" and o.due]
    if not timers:
        return
    chosen = case.player.random.choice(timers)
    case.turn = advance(
        case.drawn, then, Move(rearm=frozenset({chosen.id})), now=case.player.now, seed="900"
    )
    [again] = [o for o in case.turn.open if o.id == chosen.id]
    assert again.due is not None
    assert chosen.due is not None
    assert again.due >= chosen.due
    assert chosen.element in {step.element for step in case.turn.steps if step.what == "armed"}
    assert [o for o in case.turn.open if o.id != chosen.id] == [
        o for o in plain.open if o.id != chosen.id
    ]
    REARMED[again.due > chosen.due] += 1


def moved(seed: int) -> str:
    """Move one case; how it ended on the new version."""
    made = under_way(seed)
    if made is None:
        return "too short"
    case, new = made
    if problems := check(case.turn.state, new):
        return refused(case, new, problems)
    case.player.now += timedelta(minutes=1)
    before, old, then = case.turn.open, case.drawn, case.turn.state
    case.drawn, case.turn = new, advance(new, then, Move(), now=case.player.now, seed="900")
    if not case.turn.finished:
        kept = {waits(o) for o in before if o.kind != "join" and o.element in new.elements}
        assert kept <= {waits(o) for o in case.turn.open}
        assert kept.issuperset(waits(o) for o in before if o.kind in {"task", "job"})
    if case.player.random.random() < 0.5:
        begin_anew(case, then)
    undone = advance(old, case.turn.state, Restore(then), now=case.player.now, seed="901")
    assert Counter((o.kind, o.element, o.due) for o in undone.open) == Counter(
        (o.kind, o.element, o.due) for o in before
    )
    case.number = 901
    return case.go(LONGEST)


def until_so_many(wanted: int, group: int, groups: int, one: Callable[[int], str]) -> Counter[str]:
    """Try seeds until so many cases really moved; how each of them ended, and how often a move was
    refused, by its reason.
    """
    outcomes: Counter[str] = Counter()
    for seed in count(group, groups):
        with seeded(seed):
            outcomes[one(seed)] += 1
        refused = sum(n for how, n in outcomes.items() if how.startswith("refused"))
        if outcomes.total() - refused - outcomes["too short"] >= wanted:
            return outcomes
        assert refused + outcomes["too short"] <= 4 * wanted, f"most cannot move at all: {outcomes}"
    raise AssertionError("seeds never end")


@pytest.mark.parametrize("group", range(10))
def test_random_cases_move_and_end_or_are_refused_with_a_reason(group: int) -> None:
    REARMED.clear()
    outcomes = until_so_many(MOVES // 10, group, 10, moved)
    assert not outcomes.keys() & {"stuck", "broke", "lost_token"}
    refused = {
        how.removeprefix("refused: "): n for how, n in outcomes.items() if how.startswith("refused")
    }
    assert outcomes["finished"] > sum(refused.values()) > 0, (
        "most moves are possible, and few are refused"
    )
    assert refused.keys() <= SENTENCES.keys() | {"D803", "D804", "D805", "D806"}
    assert REARMED[True] > 0, "timers began anew with the move"


def put_elsewhere(seed: int) -> str:
    """Put a random open token on a random element of its scope; how the case ended."""
    made, dice = under_way(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    if made is None:
        return "too short"
    case, _ = made
    scope, row = dice.choice(
        [
            (name, row)
            for _, name, rows in unpack(case.turn.state).scopes
            for row in rows
            if row[4] & LIVE and row[3] in STEPS
        ]
    )
    element = dice.choice(list(case.drawn.nets[scope].view.nodes))
    if problems := check(case.turn.state, case.drawn, {row[0]: element}):
        assert all(p.message.endswith(".") and "{" not in p.message for p in problems)
        return f"refused: {problems[0].code}"
    stays = {waits(o) for o in case.turn.open if o.kind in {"task", "job"} and o.id != row[0]}
    case.turn = advance(
        case.drawn,
        case.turn.state,
        Move(relocate={row[0]: element}),
        now=case.player.now,
        seed="900",
    )
    assert row[0] not in {o.id for o in case.turn.open}
    if row[3] in {"Person", "Job"} and case.drawn.elements[element].kind in {
        "userTask",
        "serviceTask",
    }:
        assert stays <= {waits(o) for o in case.turn.open}
    case.number = 900
    return case.go(LONGEST)


@pytest.mark.parametrize("group", range(5))
def test_a_relocated_token_leaves_a_case_that_can_end(
    group: int,
) -> None:
    outcomes = until_so_many(PUTS // 5, group, 5, put_elsewhere)
    assert not outcomes.keys() & {"stuck", "broke", "lost_token"}
