"""The shipped release in two more languages: an invented one with long texts and accents, and
Arabic letters, whose lines begin at the right; both are made of the Swedish texts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from babel.messages.pofile import read_po, write_po

from service.forms import Form
from service.release.bundle import Bundle
from service.release.language_words import PLACEHOLDER
from service.release.prepared import PreparedRelease, files_of
from service.sandbox.handlers import declared
from service.workshop.configuration.translation_files import (
    PSEUDO,
    read_translation,
    sign,
    write_translation,
)
from tests.support.world import shipped

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
SIGNATORY = "Nadia Exempel, translator, 2026-12-01"
ARABIC = "ar"
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzåäöABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ",
    "ابسديفغهيجكلمنوبقرستوفوكيزاعوابسديفغهيجكلمنوبقرستوفوكيزاعو",
)


def as_arabic(text: str) -> str:
    """A text in Arabic letters, one for each of its own; no word of it means anything."""
    found = PLACEHOLDER.search(text)
    if found is None:
        return text.translate(LETTERS)
    before, after = text[: found.start()], text[found.end() :]
    return f"{before.translate(LETTERS)}{found[0]}{as_arabic(after)}"


def forms_of(bundle: Bundle) -> dict[str, Form]:
    """The forms of a bundle, as a release reads them."""
    return files_of(bundle, declared())[1]


def translated(bundle: Bundle, lang: str, translate: Callable[[str], str]) -> bytes:
    """The `.po` of a language as it comes back from somebody who has translated every text."""
    exported = write_translation(bundle, forms_of(bundle), lang, now=AT)
    catalog = read_po(BytesIO(exported.replace(f'"Language: {lang}\\n"\n'.encode(), b"")))
    for message in catalog:
        if message.id:
            message.string = translate(str(message.id))
    out = BytesIO()
    write_po(out, catalog, width=76)
    return out.getvalue().replace(b'"MIME-V', f'"Language: {lang}\\n"\n"MIME-V'.encode(), 1)


def with_language(bundle: Bundle, lang: str, content: bytes) -> Bundle:
    """A bundle that has taken the `.po` of a language."""
    made = read_translation(bundle, forms_of(bundle), lang, content)
    return Bundle({**bundle.files, **made.changed})


def with_signature(bundle: Bundle, lang: str, *names: str) -> Bundle:
    """A bundle in which somebody has signed texts of a language."""
    made = sign(bundle, forms_of(bundle), lang, SIGNATORY, names)
    return Bundle({**bundle.files, **made.changed})


@cache
def in_all_languages() -> Bundle:
    """The shipped files with the invented language and Arabic, of which nothing is signed."""
    bundle = shipped()
    pseudo = write_translation(bundle, forms_of(bundle), PSEUDO, now=AT, pseudo=True)
    bundle = with_language(bundle, PSEUDO, pseudo)
    return with_language(bundle, ARABIC, translated(bundle, ARABIC, as_arabic))


@cache
def release_in_all_languages() -> PreparedRelease:
    """The release of `in_all_languages`, no more than read: nothing is played on it."""
    bundle = in_all_languages()
    return PreparedRelease(bundle.digest, 0, "", bundle, {}, forms_of(bundle), {})
