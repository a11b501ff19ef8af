"""Every ledger entry of a case is one sentence, with who did it and what it caused."""

from __future__ import annotations

import pytest

from service.casework.history import narrative
from service.errors import NotFound
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security.keyring import Keyring
from tests.support import small
from tests.support.damaged_case import DamagedCase
from tests.support.world import open_world


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


@pytest.mark.parametrize(
    ("lang", "gone"),
    [
        ("en", "a step that the diagram no longer has"),
        ("sv", "ett steg som inte längre finns i diagrammet"),
    ],
)
def test_a_step_has_its_title_also_where_only_an_older_release_draws_it(
    database_url: str, keyring: Keyring, lang: str, gone: str
) -> None:
    named = small.person("risks", name="Look at the risks anew")
    world = open_world(database_url, keyring, small.one(named, "s>risks risks>e"))
    case = world.start(small.ANSWERS).case_id
    world.publish(small.row_of_tasks(1))
    with world.database.transaction() as tx:
        for element in ("risks", "never", "t1"):
            body = {"task": "x", "element": element}
            by, now = Actor("p_sara", "social"), world.clock.now()
            append_entry(tx, f"case/{case}", "claim", by=by, now=now, body=body)
    with world.database.transaction(write=False) as tx:
        entries = narrative.load_history(tx, world.program.services, case, lang)
    said = [entry.text for entry in entries if entry.what == "claim"]
    assert "Look at the risks anew" in said[0]
    assert gone in said[1]
    assert "never" not in said[1]
    assert "T1" in said[2].upper()
    world.database.close()
