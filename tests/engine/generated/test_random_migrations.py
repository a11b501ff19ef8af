"""Random cases move to random other versions of their process: no work lost, no deadline changed,
no case stuck, or a sentence says why not.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.migration.findings import NOTES, SENTENCES, Problem
from service.engine.migration_check import check
from service.engine.spiff.api import LIVE
from service.engine.spiff.codec import unpack
from service.engine.types import Advance, Move, Open, Restore, Stimulus
from service.errors import CannotMove, EngineStopped, SeveralWait, TrestegError
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.move_checks import (
    came_again,
    drawn_timers,
    orphans,
    unarmed,
    unarmed_starts,
    untold,
)
from tests.engine.generated.test_random import START, TYPES, Player
from tests.engine.generated.version_edits import VersionedBlocks
from tests.engine.walks import MONDAY, definition
from tests.support.scale import figure, seeded

MOVES, PUTS = figure("moves"), figure("puts")
MANY, SOME = max(90, MOVES // 10), max(60, PUTS // 5)
"""Of each group: so many that all kinds of outcomes are among them."""
LONGEST = 60
REARMED: Counter[bool] = Counter()
"""How many timers were armed anew, and whether they are due later now."""
TOLD: Counter[str] = Counter()
"""Notes of the moves, by their code."""
REFUSED_MOST = 20
"""Acts in a row that a case refuses before it counts as frozen."""
STEPS = {"Person", "Job", "Sub", "Call", "Each", "EachInTurn", "Catch", "Race"}


@dataclass
class Case:
    """A case under way, with the die that moves it."""

    drawn: Definition
    turn: Advance
    player: Player
    starts: Sequence[tuple[str, str]] = ()
    """Message and start event of its event sub-processes."""
    number: int = 1

    def go(self, most: int) -> str:
        """Let it run; why it stands now."""
        refused = Counter[type[TrestegError]]()
        for _ in range(most):
            stimulus = self.player.choose(self.turn.open, self.starts)
            if why := self.stands(stimulus, refused):
                return why
            try:
                self.act(stimulus)
            except EngineStopped as stop:
                return stop.kind
            except TrestegError as fault:  # refused, and nothing has changed
                refused[type(fault)] += 1
            else:
                refused.clear()
        return "goes on"

    def stands(self, stimulus: Stimulus | None, refused: Counter[type[TrestegError]]) -> str | None:
        """Why it does not go on."""
        if self.turn.finished:
            return "finished"
        if all(o.kind == "join" for o in self.turn.open):
            return "stuck"
        if refused[SeveralWait] > REFUSED_MOST:
            return "several wait"  # instances of a list, for one message
        if refused.total() - refused[SeveralWait] > REFUSED_MOST:
            return "frozen"
        return "waits for what has no date" if stimulus is None else None

    def act(self, stimulus: Stimulus | None) -> None:
        assert stimulus is not None
        self.number += 1
        now, seed = self.player.now, str(self.number)
        self.turn = advance(self.drawn, self.turn.state, stimulus, now=now, seed=seed)


def under_way(seed: int) -> tuple[Case, Definition, Sequence[tuple[str, str]]] | None:
    """A case some steps from its start, another version of its process, and what starts event
    sub-processes there; None when the case has ended or stopped by then.
    """
    blocks, dice = VersionedBlocks(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    whole = blocks.whole()
    other = whole
    for _ in range(dice.randint(1, 3)):
        other = blocks.edited(other)
    drawn = definition(draw(whole), types=TYPES)
    try:
        turn = advance(drawn, b"", START, now=MONDAY, seed="1")
    except EngineStopped:
        return None
    case = Case(drawn, turn, Player(seed), whole.starts)
    if case.go(dice.randint(1, 4)) != "goes on" or case.turn.finished:
        return None
    return case, definition(draw(other), types=TYPES), other.starts


def waits(opened: Open) -> tuple[object, ...]:
    return opened.kind, opened.id, opened.element, opened.nth, opened.item, opened.due


def refused(case: Case, new: Definition, problems: tuple[Problem, ...]) -> str:
    """Every reason is a whole sentence, and the move is refused with these sentences."""
    assert all(
        p.message.endswith((".", "-")) and "{" not in p.message and p.element for p in problems
    )
    with pytest.raises(CannotMove) as refused:
        advance(new, case.turn.state, Move(), now=case.player.now, seed="900", old=case.drawn)
    assert refused.value.problems == tuple(p.message for p in problems)
    return f"refused: {problems[0].code}"


def begin_anew(case: Case, old: Definition, then: bytes, before: tuple[Open, ...]) -> None:
    """Move it with one of its timers armed anew: that one begins as if its token had just come, and
    nothing else is otherwise than without.
    """
    known = {o.id for o in before}
    plain = case.turn
    timers = [o for o in plain.open if o.kind == "timer" and o.due and o.id in known]
    if not timers:
        return
    chosen, new, now = case.player.random.choice(timers), case.drawn, case.player.now
    rearm = frozenset({chosen.id})
    case.turn = advance(new, then, Move(rearm=rearm), now=now, seed="900", old=old)
    told = check(then, old, new, rearm=rearm, now=now).notes
    assert list(untold(old, new, before, case.turn.open, told)) == []
    [again] = [o for o in case.turn.open if o.id == chosen.id]
    assert again.due is not None
    assert chosen.due is not None
    assert chosen.element in {step.element for step in case.turn.steps if step.what == "armed"}
    assert [o for o in case.turn.open if o.id != chosen.id] == [
        o for o in plain.open if o.id != chosen.id
    ]
    if drawn_timers(old).get(chosen.element) == drawn_timers(new).get(chosen.element):
        assert again.due >= chosen.due
    REARMED[again.due > chosen.due] += 1


def moved(seed: int) -> str:
    """Move one case; how it ended on the new version."""
    made = under_way(seed)
    if made is None:
        return "too short"
    case, new, starts = made
    case.player.now += timedelta(minutes=1)
    before, old, then, now = case.turn.open, case.drawn, case.turn.state, case.player.now
    found = check(then, old, new, now=now)
    if found.problems:
        return refused(case, new, found.problems)
    case.drawn, case.starts = new, starts
    case.turn = advance(new, then, Move(), now=now, seed="900", old=old)
    keeps_what_is_alike(old, new, before, case.turn)
    assert orphans(case.turn.state) == []
    assert unarmed(old, then, new, case.turn.state) == []
    assert unarmed_starts(old, then, new, case.turn.state) == []
    assert came_again(old, then, new, case.turn.state) == []
    assert list(untold(old, new, before, case.turn.open, found.notes)) == []
    TOLD.update(note.code for note in found.notes)
    if case.player.random.random() < 0.5:
        begin_anew(case, old, then, before)
    undone = advance(old, case.turn.state, Restore(then), now=now, seed="901")
    assert Counter((o.kind, o.element, o.due) for o in undone.open) == Counter(
        (o.kind, o.element, o.due) for o in before
    )
    case.number = 901
    return case.go(LONGEST)


def keeps_what_is_alike(
    old: Definition, new: Definition, before: tuple[Open, ...], turn: Advance
) -> None:
    """Tasks, jobs and timers that are drawn as before stay open as they were."""
    drawn_before, drawn_now = drawn_timers(old), drawn_timers(new)
    kept = {
        waits(o)
        for o in before
        if o.kind in {"task", "job"}
        or (o.kind == "timer" and drawn_before[o.element] == drawn_now.get(o.element))
    }
    assert kept <= {waits(o) for o in turn.open}


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


@pytest.mark.parametrize("group", range(MOVES // MANY))
def test_random_cases_move_and_end_or_are_refused_with_a_reason(group: int) -> None:
    REARMED.clear()
    TOLD.clear()
    outcomes = until_so_many(MANY, group, 10, moved)
    assert not outcomes.keys() & {"stuck", "broke", "lost_token", "frozen"}
    refused = {
        how.removeprefix("refused: "): n for how, n in outcomes.items() if how.startswith("refused")
    }
    assert outcomes["finished"] > sum(refused.values()) > 0, (
        "most moves are possible, and few are refused"
    )
    assert refused.keys() <= SENTENCES.keys() | {"D803", "D804", "D805", "D806"}
    assert REARMED[True] > 0, "timers began anew with the move"
    assert TOLD.keys() <= NOTES.keys()
    assert len(TOLD) >= len(NOTES) / 2, "many kinds of notes were told"


def put_elsewhere(seed: int) -> str:
    """Put a random open token on a random element of its scope; how the case ended."""
    made, dice = under_way(seed), random.Random(seed)  # noqa: S311 - a test wants the same case again
    if made is None:
        return "too short"
    case, _, _ = made
    scope, row = dice.choice(
        [
            (name, row)
            for _, name, rows in unpack(case.turn.state).scopes
            for row in rows
            if row[4] & LIVE and row[3] in STEPS
        ]
    )
    element = dice.choice(list(case.drawn.nets[scope].view.nodes))
    now = case.player.now
    if problems := check(
        case.turn.state, case.drawn, case.drawn, {row[0]: element}, now=now
    ).problems:
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


@pytest.mark.parametrize("group", range(PUTS // SOME))
def test_a_relocated_token_leaves_a_case_that_can_end(
    group: int,
) -> None:
    outcomes = until_so_many(SOME, group, 5, put_elsewhere)
    assert not outcomes.keys() & {"stuck", "broke", "lost_token", "frozen"}
