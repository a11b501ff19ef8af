"""An auditor reads process facts, and of other answers only that they were written."""

from __future__ import annotations

import pytest

from service.access import Viewer
from service.audit.event_card.written_values import WrittenValues, load_written_values
from service.errors import NotFound
from tests.support.damaged_case import FACT, DamagedCase

AUDITOR = Viewer("p_sara", "social", frozenset({"auditor"}), "en", "UTC")


def written(damaged: DamagedCase, viewer: Viewer = AUDITOR) -> dict[int, WrittenValues]:
    services, now = damaged.desk.program.services, damaged.desk.clock.now()
    return load_written_values(damaged.tx, services, viewer, damaged.case, now)


def test_process_facts_are_written_out_and_nothing_else(damaged: DamagedCase) -> None:
    found = written(damaged)
    assert sorted(found) == [1, 2, 3]
    assert [(c.label, c.before, c.after) for c in found[2].changes] == [("Answer", "", "Ja")]
    said = str(found)
    assert all(typed not in said for typed in ("ringer", "telefon", "Stockholm"))
    assert [one.klass for one in found[2].sealed] == ["C1", "C2", "C3"]
    assert found[2].sealed[0].labels == ("Contact",), "what is asked, not whether it was answered"


def test_a_payload_that_does_not_open_is_said_so(damaged: DamagedCase) -> None:
    before = written(damaged)
    damaged.flip("fact_payload", "routing", FACT)
    after = written(damaged)
    assert after[2] != before[2]
    assert (after[1], after[3]) == (before[1], before[3])


def test_nobody_else_reads_them(damaged: DamagedCase) -> None:
    with pytest.raises(NotFound):
        written(damaged, Viewer("p_x", "nowhere", frozenset()))
