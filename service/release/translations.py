"""What the person herself reads or hears, by language: every text with its Swedish one, and whether
it counts.

A text counts in a language once a named person has signed it, and as long as neither it nor the
Swedish text has changed since. Source: decisions/0112.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.errors import BadDiagram
from service.forms import Field, Form
from service.release.bundle import CONFIG, Bundle
from service.release.consent_texts import FOLDER as CONSENTS
from service.release.consent_texts import INFORMATION, ConsentText, read_consent_texts
from service.release.consent_texts import file_of as text_file
from service.release.language_words import (
    FIRST,
    LanguageWords,
    ReleaseLanguages,
    file_of,
    read_languages,
)
from service.release.paper_templates import PaperTemplate, read_papers
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.appeal_roads import read_appeals
from service.release.programme.signatures import DIGITS, signatory, signs

WORDS, WORD, TITLE, QUESTION, APPEAL = "words", "word", "title", "question", "appeal"
FOLDERS: Final = {"information": INFORMATION, "consents": CONSENTS}
"""Kind of a text to its folder."""
SIGNED, UNSIGNED, OLD, CHANGED, INCOMPLETE, MISSING = STATES = (
    *("signed", "unsigned", "old", "changed", "incomplete", "missing"),
)
"""Whether a text counts in a language: a named person has signed it; nobody has; the Swedish one
has another version; one of the two was changed after it was signed; a part is not translated; there
is none."""


@dataclass(frozen=True, slots=True)
class TranslatedText:
    """One text: its stable id, the Swedish one, and the translation, empty where there is none."""

    id: str
    source: str
    own: str
    about: str
    """Where it is read, in English, for whoever translates it."""


@dataclass(frozen=True, slots=True)
class TranslatedPart:
    """What one person signs at once: the words of the papers, or one information or consent."""

    name: str
    """`words`, or kind and name of a text such as `information.RETURN`."""
    lang: str
    file: str
    version: str
    """Of the Swedish text that it translates; empty where there is none."""
    source_version: str
    signature: str
    entries: tuple[TranslatedText, ...]

    @property
    def digest(self) -> str:
        """What a signature is for: the Swedish texts and these, word for word."""
        whole = hashlib.sha256(f"{self.lang}\0{self.name}\0{self.version}".encode())
        for entry in self.entries:
            for text in (entry.id, entry.source, entry.own):
                whole.update(b"\0" + text.encode())
        return whole.hexdigest()[:DIGITS]

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if not self.version:
            return MISSING
        if self.version != self.source_version:
            return OLD
        if not all(entry.own and entry.source for entry in self.entries):
            return INCOMPLETE
        if not signatory(self.signature):
            return UNSIGNED
        return SIGNED if signs(self.signature, self.digest) else CHANGED

    def signed_by(self, who: str) -> str:
        """The signature of somebody, `Name, role, day`, as the file bears it."""
        return f"{who} [{self.digest}]"


def languages_of(bundle: Bundle) -> tuple[str, ...]:
    """Every language that a release has words or texts in, Swedish first."""
    found = set(read_languages(bundle).files)
    for folder in FOLDERS.values():
        for texts in read_consent_texts(bundle, folder).texts.values():
            found |= texts.keys()
    return tuple(sorted(found, key=lambda lang: (lang != FIRST, lang)))


def read_parts(bundle: Bundle, forms: Mapping[str, Form], lang: str) -> tuple[TranslatedPart, ...]:
    """Everything that is read in a language, part by part: words first, then information and
    consents. A part that the language does not have has no version.

    Args:
        forms: of the release, which know the questions of its languages.
    """
    return (_words(bundle, forms, lang), *read_text_parts(bundle, lang))


def _words(bundle: Bundle, forms: Mapping[str, Form], lang: str) -> TranslatedPart:
    languages = read_languages(bundle)
    none = LanguageWords(version="-")
    file, swedish = languages.files.get(lang), languages.files.get(FIRST, none)
    hers = [one for one in read_papers(bundle).values() if one.is_hers]
    entries = [
        TranslatedText(f"{WORD}.{key}", text, languages.own(key, lang), _used(key, hers))
        for key, text in swedish.words.items()
    ]
    entries += [
        TranslatedText(
            f"{TITLE}.{one.id}", one.title_in(FIRST), one.title.get(lang, ""), _title(one)
        )
        for one in hers
    ]
    entries += _questions(hers, forms, lang)
    entries += _appeals(bundle, languages, lang)
    return TranslatedPart(
        name=WORDS,
        lang=lang,
        file=file_of(lang),
        version=file.version if file is not None else "",
        source_version=swedish.version,
        signature=file.signed if file is not None else "",
        entries=tuple(entries),
    )


def _appeals(bundle: Bundle, languages: ReleaseLanguages, lang: str) -> Iterator[TranslatedText]:
    """How decisions are appealed, in a language that the rows themselves do not have: those have
    their own signature, a lawyer's.
    """
    try:
        roads = read_appeals(bundle.text(CONFIG + APPEALS)).roads
    except (BadDiagram, ValueError):
        return  # there are none, or it has a finding of its own
    about = "How a decision is appealed. A lawyer confirms the Swedish text."
    for road in roads:
        if lang not in road.words:
            own = languages.appeal(road.id, lang)
            yield TranslatedText(f"{APPEAL}.{road.id}", road.words[FIRST], own, about)


def _used(key: str, templates: Sequence[PaperTemplate]) -> str:
    """On which papers a word stands, for whoever translates it."""
    ids = [one.id for one in templates if f'w("{key}"' in one.own_source]
    if not ids:
        return "Words on every paper that the person gets."
    return f"Words on the paper {', '.join(ids)}. The person reads them, or they are read aloud."


def _title(template: PaperTemplate) -> str:
    return f"The title of the paper {template.id}, kind {template.kind}."


def _questions(
    templates: Sequence[PaperTemplate], forms: Mapping[str, Form], lang: str
) -> Iterator[TranslatedText]:
    """The questions and options that papers print, each Swedish text once."""
    known = dict[str, str]()
    for template in templates:
        for form in forms.values():
            for field in form.fields:
                if field.key not in template.fields:
                    continue
                for id_, text, given in _printed(field, field.key, lang):
                    if not text or text in known.values():
                        continue
                    while id_ in known:
                        id_ += "~"  # noqa: PLW2901 - another form asks the same with other words
                    known[id_] = text
                    said = text if lang == FIRST else form.words.get(lang, {}).get(text, "")
                    about = f"A question or an answer on the paper {template.id}."
                    yield TranslatedText(f"{QUESTION}.{id_}", text, given or said, about)


def _printed(field: Field, path: str, lang: str) -> Iterator[tuple[str, str, str]]:
    """What a paper prints of a field: labels, options, and what an answer says once it is given.

    Yields: id, Swedish text, and the text of the language where the field itself has it.
    """
    yield path, field.label, ""
    for option in field.options:
        state = f"state.{option.value}"
        said, given = (field.properties.get(f"{state}.{one}", "") for one in (FIRST, lang))
        yield f"{path}={option.value}", option.label, ""
        yield f"{path}={option.value}.state", said, given
    for inner in field.fields:
        if inner.key:
            yield from _printed(inner, f"{path}.{inner.key}", lang)


def read_text_parts(bundle: Bundle, lang: str) -> Iterator[TranslatedPart]:
    """The information and the consents of a release, in a language."""
    for kind, folder in FOLDERS.items():
        for name, texts in read_consent_texts(bundle, folder).texts.items():
            swedish, own = texts.get(FIRST), texts.get(lang)
            if swedish is None:
                continue
            yield TranslatedPart(
                name=f"{kind}.{name}",
                lang=lang,
                file=text_file(name, lang, folder),
                version=own.version if own is not None else "",
                source_version=swedish.version,
                signature=own.signed if own is not None else "",
                entries=tuple(_of_text(f"{kind}.{name}", swedish, own)),
            )


def _of_text(name: str, swedish: ConsentText, own: ConsentText | None) -> Iterator[TranslatedText]:
    """The heading and the blocks of a text; one that only one of the two has lacks its other."""
    about = f"Version {swedish.version}. The person reads it, or it is read aloud."
    yield TranslatedText(
        f"{name}.title", swedish.title, own.title if own is not None else "", about
    )
    blocks = own.blocks if own is not None else ()
    for n in range(max(len(swedish.blocks), len(blocks))):
        kind, source = swedish.blocks[n] if n < len(swedish.blocks) else ("p", "")
        same = n < len(blocks) and blocks[n][0] == kind
        yield TranslatedText(f"{name}.{n + 1}", source, blocks[n][1] if same else "", about)
