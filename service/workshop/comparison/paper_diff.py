"""The differences between two releases in what goes out: papers, and texts of consents."""

from __future__ import annotations

from collections.abc import Iterator

from service.release.bundle import Bundle
from service.release.consent_texts import FOLDER as FOLDER_OF_CONSENTS
from service.release.consent_texts import INFORMATION, file_of, read_consent_texts
from service.release.paper_templates import ENDING, FOLDER, PaperTemplate, read_papers
from service.workshop.comparison.line_diff import changed_lines
from service.workshop.comparison.release_changes import (
    CONFIG,
    FORM,
    NONE,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)

SAID = tuple(f"// {key} " for key in ("fields", "classes", "purpose"))
"""Beginnings of the lines in which a paper declares what it prints: `paper_prints` tells them."""


def diff_papers(before: Bundle, after: Bundle, texts: ChangeTexts) -> Iterator[ReleaseChange]:
    """Differences of papers: new and removed ones, what one may print, and other changed lines."""
    old_papers = read_papers(before)
    new_papers = read_papers(after)
    for id_, old, new in pairs(old_papers, new_papers):
        paper = new or old
        if paper is None:
            continue
        place = Place("", f"{FOLDER}/{id_}{ENDING}")
        name = paper.title_in(texts.lang)
        if old is None or new is None:
            yield texts.change(FORM, "paper_new" if old is None else "paper_gone", place, x=name)
        elif _declared(old) != _declared(new):
            facts = {"was": ", ".join(_declared(old)) or NONE, "now": ", ".join(_declared(new))}
            yield texts.change(FORM, "paper_prints", place, x=name, **facts)
    for file, was, now in pairs(before.under(FOLDER, ENDING), after.under(FOLDER, ENDING)):
        if was is not None and now is not None and was != now:
            known = new_papers.get(file.removesuffix(ENDING))
            name = known.title_in(texts.lang) if known is not None else file
            place = Place("", f"{FOLDER}/{file}")
            yield from _lines(was, now, name, place, texts)


def _lines(
    was: bytes, now: bytes, name: str, place: Place, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    for n, old, new in changed_lines(_text(was), _text(now)):
        if all(line.startswith(SAID) for line in [*old.splitlines(), *new.splitlines()]):
            continue
        yield texts.change(CONFIG, "paper_line", place, x=name, n=n).with_values(old, new)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _declared(paper: PaperTemplate) -> tuple[str, ...]:
    """Fields and classes that a paper may print, and its purpose."""
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
    old = read_consent_texts(before, folder)
    new = read_consent_texts(after, folder)
    for purpose in sorted(old.purposes | new.purposes):
        for lang, was, now in pairs(old.texts.get(purpose, {}), new.texts.get(purpose, {})):
            text = now or was
            if text is None or (was is not None and now is not None and was.digest == now.digest):
                continue
            key = f"{start}_new" if was is None else f"{start}_gone" if now is None else start
            place = Place("", file_of(purpose, lang, folder))
            facts = {"x": text.title, "tongue": lang, "version": text.version}
            change = texts.change(TEXT, key, place, **facts)
            if was is not None and now is not None:
                texts_of = (_text(side.files[place.file]) for side in (before, after))
                lines = list(changed_lines(*texts_of))
                was_said = "\n".join(filter(None, (old_line for _, old_line, _ in lines)))
                is_said = "\n".join(filter(None, (new_line for _, _, new_line in lines)))
                change = change.with_values(was_said, is_said)
            yield change
