"""Words are changed in both languages; an id stays what it is."""

from __future__ import annotations

from service.release.bundle import VOCABULARY
from service.workshop.configuration import vocabulary
from tests.support.world import shipped

TEXT = shipped().text(VOCABULARY)


def test_a_word_and_what_a_message_is_for_are_changed_in_place() -> None:
    now = vocabulary.word_values(TEXT, "message")
    sent = {"alert.for.en": ["Danger."], "was.alert.for.en": [str(now["alert.for.en"])]}
    made = (vocabulary.save_words(TEXT, "message", sent).changed[VOCABULARY] or b"").decode()
    assert made == TEXT.replace(str(now["alert.for.en"]), "Danger.")
    assert vocabulary.save_words(TEXT, "message", {"alert.sv": [""], "was.alert.sv": ["x"]}).faults


def test_a_new_word_stands_behind_those_of_its_kind() -> None:
    new = {"new.id": ["school"], "new.sv": ["Skola"], "new.en": ["School"]}
    made = (vocabulary.add_word(TEXT, "group", new).changed[VOCABULARY] or b"").decode()
    assert vocabulary.read_word_rows(made, "group")[-1].id == "school"
    for wrong in ({"new.id": ["child"]}, {"new.id": ["å"]}, {"new.sv": [" "]}):
        assert vocabulary.add_word(TEXT, "group", {**new, **wrong}).faults
    assert vocabulary.add_word(TEXT, "other", new).faults
