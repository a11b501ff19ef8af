"""Open answers go out with the keys of their commitments; all other values stay sealed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from service.audit.proof.opened_boxes import opened_boxes
from service.casework.history.chain_checks import load_stream
from service.errors import NotFound
from service.security import ledger_lines
from service.store.casefile import cases
from tests.support.proven import Proven


def test_only_open_answers_are_opened_and_fit_their_line(proven: Proven) -> None:
    world = proven.world
    viewer = replace(world.viewer("sara"), roles=frozenset({"auditor"}))
    with world.database.transaction(write=False) as tx:
        case, lines = cases.get(tx, proven.case), load_stream(tx, f"case/{proven.case}")
        assert case is not None
        services, now = world.program.services, world.clock.now()
        rows = [json.loads(row) for row in opened_boxes(tx, services, viewer, case, lines, now)]
        nobody = replace(viewer, roles=frozenset(), person="p_nobody", office="nowhere")
        with pytest.raises(NotFound):
            list(opened_boxes(tx, services, nobody, case, lines, now))
    assert rows
    seals = {line.seq: line.seal for line in lines}
    for row in rows:
        assert set(row["open"]) == {"c0"}
        assert ledger_lines.digest(row["commitments"]) == seals[row["seq"]]
        box = row["open"]["c0"]
        made = ledger_lines.commitment(bytes.fromhex(box["key"]), box["content"].encode())
        assert made == row["commitments"]["c0"]
