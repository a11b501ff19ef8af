"""Entries of many streams in words: no code where there is a name."""

from __future__ import annotations

from service.audit.search import entry_words
from service.records.ledger_kinds import KINDS
from tests.support.world import World


def test_every_kind_has_a_name_in_both_languages() -> None:
    for lang in ("sv", "en"):
        for kind in KINDS:
            assert "_" not in entry_words.kind_name(kind, lang), kind
        names = [name for _, name in entry_words.kind_names(lang)]
        assert names == sorted(names, key=str.lower)
        assert len(set(names)) == len(names), "two kinds of one name cannot be told apart"


def test_an_act_names_its_person_office_and_step(shipped_world: World) -> None:
    services = shipped_world.program.services
    with shipped_world.database.transaction(write=False) as tx:
        names = entry_words.load_names(tx, services)
        words = entry_words.load_entry_words(tx, names, services, ["p_sara"], "en", elements=True)
        element, name = next(iter(entry_words.element_names(names, services, "en").items()))
    assert words.who("p_sara").startswith("Sara")
    assert words.who("clock") == "Tresteg"
    assert words.what("complete", element) == f"A task was done: {name}"
    assert words.what("complete", "unknown") == "A task was done"
    assert words.office("nowhere") == ""
