"""Every ledger entry of a case is one sentence, with who did it and what it caused."""

from __future__ import annotations

import pytest

from service.casework.history import narrative
from service.errors import NotFound
from tests.support.damaged_case import DamagedCase


def test_each_entry_is_a_sentence_with_its_actor(damaged: DamagedCase) -> None:
    services = damaged.desk.program.services
    entries = narrative.load_history(damaged.tx, services, damaged.case, "en")
    moved = [entry for entry in entries if entry.rev]
    assert [(entry.rev, entry.kind) for entry in moved] == [
        (1, narrative.PERSON),
        (2, narrative.PERSON),
        (3, narrative.AUTOMATIC),
    ]
    assert (moved[0].who, moved[0].office, moved[2].who) == ("Sara", "Social", "")
    assert all(entry.text and "{" not in entry.text for entry in entries)
    assert any("a" in text for text in moved[0].caused), "the task that opened"


def test_no_sentence_holds_an_answer(damaged: DamagedCase) -> None:
    for lang in ("sv", "en"):
        entries = narrative.load_history(
            damaged.tx, damaged.desk.program.services, damaged.case, lang
        )
        said = " ".join(entry.text + " ".join(entry.caused) for entry in entries)
        assert all(typed not in said for typed in ("ringer", "telefon", "Stockholm"))


def test_there_is_no_history_of_no_case(damaged: DamagedCase) -> None:
    with pytest.raises(NotFound):
        narrative.load_history(damaged.tx, damaged.desk.program.services, "none", "sv")
