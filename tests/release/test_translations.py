"""Texts count in a language when a named person has signed them, and until one of two changes."""

from __future__ import annotations

import pytest

from service.casework.casefile.paper_data import marks_of
from service.release.bundle import Bundle
from service.release.consent_texts import INFORMATION
from service.release.language_words import file_of
from service.release.prepared import PreparedRelease
from service.release.programme.signatures import is_signatory
from service.release.translations import languages_of, read_parts
from service.workshop.configuration.translation_files import RefusedTranslation, sign
from tests.support.other_languages import (
    SIGNATORY,
    forms_of,
    in_all_languages,
    with_signature,
)
from tests.support.world import shipped

RETURN = "information.RETURN"


def states(bundle: Bundle, lang: str) -> dict[str, str]:
    return {part.name: part.state for part in read_parts(bundle, forms_of(bundle), lang)}


def changed(bundle: Bundle, name: str, old: str, new: str) -> Bundle:
    text = bundle.text(name)
    assert old in text
    return bundle.with_file(name, text.replace(old, new, 1).encode())


def release(bundle: Bundle) -> PreparedRelease:
    """A release that is no more than read: nothing is played on it."""
    return PreparedRelease(bundle.digest, 0, "", bundle, {}, forms_of(bundle), {})


def test_nothing_that_is_shipped_is_signed() -> None:
    for lang in languages_of(shipped()):
        assert "signed" not in states(shipped(), lang).values()
    assert languages_of(shipped()) == ("sv", "bg", "en")
    assert states(shipped(), "bg")[RETURN] == "unsigned"
    assert states(shipped(), "bg")["consents.REFER"] == "missing"
    assert states(shipped(), "bg")["words"] == "incomplete"
    assert set(states(shipped(), "en").values()) == {"unsigned"}


def test_a_signature_is_for_these_words_and_for_the_swedish_ones() -> None:
    signed = with_signature(shipped(), "bg", RETURN)
    assert states(signed, "bg")[RETURN] == "signed"
    own, swedish = (f"{INFORMATION}/RETURN.{lang}.md" for lang in ("bg", "sv"))
    assert f"signed: {SIGNATORY} [" in signed.text(own)
    assert states(changed(signed, own, "безплатна", "платена"), "bg")[RETURN] == "changed"
    assert states(changed(signed, swedish, "gratis", "dyrt"), "bg")[RETURN] == "changed"
    assert states(changed(signed, swedish, "2026-2", "2026-3"), "bg")[RETURN] == "old"
    assert states(changed(signed, own, "- Стъпка 1", "Стъпка 1"), "bg")[RETURN] == "incomplete"
    assert states(changed(signed, own, "signed: Nadia", "signed: N [0] "), "bg")[RETURN] != "signed"
    again = with_signature(changed(signed, own, "безплатна", "платена"), "bg", RETURN)
    assert states(again, "bg")[RETURN] == "signed"
    assert again.text(own).count("signed:") == 1


def test_the_words_of_papers_are_signed_with_the_questions_that_they_print() -> None:
    signed = with_signature(in_all_languages(), "ar")
    assert set(states(signed, "ar").values()) == {"signed"}
    assert states(changed(signed, file_of("sv"), "Underskrift", "Namn"), "ar")["words"] == "changed"
    assert states(changed(signed, file_of("sv"), "2026-1", "2026-9"), "ar")["words"] == "old"
    asked = changed(signed, "forms/informed_decision.form", '"label": "Hos vem"', '"label": "Hos"')
    assert states(asked, "ar")["words"] == "incomplete"


@pytest.mark.parametrize(
    ("who", "names", "why"),
    [
        ("Nadia", (), "who"),
        ("Nadia, translator, today", (), "who"),
        (SIGNATORY, ("information.OTHER",), "no_part"),
        (SIGNATORY, ("words",), "sign_incomplete"),
        (SIGNATORY, ("consents.REFER",), "sign_missing"),
    ],
)
def test_what_cannot_be_signed_is_refused(who: str, names: tuple[str, ...], why: str) -> None:
    with pytest.raises(RefusedTranslation) as refused:
        sign(shipped(), forms_of(shipped()), "bg", who, names)
    assert [key for key, _ in refused.value.faults] == [why]


def test_who_signs_has_a_name_a_role_and_a_day() -> None:
    assert is_signatory("Nadia Exempel, translator, 2026-12-01")
    assert not is_signatory("Nadia Exempel, 2026-12-01")
    assert not is_signatory("Nadia [x], translator, 2026-12-01")


def marks(bundle: Bundle, paper: str, text: str, lang: str) -> list[tuple[str, str, str]]:
    made = release(bundle)
    found = marks_of(made, made.papers[paper], text, lang)
    return [(m.shown["lang"], m.shown["dir"], m.text) for m in found]


def test_a_paper_in_words_that_nobody_signed_says_so_in_both_languages() -> None:
    swedish, arabic = marks(in_all_languages(), "plan", "", "ar")
    assert swedish == (
        "sv",
        "ltr",
        "EXEMPEL: ingen har skrivit under den här texten. En tolk läser upp den.",
    )
    assert arabic[:2] == ("ar", "rtl")
    assert arabic[2]
    ((lang, _, text),) = marks(shipped(), "plan", "", "sv")
    assert (lang, "tolk" in text) == ("sv", False)
    assert [m[0] for m in marks(shipped(), "information", "RETURN", "bg")] == ["sv", "bg"]


def test_a_paper_whose_words_are_signed_bears_no_mark() -> None:
    bundle = with_signature(shipped(), "bg", RETURN)
    assert marks(bundle, "information", "RETURN", "bg") == []
    words = with_signature(in_all_languages(), "ar", "words")
    assert marks(words, "plan", "", "ar") == []
    assert marks(words, "consent", "REFER", "ar"), "its own text is not signed"
    consent = with_signature(words, "ar", "consents.REFER")
    assert marks(consent, "consent", "REFER", "ar") == []


def test_papers_between_offices_and_old_releases_bear_no_mark() -> None:
    assert marks(shipped(), "ticket_request", "", "en") == []
    files = {n: data for n, data in shipped().files.items() if "/languages/" not in n}
    made = release(Bundle(files))
    assert marks_of(made, made.papers["plan"], "", "sv") == ()
