"""Texts of consents: a file each, with a version and a digest by which it is found again."""

from __future__ import annotations

import hashlib

import pytest

from service.application.shipped_files import shipped_bundle
from service.forms import Field, Form
from service.release.bundle import Bundle
from service.release.consent_texts import INFORMATION, inspect_consent_texts, read_consent_texts
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.settings import Settings
from tests.support.tree import ROOT

FOLDER = "workflows/config/consents"
DUTY = {
    "sv": "En myndighet kan enligt lag behöva lämna uppgifter till polisen, också utan ditt ja.",
    "en": "An authority may by law have to give information to the police, also without your yes.",
}
TEXT = """\
# Dela uppgifter
version: 2026-1

Första stycket
går vidare.

- ett
- två

Sista.
"""


def of(**files: str) -> Bundle:
    return Bundle(
        {f"{FOLDER}/{name.replace('_', '.')}.md": text.encode() for name, text in files.items()}
    )


def test_a_text_is_read_with_its_version_and_digest() -> None:
    texts = read_consent_texts(of(SHARE_sv=TEXT, SHARE_en=TEXT.replace("Dela", "Share")))
    text = texts.text("SHARE", "sv")
    assert text is not None
    assert (text.title, text.version) == ("Dela uppgifter", "2026-1")
    assert text.blocks == (
        ("p", "Första stycket går vidare."),
        ("li", "ett"),
        ("li", "två"),
        ("p", "Sista."),
    )
    assert text.digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert texts.with_digest(text.short_digest) == texts.with_digest(text.digest) == text
    assert texts.with_digest("") is None
    assert texts.languages("SHARE") == ("sv", "en")
    assert texts.text("SHARE", "fi") == text, "Swedish where there is no other"
    assert texts.text("OTHER", "sv") is None


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("share_sv", TEXT, "its name is not"),
        ("SHARE", TEXT, "its name is not"),
        ("SHARE_sv", "no heading\nversion: 1\n\na", "heading"),
        ("SHARE_sv", "# a", "heading"),
        ("SHARE_sv", "# a\n\ntext", "version"),
        ("SHARE_sv", "# a\nversion:\n\ntext", "version"),
        ("SHARE_sv", "# a\nversion: 1\n", "it says nothing"),
    ],
)
def test_a_text_that_is_no_use_is_a_finding(name: str, text: str, says: str) -> None:
    texts, findings = inspect_consent_texts(of(**{name: text}))
    assert not texts
    assert [f.code for f in findings] == ["T111"]
    assert says in findings[0].message


def test_every_text_is_there_in_swedish() -> None:
    assert [f.code for f in inspect_consent_texts(of(SHARE_en=TEXT))[1]] == ["T112"]


def purposes_of(form: Form) -> set[str]:
    """The purposes that a form asks consent for."""

    def consents(fields: tuple[Field, ...]) -> set[str]:
        own = {f.purpose for f in fields if f.kind == "consent"}
        return own.union(*(consents(f.fields) for f in fields))

    return consents(form.fields)


def test_every_purpose_that_a_form_asks_for_has_its_text() -> None:
    bundle = shipped_bundle(Settings())
    _, forms, _ = files_of(bundle, declared())
    asked = set[str]().union(*(purposes_of(form) for form in forms.values()))
    texts = read_consent_texts(bundle)
    assert asked
    assert asked <= texts.purposes
    for purpose in texts.purposes:
        assert texts.languages(purpose) == ("sv", "en")


def test_every_text_says_what_the_law_wants_said() -> None:
    texts = read_consent_texts(shipped_bundle(Settings()))
    for purpose in texts.purposes:
        swedish, english = (texts.text(purpose, lang) for lang in ("sv", "en"))
        assert swedish is not None
        assert english is not None
        assert swedish.version == english.version
        said, also = (" ".join(t for _, t in text.blocks) for text in (swedish, english))
        assert "inte den rättsliga grunden" in said
        assert "not the legal ground" in also
        assert "ta tillbaka samtycket när som helst" in said
        assert "blir kvar hos mottagaren" in said, "received records stay"
        assert "already stays with that receiver" in also
        assert DUTY["sv"] in said
        assert DUTY["en"] in also
        assert texts.languages(purpose) == (*DUTY,), "a further language needs the sentence too"
        lifts = purpose in {"REFER", "CONTACT_FAMILY", "FEEDBACK_SE"} or purpose.startswith("SHARE")
        assert ("lyfter sekretessen" in said) == lifts


def test_counsel_must_confirm_and_the_handbook_says_so() -> None:
    handbook = (ROOT / "docs/howto/papers.md").read_text("utf-8")
    assert "counsel must confirm" in handbook


def test_the_information_says_the_same_in_each_language() -> None:
    texts = read_consent_texts(shipped_bundle(Settings()), INFORMATION)
    assert texts.purposes == {"RETURN"}
    assert texts.languages("RETURN") == ("sv", "bg", "en")
    told = [texts.text("RETURN", lang) for lang in texts.languages("RETURN")]
    kinds = {tuple(kind for kind, _ in text.blocks) for text in told if text is not None}
    versions = {text.version for text in told if text is not None}
    assert (len(kinds), len(versions)) == (1, 1)
    assert all("112" in str(text.blocks) for text in told if text is not None)
