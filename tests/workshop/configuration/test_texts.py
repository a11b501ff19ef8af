"""A text of a consent is read and written in its parts; other words need another version."""

from __future__ import annotations

from service.release.bundle import CONFIG, VOCABULARY, Bundle
from service.release.consent_texts import inspect_consent_texts
from service.release.programme.vocabulary import PURPOSE, read_vocabulary
from service.release.translations import read_text_parts
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


WHO = "Nadia Exempel, translator, 2026-12-01"


def after(bundle: Bundle, kind: str, name: str, sent: dict[str, list[str]]) -> Bundle:
    edit = texts.save_text(bundle, kind, name, PROCESS, sent)
    assert edit.faults == {}
    return Bundle({**bundle.files, **{n: c or b"" for n, c in edit.changed.items()}})


def state(bundle: Bundle, name: str, lang: str) -> str:
    return {part.name: part.state for part in read_text_parts(bundle, lang)}[name]


def test_a_text_is_signed_and_other_words_take_the_signature_away() -> None:
    sent = {"bg.signed": [WHO], "was.bg.signed": [""]}
    signed = after(shipped(), "information", "RETURN", sent)
    assert state(signed, "information.RETURN", "bg") == "signed"
    text = texts.read_text(signed, "information", "RETURN", "bg")
    assert text.signed == WHO
    assert "signed:" not in text.body
    words = {
        "bg.body": [text.body.replace("112", "113")],
        "was.bg.body": [text.body],
        "bg.version": ["2026-2b"],
        "was.bg.version": [text.version],
    }
    other = after(signed, "information", "RETURN", words)
    assert texts.read_text(other, "information", "RETURN", "bg").signed == ""
    kept = {"en.signed": [WHO], "was.en.signed": [""]}
    assert (
        state(after(signed, "information", "RETURN", kept), "information.RETURN", "bg") == "signed"
    )
    gone = {"bg.signed": [""], "was.bg.signed": [WHO]}
    assert after(signed, "information", "RETURN", gone).files == shipped().files


def test_words_and_their_signature_are_saved_together() -> None:
    text = texts.read_text(shipped(), "consents", "REFER", "sv")
    sent = {
        "sv.body": [f"{text.body}\n\nMer."],
        "was.sv.body": [text.body],
        "sv.version": ["9"],
        "was.sv.version": [text.version],
        "sv.signed": [WHO],
        "was.sv.signed": [""],
    }
    assert state(after(shipped(), "consents", "REFER", sent), "consents.REFER", "sv") == "signed"


def test_a_signature_has_name_role_and_day() -> None:
    sent = {"bg.signed": ["Nadia"], "was.bg.signed": [""]}
    edit = texts.save_text(shipped(), "information", "RETURN", PROCESS, sent)
    assert (edit.faults, edit.changed) == ({"bg.signed": "fault_signed"}, {})


def test_a_copy_to_be_translated_is_not_signed() -> None:
    signed = after(shipped(), "consents", "REFER", {"sv.signed": [WHO], "was.sv.signed": [""]})
    edit = texts.add_language(signed, "consents", "REFER", {"new.lang": ["bg"]})
    copy = Bundle({**signed.files, **{n: c or b"" for n, c in edit.changed.items()}})
    assert state(copy, "consents.REFER", "bg") == "unsigned"
    forged = copy.with_file(f"{CONFIG}consents/REFER.bg.md", signed.files[FILE])
    assert state(forged, "consents.REFER", "bg") == "changed"
