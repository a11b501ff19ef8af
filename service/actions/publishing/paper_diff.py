"""The differences between two releases in what goes out: papers, and texts of consents."""

from __future__ import annotations

from collections.abc import Iterator

from service.actions.publishing.release_changes import (
    CODE,
    FORM,
    NONE,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)
from service.actions.releases.bundle import Bundle
from service.actions.releases.consent_texts import FOLDER as FOLDER_OF_CONSENTS
from service.actions.releases.consent_texts import INFORMATION, file_of, read_consent_texts
from service.actions.releases.paper_templates import ENDING, FOLDER, PaperTemplate, read_papers


def diff_papers(before: Bundle, after: Bundle, texts: ChangeTexts) -> Iterator[ReleaseChange]:
    """Papers that came or went, and what they print; a changed program is a changed paper."""
    for id_, old, new in pairs(read_papers(before), read_papers(after)):
        paper = new or old
        if paper is None:
            continue
        place, name = Place("", f"{FOLDER}/{id_}{ENDING}"), paper.title_in(texts.lang)
        if old is None or new is None:
            yield texts.change(FORM, "paper_new" if old is None else "paper_gone", place, x=name)
        elif _declared(old) != _declared(new):
            facts = {"was": ", ".join(_declared(old)) or NONE, "now": ", ".join(_declared(new))}
            yield texts.change(FORM, "paper_prints", place, x=name, **facts)
        elif old != new:
            yield texts.change(CODE, "paper_other", place, x=name)


def _declared(paper: PaperTemplate) -> tuple[str, ...]:
    """What a paper may print, and for what."""
    return (*paper.fields, *sorted(paper.classes), *filter(None, (paper.purpose,)))


def diff_consent_texts(
    before: Bundle, after: Bundle, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Texts of consents and of information that came, went or changed, one by one: people have
    said yes to them.
    """
    yield from _diff_texts(before, after, texts, FOLDER_OF_CONSENTS, "consent")
    yield from _diff_texts(before, after, texts, INFORMATION, "information")


def _diff_texts(
    before: Bundle, after: Bundle, texts: ChangeTexts, folder: str, start: str
) -> Iterator[ReleaseChange]:
    """Those of one folder; `start` begins the keys of their sentences."""
    old, new = read_consent_texts(before, folder), read_consent_texts(after, folder)
    for purpose in sorted(old.purposes | new.purposes):
        for lang, was, now in pairs(old.texts.get(purpose, {}), new.texts.get(purpose, {})):
            text = now or was
            if text is None or (was is not None and now is not None and was.digest == now.digest):
                continue
            key = f"{start}_new" if was is None else f"{start}_gone" if now is None else start
            place = Place("", file_of(purpose, lang, folder))
            facts = {"x": text.title, "tongue": lang, "version": text.version}
            yield texts.change(TEXT, key, place, **facts)
