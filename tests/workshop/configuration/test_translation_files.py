"""A translator's round trip: everything of a language goes out as one file and comes back, whole or
not at all.
"""

from __future__ import annotations

import re

import pytest

from service.release.bundle import Bundle
from service.release.consent_texts import INFORMATION, read_consent_texts
from service.release.language_words import read_languages
from service.release.paper_templates import read_papers
from service.release.translations import read_parts
from service.workshop.configuration.translation_files import (
    PSEUDO,
    RefusedTranslation,
    as_pseudo,
    read_translation,
    write_translation,
)
from tests.support.other_languages import (
    ARABIC,
    AT,
    as_arabic,
    forms_of,
    in_all_languages,
    translated,
    with_language,
    with_signature,
)
from tests.support.world import shipped


def exported(bundle: Bundle, lang: str) -> str:
    return write_translation(bundle, forms_of(bundle), lang, now=AT).decode()


def taken(bundle: Bundle, lang: str, text: str) -> dict[str, bytes]:
    return dict(read_translation(bundle, forms_of(bundle), lang, text.encode()).changed)


def faults(bundle: Bundle, lang: str, text: str) -> list[tuple[str, str]]:
    with pytest.raises(RefusedTranslation) as refused:
        taken(bundle, lang, text)
    return [(key, facts.get("id", "")) for key, facts in refused.value.faults]


def filled(id_: str, translation: str) -> str:
    """The pseudo-language with another translation of one text."""
    bundle = shipped()
    text = write_translation(bundle, forms_of(bundle), PSEUDO, now=AT, pseudo=True).decode()
    # a message ends at an empty line
    pattern = rf'(msgctxt "{re.escape(id_)}"\nmsgid (?:".*"\n)+)msgstr (?:".*"\n)+'
    made, n = re.subn(pattern, lambda found: f'{found[1]}msgstr "{translation}"\n', text)
    assert n == 1
    return made


def test_what_goes_out_and_comes_back_is_the_same() -> None:
    bundle = in_all_languages()
    for lang in (PSEUDO, ARABIC, "bg", "en"):
        assert taken(bundle, lang, exported(bundle, lang)) == {}


def test_everything_that_the_person_reads_is_in_one_file() -> None:
    text = exported(shipped(), "bg")
    for id_ in (
        "word.signature",
        "title.application",
        "title.card",
        "question.declarations",
        "question.goals",
        "information.RETURN.title",
        "appeal.SUPPORT",
        "information.RETURN.1",
        "consents.REFER.1",
    ):
        assert f'msgctxt "{id_}"' in text
    assert f'msgstr "{read_papers(shipped())["information"].title["bg"]}"' in text
    assert "#. Words on the paper application, consent, plan." in text
    assert text.count("msgctxt") == len(set(re.findall(r'msgctxt "(.*)"', text)))


def test_a_translation_of_everything_becomes_files_that_are_read() -> None:
    bundle = with_language(shipped(), ARABIC, translated(shipped(), ARABIC, as_arabic))
    told = read_consent_texts(bundle, INFORMATION).texts["RETURN"]
    assert told["ar"].title == as_arabic(told["sv"].title)
    assert [kind for kind, _ in told["ar"].blocks] == [kind for kind, _ in told["sv"].blocks]
    assert told["ar"].version == told["sv"].version
    assert read_papers(bundle)["plan"].title_in("ar") == as_arabic(
        read_papers(bundle)["plan"].title["sv"]
    )
    assert read_languages(bundle).own("signature", "ar") == as_arabic("Underskrift")
    states = {part.state for part in read_parts(bundle, forms_of(bundle), "ar")}
    assert states == {"unsigned"}


def test_the_swedish_text_stays_as_it_is() -> None:
    made = read_translation(
        shipped(), forms_of(shipped()), ARABIC, translated(shipped(), ARABIC, as_arabic)
    )
    assert all(".ar." in name or name.endswith("/ar.toml") for name in made.changed)


def test_other_words_take_the_signature_away_and_leave_that_of_others() -> None:
    signed = with_signature(in_all_languages(), ARABIC)
    own = as_arabic("Underskrift")
    text = exported(signed, ARABIC).replace(f'msgstr "{own}"', 'msgstr "توقيع"', 1)
    changed = taken(signed, ARABIC, text)
    assert list(changed) == ["workflows/config/languages/ar.toml"]
    after = Bundle({**signed.files, **changed})
    states = {p.name: p.state for p in read_parts(after, forms_of(after), ARABIC)}
    assert states.pop("words") == "unsigned"
    assert set(states.values()) == {"signed"}


def test_a_text_of_an_earlier_version_goes_out_as_fuzzy() -> None:
    name = f"{INFORMATION}/RETURN.sv.md"
    newer = shipped().with_file(name, shipped().text(name).replace("2026-2", "2026-3").encode())
    text = exported(newer, "bg")
    assert re.search(r'#, fuzzy\nmsgctxt "information.RETURN.title"', text)
    assert ("fuzzy", "information.RETURN.title") in faults(newer, "bg", text)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            'msgctxt "word.code"',
            'msgctxt "word.kode"',
            [("unknown", "word.kode"), ("missing", "word.code")],
        ),
        ('msgid "Kod"', 'msgid "Koden"', [("changed", "word.code")]),
        (
            '#. Words on every paper that the person gets.\nmsgctxt "word.code"',
            '#, fuzzy\nmsgctxt "word.code"',
            [("fuzzy", "word.code")],
        ),
        ("Language: art", "Language: bg", [("other_language", "")]),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    old: str, new: str, found: list[tuple[str, str]]
) -> None:
    text = filled("word.code", "Kód")
    assert old in text
    assert faults(shipped(), PSEUDO, text.replace(old, new, 1)) == found


@pytest.mark.parametrize(
    ("id_", "translation", "found"),
    [
        ("word.page", "Side {page}", [("placeholder", "word.page")]),
        ("word.page", "Side {page} {pages} {more}", [("placeholder", "word.page")]),
        ("word.code", "{code}", [("placeholder", "word.code")]),
        ("information.RETURN.2", "- x", [("markup", "information.RETURN.2")]),
        ("information.RETURN.title", "# x", [("markup", "information.RETURN.title")]),
        ("information.RETURN.1", "signed: x", [("markup", "information.RETURN.1")]),
        ("information.RETURN.1", "a\\nb", [("markup", "information.RETURN.1")]),
        ("word.code", "a\u202eb", [("markup", "word.code")]),
        ("information.RETURN.1", "", [("half", "")]),
    ],
)
def test_a_translation_that_would_break_the_text_is_refused(
    id_: str, translation: str, found: list[tuple[str, str]]
) -> None:
    assert faults(shipped(), PSEUDO, filled(id_, translation)) == found


def test_every_fault_is_named_at_once_and_nothing_is_taken() -> None:
    text = filled("word.page", "Side").replace('msgid "Kod"', 'msgid "Koden"', 1)
    assert set(faults(shipped(), PSEUDO, text)) == {
        ("placeholder", "word.page"),
        ("changed", "word.code"),
    }


def test_a_word_that_is_not_translated_is_left_out() -> None:
    changed = taken(shipped(), PSEUDO, filled("word.code", ""))
    after = Bundle({**shipped().files, **changed})
    assert read_languages(after).own("code", PSEUDO) == ""
    states = {p.name: p.state for p in read_parts(after, forms_of(after), PSEUDO)}
    assert states["words"] == "incomplete"


@pytest.mark.parametrize(("lang", "why"), [("sv", "source_language"), ("arabic", "language")])
def test_only_another_language_is_exported(lang: str, why: str) -> None:
    with pytest.raises(RefusedTranslation) as refused:
        exported(shipped(), lang)
    assert [key for key, _ in refused.value.faults] == [why]


@pytest.mark.parametrize("content", [b"\xff\xfe", b'msgid "x', b"no po"])
def test_a_file_that_is_no_po_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedTranslation):
        read_translation(shipped(), forms_of(shipped()), "bg", content)


def test_english_takes_only_what_differs_from_forms_and_templates() -> None:
    text = exported(shipped(), "en").replace('msgstr "Goals"', 'msgstr "Aims"', 1)
    changed = taken(shipped(), "en", text)
    after = Bundle({**shipped().files, **changed})
    words = read_languages(after).files["en"]
    assert dict(words.questions) == {"Mål": "Aims"}
    assert dict(words.titles) == {}
    assert forms_of(after)["reintegration_plan"].say("Mål", "en") == "Aims"


def test_a_pseudo_text_is_longer_and_keeps_its_places() -> None:
    assert as_pseudo("Sida {page} av {pages}") == "Sídá {page} áv {pages} ö"
    assert len(as_pseudo("x" * 240)) > 310
