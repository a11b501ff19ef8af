"""A text of a consent is read and written in its parts; other words need another version."""

from __future__ import annotations

from service.release.bundle import CONFIG, VOCABULARY, Bundle
from service.release.consent_texts import inspect_consent_texts
from service.release.programme.vocabulary import PURPOSE, read_vocabulary
from service.workshop.configuration import texts
from tests.support.world import shipped

FILE = f"{CONFIG}consents/REFER.sv.md"
PROCESS = shipped().text(f"{CONFIG}process.toml")


def test_a_text_that_is_written_anew_reads_the_same() -> None:
    text = texts.read_text(shipped(), "consents", "REFER", "sv")
    sent = {"sv.version": ["9"], "was.sv.version": [text.version]}
    made = texts.save_text(shipped(), "consents", "REFER", PROCESS, sent).changed[FILE]
    assert (made or b"").decode() == shipped().text(FILE).replace("2026-2", "9")


def test_words_need_a_version_and_nothing_is_empty() -> None:
    old = texts.read_text(shipped(), "consents", "REFER", "sv").body
    sent = {"sv.body": ["Nytt"], "was.sv.body": [old]}
    faults = texts.save_text(shipped(), "consents", "REFER", PROCESS, sent).faults
    assert faults == {"sv.version": "fault_version"}
    empty = {"sv.title": [""], "was.sv.title": ["x"], "months": ["long"], "was.months": ["0"]}
    faults = texts.save_text(shipped(), "consents", "REFER", PROCESS, empty).faults
    assert {"sv.title", "months"} <= set(faults)


def test_months_of_a_consent_stand_with_the_process() -> None:
    sent = {"months": ["0"], "was.months": ["6"]}
    changed = texts.save_text(shipped(), "consents", "SHARE_HEALTH", PROCESS, sent).changed
    assert b"SHARE_HEALTH" not in (changed[f"{CONFIG}process.toml"] or b"")


def test_a_language_and_a_new_text_are_ones_that_can_be_read() -> None:
    new = {"new.title": ["Skola"], "new.version": ["1"], "new.body": ["Du får gå dit."]}
    added = texts.add_text(shipped(), "consents", "SCHOOL", new).changed
    bundle = Bundle({**shipped().files, **{n: c or b"" for n, c in added.items()}})
    more = texts.add_language(bundle, "consents", "SCHOOL", {"new.lang": ["BG"]}).changed
    bundle = Bundle({**bundle.files, **{n: c or b"" for n, c in more.items()}})
    assert inspect_consent_texts(bundle)[1] == []
    assert texts.read_names(bundle, "consents")["SCHOOL"] == ("sv", "bg")
    assert texts.add_language(bundle, "consents", "SCHOOL", {"new.lang": ["bg"]}).faults
    assert texts.add_language(bundle, "consents", "SCHOOL", {"new.lang": ["bulgarian"]}).faults
    assert texts.add_text(bundle, "consents", "SCHOOL", new).faults


def test_every_shipped_purpose_has_a_text() -> None:
    purposes = read_vocabulary(shipped().text(VOCABULARY)).ids(PURPOSE)
    assert texts.missing_texts(shipped(), purposes) == ()
    assert texts.missing_texts(shipped(), (*purposes, "X")) == ("X",)
