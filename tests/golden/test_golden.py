"""Cases of earlier versions fold to the same bytes, so that no change rewrites history unseen.

`TRESTEG_GOLDEN=<name> pytest tests/golden` plays three cases today, one of the bench process, one
with corrected answers and the walk of the shipped one, and keeps their facts as
`<name>_bench.json.gz`, `<name>_corrected.json.gz` and `<name>_walk.json.gz`.
A file that is there is never written again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.casework.cases import stimulus_codec
from service.casework.history import replay
from service.engine import ENGINE, advance
from service.records import rule_rows
from service.release.bundle import Bundle
from service.release.prepared import build
from service.sandbox.handlers import declared
from service.security.keyring import Keyring
from service.store.casefile import cases
from tests.bench._arms import run_case
from tests.casework.corrections import conftest as corrections
from tests.support import small
from tests.support.local_handlers import TOPICS
from tests.support.played_cases import Played
from tests.support.world import open_world

HERE = Path(__file__).parent
NEW = os.environ.get("TRESTEG_GOLDEN", "")
KEPT = sorted(HERE.glob("*.json.gz"))


def facts_of_case(program: Tresteg, case: str, bundle: Bundle) -> dict[str, Any]:
    """A finished case as plain JSON: the release's files, and each fact with its values open.

    Invented people only.
    """
    with program.database.transaction(write=False) as tx:
        turned_all = list(replay.replay_turns(tx, program.services, case))
        brief = cases.get(tx, case)
    return {
        "engine": ENGINE,
        "process": brief.process if brief is not None else "",
        "files": {
            name: base64.b64encode(content).decode()
            for name, content in sorted(bundle.files.items())
        },
        "facts": [
            {
                "at": turned.fact.at.isoformat(),
                "stimulus": turned.fact.stimulus,
                "values": {k: v for k, v in turned.values.items() if k != rule_rows.ROWS},
                "steps": [[s.what, s.element, s.nth, [*s.detail]] for s in turned.outcome.steps],
                "open": turned.fact.turn.open,
                "state": hashlib.sha256(turned.outcome.state).hexdigest(),
            }
            for turned in turned_all
        ],
    }


def keep(name: str, found: dict[str, Any]) -> None:
    """Write a case down, with the same bytes whenever it is the same case."""
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    file = HERE / f"{NEW}_{name}.json.gz"
    if not file.exists():
        file.write_bytes(gzip.compress(text.encode(), mtime=0))


if NEW:

    def test_a_case_of_the_bench_process_is_kept(database_url: str, keyring: Keyring) -> None:
        bundle = small.bench()
        world = open_world(database_url, keyring, bundle)
        case, _ = run_case(world)
        keep("bench", facts_of_case(world.program, case, bundle))
        world.database.close()

    def test_a_case_with_corrected_answers_is_kept(database_url: str, keyring: Keyring) -> None:
        bundle = corrections.process()
        world = open_world(database_url, keyring, bundle)
        case = world.start({"note": ["first words"]}, element=corrections.START).case_id
        world.do(case, "a", corrections.ANSWERED)
        corrections.correct(world, case, {"day": ["2026-05-01"], "answer": ["NO"]})
        corrections.correct(world, case, {"place": ["Uppsala"]}, element=corrections.START)
        for element, name in (
            ("w", "sara"),
            ("b", "sara"),
            ("c", "stina"),
            ("Task_GoNoGo", "sara"),
        ):
            world.do(case, element, by=name)
        keep("corrected", facts_of_case(world.program, case, bundle))
        world.database.close()

    def test_a_case_of_the_shipped_process_is_kept(played: Played) -> None:
        keep(
            "walk",
            facts_of_case(
                played.program, played.cases["walk"], shipped_bundle(played.program.settings)
            ),
        )


@pytest.mark.parametrize("file", KEPT, ids=[file.name.partition(".")[0] for file in KEPT])
def test_a_kept_case_folds_to_the_same_bytes(file: Path) -> None:
    kept = json.loads(gzip.decompress(file.read_bytes()))
    release = build(
        Bundle({name: base64.b64decode(content) for name, content in kept["files"].items()}),
        {**TOPICS, **declared()},
    )
    state = b""
    for rev, fact in enumerate(kept["facts"], 1):
        stimulus = stimulus_codec.join(fact["stimulus"], fact["values"])
        turn = advance(
            release.definitions[kept["process"]],
            state,
            stimulus,
            now=datetime.fromisoformat(fact["at"]),
            seed=str(rev),
        )
        assert [[s.what, s.element, s.nth, list(s.detail)] for s in turn.steps] == fact["steps"], (
            f"fact {rev}"
        )
        assert [[o.kind, o.element, o.nth] for o in turn.open] == fact["open"], f"fact {rev}"
        assert hashlib.sha256(turn.state).hexdigest() == fact["state"], f"fact {rev}"
        state = turn.state
    assert turn.finished


def test_there_is_a_kept_case() -> None:
    assert KEPT
