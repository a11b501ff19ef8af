"""Cases that ended under an earlier version fold to the same bytes under this one: an engine or a codec cannot rewrite history unseen.

`TRESTEG_GOLDEN=<name> pytest tests/golden` plays a case today and keeps its facts as `<name>.json`. A file that is there is never written again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from service.actions import folding, stimuli
from service.actions.bundle import Bundle
from service.actions.shelf import prepare
from service.engine import ENGINE, advance
from service.keyring import Keyring
from tests import small
from tests.bench._arms import run_case
from tests.desk import TOPICS, Desk, open_desk

HERE = Path(__file__).parent
NEW = os.environ.get("TRESTEG_GOLDEN", "")
KEPT = sorted(HERE.glob("*.json"))
PROCESS = "p"


def told(desk: Desk, case: str, bundle: Bundle) -> dict[str, Any]:
    """A finished case as plain JSON: the release's files, and each fact with its values open. Invented people only."""
    with desk.database.transaction(write=False) as tx:
        played = list(folding.turns(tx, desk.program.house, case))
        values = folding.values_of(tx, desk.program.house, case)
    return {
        "engine": ENGINE,
        "files": {name: base64.b64encode(content).decode() for name, content in sorted(bundle.files.items())},
        "facts": [
            {
                "at": turned.fact.at.isoformat(),
                "stimulus": turned.fact.stimulus,
                "values": values[turned.fact.rev],
                "steps": turned.fact.steps,
                "open": turned.fact.open_after,
                "state": turned.fact.state_sha256,
            }
            for turned in played
        ],
    }


if NEW:

    def test_a_case_of_today_is_kept(database_url: str, keyring: Keyring) -> None:
        bundle, file = small.bench(), HERE / f"{NEW}.json"
        desk = open_desk(database_url, keyring, bundle)
        case, _ = run_case(desk)
        if not file.exists():
            file.write_text(json.dumps(told(desk, case, bundle), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        desk.database.close()


@pytest.mark.parametrize("file", KEPT, ids=[file.stem for file in KEPT])
def test_a_kept_case_folds_to_the_same_bytes(file: Path) -> None:
    kept = json.loads(file.read_text(encoding="utf-8"))
    release = prepare(Bundle({name: base64.b64decode(content) for name, content in kept["files"].items()}), TOPICS)
    state = b""
    for rev, fact in enumerate(kept["facts"], 1):
        stimulus = stimuli.join(fact["stimulus"], fact["values"])
        turn = advance(release.definitions[PROCESS], state, stimulus, now=datetime.fromisoformat(fact["at"]), seed=str(rev))
        assert [[s.what, s.element, s.nth, list(s.detail)] for s in turn.steps] == fact["steps"], f"fact {rev}"
        assert [[o.kind, o.element, o.nth] for o in turn.open] == fact["open"], f"fact {rev}"
        assert hashlib.sha256(turn.state).hexdigest() == fact["state"], f"fact {rev}"
        state = turn.state
    assert turn.finished


def test_there_is_a_kept_case() -> None:
    assert KEPT
