"""Unsent answers: what a person has typed into a form and not sent, sealed as she types.

They are hers alone until she sends them or somebody else has the task: then that person may read
and use them (`colleagues_unsent_answers`). Each field keeps the last texts it had and the revision
that brought them, so that two tabs of one person are merged field by field.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from service.access import Viewer
from service.casework.casefile.answer_text import without_numbers
from service.errors import NotFound, TaskTaken, TooLarge
from service.forms import Form, Raw
from service.records.context import Services
from service.security.vault import OwnerKey
from service.store.at_hand import Read, Reader
from service.store.installation import keys
from service.store.transaction import Tx
from service.store.work import unsent_answers

MOST = 200_000
"""Longest unsent answers that are kept, in characters."""
VERSIONS = 5
"""Earlier texts of a field that are kept to merge by."""
Past = dict[str, list[tuple[int, list[str]]]]
"""Path to its texts by the revision that brought them, oldest first."""


@dataclass(frozen=True, slots=True)
class AnsweredStep:
    """The step of the diagram that the answers are for; it outlasts the task."""

    element: str = ""
    nth: int = 0


NO_FILES: Final[Mapping[str, bool]] = MappingProxyType({})
NO_STEP = AnsweredStep()
"""Of a form that is no task's: a start or a message."""


@dataclass(frozen=True, slots=True)
class EditConflict:
    """A field that two tabs have changed: the texts of this one, and those the other has saved."""

    path: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedAnswers:
    """Unsent answers as they are saved; `rev` is 0 and `at` None when there are none."""

    raw: Raw = field(default_factory=dict)
    rev: int = 0
    at: datetime | None = None
    step: AnsweredStep = NO_STEP
    clashes: tuple[EditConflict, ...] = ()
    case_id: str = ""
    gone: tuple[str, ...] = ()
    """Documents that this saving took out of the answers: files that were unticked, replaced, or in
    a row that was removed."""
    taken: TaskTaken | None = None
    """That a colleague has the task: the text is kept all the same, and nothing else happens."""


def save_unsent(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    key: str,
    case_id: str | None,
    raw: Raw,
    base: Raw,
    rev: int,
    step: AnsweredStep = NO_STEP,
    files: Mapping[str, bool] = NO_FILES,
) -> SavedAnswers:
    """Save what was typed.

    A field that only one tab has changed is merged; one that both changed stays as it was saved,
    and is given back as a conflict.

    Args:
        key: of the task; `start/<element>` or `message/<case>/<name>` for forms that are no task.
        raw: all fields of the page, as the browser sent them.
        base: what a fresh page begins with.
        rev: the revision of the unsent answers that the page was made from.
        files: paths of file fields, without numbers of rows, to whether one takes several. Two tabs
            that change one are no conflict: what one has added or removed holds.
    Raises:
        TooLarge: more than anybody types.
        NotFound: the case has no key any more.
        CaseMoved: another tab saved at this very moment.
    """
    if sum(len(path) + sum(map(len, texts)) for path, texts in raw.items()) > MOST:
        raise TooLarge(most=MOST)
    owner = _key(tx, services, by, case_id)
    row = unsent_answers.get(tx, key, by.person)
    past, saved_rev, at = {}, 0, None
    if row is not None:
        past, saved_rev, at = _open(owner, row)[0], row.rev, row.at
    merged, clashes = _merge(past, raw, base, rev, saved_rev + 1, files)
    gone = _documents(_newest(past), files) - _documents(_newest(merged), files)
    if merged != past:
        saved_rev, at = saved_rev + 1, now
        sealed = _seal(owner, key, by.person, merged, step)
        unsent_answers.save(
            tx, unsent_answers.UnsentAnswers(key, by.person, case_id, saved_rev, sealed, at)
        )
    typed = _newest(merged)
    left = tuple(sorted(gone))
    return SavedAnswers(typed, saved_rev, at, step, clashes, case_id or "", left)


def reads_of_unsent(viewer: Viewer, key: str, case_id: str = "") -> list[Read]:
    """What `load_unsent` reads.

    Args:
        case_id: "" before the case begins.
    """
    return [
        (unsent_answers.GET, {"key": key, "person_id": viewer.person}),
        (keys.GET, {"owner": _owner(viewer, case_id)}),
    ]


def load_unsent(
    reader: Reader, services: Services, viewer: Viewer, key: str, *, author: str = ""
) -> SavedAnswers:
    """Load what the viewer typed, or a colleague whose task is hers now.

    Args:
        author: id of the colleague; "" for the viewer.
    """
    person = author or viewer.person
    row = unsent_answers.get(reader, key, person)
    if row is None:
        return SavedAnswers()
    return opened(_key(reader, services, viewer, row.case_id), row)


def opened(owner: OwnerKey, row: unsent_answers.UnsentAnswers) -> SavedAnswers:
    """Unsent answers of a stored row."""
    past, step = _open(owner, row)
    return SavedAnswers(_newest(past), row.rev, row.at, step, (), row.case_id or "")


def _merge(
    past: Past, raw: Raw, base: Raw, rev: int, new: int, files: Mapping[str, bool]
) -> tuple[Past, tuple[EditConflict, ...]]:
    merged: Past = {path: list(versions) for path, versions in past.items()}
    clashes = []
    for path in sorted({*past, *raw, *base}):
        mine = _texts(raw.get(path))
        stored = _at(past, base, path, None)
        before = _at(past, base, path, rev)
        several = files.get(without_numbers(path))
        if several is not None:
            mine = _files(before, mine, stored, several=several)
            before = stored
        if mine in (before, stored) and (path in past or mine == stored):
            continue
        if stored not in (before, mine):
            clashes.append(EditConflict(path, tuple(mine), tuple(stored)))
            continue
        merged[path] = [*merged.get(path, []), (new, mine)][-VERSIONS:]
    return merged, tuple(clashes)


def _files(before: list[str], mine: list[str], stored: list[str], *, several: bool) -> list[str]:
    """The files of a field after both tabs: what is stored, as this tab has changed it."""
    removed = set(before) - set(mine)
    added = [id_ for id_ in mine if id_ not in before and id_ not in stored]
    left = [*(id_ for id_ in stored if id_ not in removed), *added]
    return left if several else left[-1:]


def _documents(raw: Raw, files: Mapping[str, bool]) -> set[str]:
    """The documents that some texts name."""
    return {id_ for path, ids in raw.items() if without_numbers(path) in files for id_ in ids}


def _at(past: Past, base: Raw, path: str, rev: int | None) -> list[str]:
    """The texts of a field at a revision, or the newest."""
    known = [texts for number, texts in past.get(path, []) if rev is None or number <= rev]
    return known[-1] if known else _texts(base.get(path))


def _texts(texts: list[str] | None) -> list[str]:
    """Texts of a field without empty ones: a field not sent is the same as one sent empty."""
    return [t for t in texts or [] if t]


def _newest(past: Past) -> dict[str, list[str]]:
    return {path: versions[-1][1] for path, versions in past.items()}


def _seal(owner: OwnerKey, key: str, person: str, past: Past, step: AnsweredStep) -> bytes:
    fields = {"fields": past, "step": [step.element, step.nth]}
    text = json.dumps(fields, ensure_ascii=False)
    return owner.seal(
        "unsent", text.encode(), table="unsent", column="sealed", row=key, extra=person
    )


def _open(owner: OwnerKey, row: unsent_answers.UnsentAnswers) -> tuple[Past, AnsweredStep]:
    plain = json.loads(
        owner.open(
            "unsent", row.sealed, table="unsent", column="sealed", row=row.key, extra=row.person_id
        )
    )
    past: Past = {
        path: [(int(number), list(texts)) for number, texts in versions]
        for path, versions in plain["fields"].items()
    }
    return past, AnsweredStep(str(plain["step"][0]), int(plain["step"][1]))


def own_texts(form: Form | None, raw: Raw) -> dict[str, list[str]]:
    """The texts that belong to fields of a form, without its buttons."""
    fields = form.fields if form is not None else ()
    keys = {f.key for f in fields if f.key and not f.buttons}
    return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}


def file_fields(form: Form | None) -> dict[str, bool]:
    """Path of each file field of a form, without numbers of rows, to whether it takes several."""
    fields = form.walk() if form is not None else ()
    return {path: field.multiple for path, field in fields if field.kind == "file"}


def with_documents(
    raw: Raw, files: Mapping[str, bool], there: Collection[str] | None
) -> dict[str, list[str]]:
    """Some texts without the documents that are not `there`; None: whichever they name."""
    return {
        path: [text for text in texts if there is None or text in there]
        if without_numbers(path) in files
        else list(texts)
        for path, texts in raw.items()
    }


def merge_unsent(base: Raw, saved: SavedAnswers) -> dict[str, list[str]]:
    """Merge saved texts over the texts that a page begins with."""
    return {path: texts for path, texts in {**base, **saved.raw}.items() if texts}


def _key(reader: Reader, services: Services, viewer: Viewer, case_id: str | None) -> OwnerKey:
    """The case's key; before a case begins, the person's own."""
    found = services.key(reader, _owner(viewer, case_id))
    if found is None:
        raise NotFound
    return found


def _owner(viewer: Viewer, case_id: str | None) -> str:
    return f"case:{case_id}" if case_id else f"person:{viewer.person}"
