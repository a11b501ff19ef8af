"""Reruns of a case on a draft, and their verdicts in short."""

from __future__ import annotations

from service.engine.compare import RerunVerdict, verdict
from service.engine.definition import Definition
from service.engine.stored_state import LastState
from service.engine.types import Start
from service.errors import TrestegError
from tests.engine.fold import compare, turns
from tests.engine.generated.test_random import START, Player
from tests.engine.spiff.test_codec import Noted
from tests.engine.walks import MONDAY, Walk


def judged(walk: Walk, draft: Definition, **given: dict[str, int]) -> RerunVerdict:
    """What would have become of a walk on a draft; it is the same whether turns are taken over from
    the walk or all of them run.
    """
    facts = [Noted(("1", "p"), *line) for line in walk.log]
    samples = {name.replace("_", "."): values for name, values in given.items()}
    definitions = {("1", "p"): walk.definition}
    found = compare(definitions, draft, facts, samples=samples)
    played = zip(facts, turns(definitions, facts), strict=True)
    history = [(fact.stimulus, fact.now, turn) for fact, turn in played]
    assert verdict(draft, history, samples) == found
    return found


def summary(verdict: RerunVerdict) -> tuple[str, str, int]:
    return verdict.kind, verdict.element, verdict.fact


def done(drawn: Definition, *names: str, start: Start | None = None) -> Walk:
    walk = Walk(drawn, start)
    for name in names:
        walk.do(name)
    return walk


def lived(seed: int, definition_: Definition) -> Walk | None:
    """A random case, with its facts; None when its start is refused."""
    player, walk = Player(seed), Walk.__new__(Walk)
    walk.__dict__.update(
        definition=definition_, now=MONDAY, seed=0, state=b"", log=[], last=LastState()
    )
    try:
        walk.act(START)
    except TrestegError:
        return None
    for _ in range(60):
        stimulus = None if walk.turn.finished else player.choose(walk.turn.open)
        if stimulus is None:
            break
        try:
            walk.act(stimulus, player.now)
        except TrestegError:
            continue
    return walk
