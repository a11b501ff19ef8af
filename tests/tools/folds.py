"""Which recorded cases fold otherwise after a change of the engine.

    python -m tests.tools.folds record FILE     play the cases and keep what each act brought
    python -m tests.tools.folds compare FILE    play the same acts again and name what differs

Recorded are the stories of the demo and the cases of the random diagrams, each with its files and
its acts, so that neither a new story nor another random diagram changes what is compared. Exit
codes: 0 nothing folds otherwise, 1 something does, 2 used wrongly.
"""

from __future__ import annotations

import gzip
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from service import engine
from service.application.shipped_files import shipped_bundle
from service.casework.cases import stimulus_codec
from service.casework.history import replay
from service.demo.scenarios import read_scenarios
from service.engine import Definition
from service.engine.types import Advance, Stimulus
from service.errors import TrestegError
from service.records import rule_rows
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.prepared import prepare
from service.sandbox.handlers import declared
from service.security.keyring import make_keyring
from service.store.casefile import facts
from service.store.transaction import Tx
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import LONGEST, START, TYPES, Player
from tests.engine.walks import definition
from tests.support.local_handlers import TOPICS
from tests.support.played_cases import SCENARIOS, play
from tests.support.scale import figure

Files = tuple[tuple[str, bytes], ...]
Brought = tuple[object, ...]
"""What an act brought, as plain values; a refusal by its name."""
DIAGRAM = "p.bpmn"
SHOWN = 40


@dataclass(frozen=True)
class Act:
    """One recorded act, and what it brought then."""

    stimulus: Stimulus
    now: datetime
    seed: str
    brought: Brought


@dataclass(frozen=True)
class RecordedCase:
    """A case's files and acts; a lone `DIAGRAM` is a random one, anything else is a release."""

    files: Files
    process: str
    acts: tuple[Act, ...]


def renewed(stimulus: Stimulus) -> Stimulus:
    """A recorded stimulus with the fields that its class has got since."""
    known = {
        f.name: getattr(stimulus, f.name) for f in fields(stimulus) if hasattr(stimulus, f.name)
    }
    return type(stimulus)(**known)


def try_act(
    drawn: Definition, state: bytes, stimulus: Stimulus, now: datetime, seed: str
) -> tuple[Advance | None, Brought]:
    """The turn of an act, none when it is refused, and what it brought."""
    try:
        turn = engine.advance(drawn, state, stimulus, now=now, seed=seed)
    except TrestegError as refused:
        why = [str(getattr(refused, name, "")) for name in ("kind", "element")]
        return None, (type(refused).__name__, *why)
    brought = (
        [(step.what, step.element, step.nth, list(step.detail)) for step in turn.steps],
        [(each.kind, each.element, each.nth, each.what, each.due) for each in turn.open],
        dict(turn.variables),
        turn.finished,
    )
    return turn, brought


def random_case(seed: int) -> RecordedCase:
    """The case of one random diagram, until it ends or stops."""
    whole, player = Blocks(seed).whole(), Player(seed)
    files = ((DIAGRAM, draw(whole)),)
    drawn, acts = build(files, "p"), list[Act]()
    stimulus: Stimulus | None = START
    last: Advance | None = None
    while stimulus is not None and len(acts) < LONGEST:
        state, number = last.state if last else b"", str(len(acts) + 1)
        turn, brought = try_act(drawn, state, stimulus, player.now, number)
        acts.append(Act(stimulus, player.now, number, brought))
        last = turn or last
        stops = brought[0] == "EngineStopped" or last is None or last.finished
        stimulus = None if stops or last is None else player.choose(last.open, whole.starts)
    return RecordedCase(files, "p", tuple(acts))


def demo_cases() -> Iterator[tuple[str, RecordedCase]]:
    """The stories of the demo, played on the shipped release."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/folds.db"
        played = play(url, make_keyring(demo=True), read_scenarios(SCENARIOS))
        files = tuple(sorted(shipped_bundle(played.program.settings).files.items()))
        with played.program.database.transaction(write=False) as tx:
            for name, case in played.cases.items():
                yield f"demo {name}", recorded_story(tx, played.program.services, case, files)


def recorded_story(tx: Tx, services: Services, case: str, files: Files) -> RecordedCase:
    """A played case, with its sealed values open."""
    found = list(replay.replay_turns(tx, services, case))
    brief, keys = replay.load_case_and_keys(tx, services, case)
    payloads = facts.payloads(tx, [case])
    acts: list[Act] = []
    state = b""
    for turned in found:
        values = rule_rows.open_payload(keys.require_own(), turned.fact, payloads)
        stimulus = stimulus_codec.join(turned.fact.stimulus, values)
        at, rev = turned.fact.at, str(turned.fact.rev)
        turn, brought = try_act(turned.definition, state, stimulus, at, rev)
        state = turn.state if turn else state
        acts.append(Act(stimulus, at, rev, brought))
    return RecordedCase(files, brief.process, tuple(acts))


@lru_cache(maxsize=8)
def build(files: Files, process: str) -> Definition:
    """The definition that recorded files are."""
    if files[0][0] == DIAGRAM:
        return definition(files[0][1], types=TYPES)
    return prepare(Bundle(dict(files)), {**TOPICS, **declared()}).definitions[process]


def record(file: Path) -> None:
    """Play and keep every case."""
    cases = dict(demo_cases())
    cases |= {f"random {seed}": random_case(seed) for seed in range(figure("runs"))}
    file.write_bytes(gzip.compress(pickle.dumps(cases)))
    acts = sum(len(case.acts) for case in cases.values())
    say(f"{len(cases)} cases with {acts} acts are kept in {file}.")


def difference(case: RecordedCase) -> str:
    """The first act that brings something else now, as a sentence; nothing when there is none."""
    drawn, state = build(case.files, case.process), b""
    for number, act in enumerate(case.acts, 1):
        stimulus = renewed(act.stimulus)
        turn, brought = try_act(drawn, state, stimulus, act.now, act.seed)
        state = turn.state if turn else state
        if brought != act.brought:
            return f"act {number} {stimulus}\n    then {act.brought}\n    now  {brought}"
    return ""


def compare(file: Path) -> int:
    """Print each case that folds otherwise."""
    cases: Mapping[str, RecordedCase] = pickle.loads(  # noqa: S301 - written by `record`
        gzip.decompress(file.read_bytes())
    )
    differing = Counter[str]()
    for name, case in cases.items():
        found = difference(case)
        if found:
            differing[name.partition(" ")[0]] += 1
            if differing.total() <= SHOWN:
                say(f"{name}: {found}")
    say(f"{differing.total()} of {len(cases)} cases fold otherwise: {dict(differing)}")
    return int(bool(differing))


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Run one of the two commands."""
    match arguments:
        case ["record", file]:
            record(Path(file))
            return 0
        case ["compare", file]:
            return compare(Path(file))
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
