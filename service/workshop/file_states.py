"""Earlier states of the files of a draft: every save keeps one, and anybody who edits can go back.

Going back is a save like any other, so nothing is lost by it. The newest `WHOLE` states of a file
are all kept; of older ones the last of each person's in each `SPAN`; and never more than `MOST`.
They are deleted a day after the draft is published or thrown away.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from service.access import Viewer
from service.engine import FileParts, file_parts
from service.errors import BadDiagram, NotFound
from service.people import accounts
from service.records.context import Services
from service.release.bundle import Bundle, unpack, unpack_release
from service.store.installation import draft_states, releases
from service.store.installation.draft_states import DraftState, StateTitle
from service.store.transaction import Tx
from service.text import say
from service.workshop.comparison.file_rest import diff_rest
from service.workshop.comparison.form_diff import diff_form
from service.workshop.comparison.layout_diff import diff_layout
from service.workshop.comparison.line_diff import changed_lines
from service.workshop.comparison.release_changes import ChangeTexts
from service.workshop.comparison.table_diff import diff_table_file

WHOLE: Final = 100
"""Newest states of a file that are all kept."""
SPAN: Final = timedelta(minutes=15)
"""Of older states, the last of each person's in so long a time is kept."""
MOST: Final = 300
"""Most states of one file."""
PAGE: Final = 25
"""States on one page."""
BASE: Final = 0
"""Number of the state as the release has it that the draft was begun from."""
SAID: Final = 3
"""Differences that a line names; the rest is counted."""
DRAWN: Final = (".bpmn", ".dmn")
TABLES: Final = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class EarlierState:
    """One state of a file: the revision that saved it (`BASE`: the release's), who and when.

    `what` says in words what it changed; `more` counts the differences that it does not name.
    """

    rev: int
    who: str
    at: datetime | None
    what: tuple[str, ...]
    more: int
    current: bool
    """Whether the draft has the file as it is here."""
    gone: bool
    """Whether the draft did not have the file then."""


def keep_states(
    tx: Tx, before: Mapping[str, bytes], row: releases.Draft, changed: Mapping[str, bytes | None]
) -> None:
    """Keep what a save made of each file that it changed.

    Args:
        before: the files of the draft before it.
        row: the draft after it.
    """
    for name, content in changed.items():
        if before.get(name) == content:
            continue
        packed = None if content is None else zlib.compress(content, 9)
        draft_states.add(tx, DraftState(row.id, name, row.rev, row.by, row.at, packed))
        titles = draft_states.titles(tx, row.id, name)
        if dropped := thinned(titles):
            draft_states.drop(tx, row.id, name, dropped)


def thinned(titles: Sequence[StateTitle]) -> list[int]:
    """Revisions of states that are not kept.

    Args:
        titles: of one file, the newest first.
    """
    newest, dropped = titles[:WHOLE], []
    kept = len(newest)
    seen = {_span(title) for title in newest}
    for title in titles[WHOLE:]:
        if _span(title) in seen or kept >= MOST:
            dropped.append(title.rev)
        else:
            kept += 1
            seen.add(_span(title))
    return dropped


def _span(title: StateTitle) -> tuple[str, int]:
    """Who saved it, and in which stretch of time."""
    return title.by, int(title.at.timestamp() // SPAN.total_seconds())


def load_states(
    tx: Tx, services: Services, viewer: Viewer, row: releases.Draft, file: str, before: int = 0
) -> tuple[tuple[EarlierState, ...], int]:
    """One page of the states of a file, the newest first, and the revision to go on before.

    The last of the last page is the state of the release that the draft was begun from.

    Args:
        before: only states of older revisions; 0 for all.
    Returns:
        The states, and 0 when there is no older one.
    Raises:
        NotFound: neither the draft nor its release ever had such a file.
    """
    titles = draft_states.titles(tx, row.id, file)
    now = unpack(row.files).files
    base = base_bundle(tx, row)
    if not titles and file not in now and file not in base.files:
        raise NotFound
    older = [title for title in titles if not before or title.rev < before]
    shown, rest = older[:PAGE], older[PAGE:]
    names = accounts.names(tx, services, {title.by for title in shown})
    contents = [_content(tx, row.id, file, title.rev) for title in shown]
    contents.append(_content(tx, row.id, file, rest[0].rev) if rest else base.files.get(file))
    states = [
        _state(title, names.get(title.by, ""), content, was, now.get(file), viewer.lang)
        for title, (content, was) in zip(shown, pairwise(contents), strict=True)
    ]
    if not rest:
        kept = base.files.get(file)
        same = kept == now.get(file)
        states.append(EarlierState(BASE, "", None, (), 0, current=same, gone=kept is None))
    return tuple(states), shown[-1].rev if rest else 0


def load_content(tx: Tx, row: releases.Draft, file: str, rev: int) -> bytes | None:
    """The content of a state, to be saved anew; None where the draft did not have the file.

    Raises:
        NotFound: there is no such state.
    """
    if rev == BASE:
        base = base_bundle(tx, row)
        if file not in base.files and file not in unpack(row.files).files:
            raise NotFound
        return base.files.get(file)
    if draft_states.get(tx, row.id, file, rev) is None:
        raise NotFound
    return _content(tx, row.id, file, rev)


def _content(tx: Tx, draft_id: str, file: str, rev: int) -> bytes | None:
    kept = draft_states.get(tx, draft_id, file, rev)
    return None if kept is None or kept.content is None else zlib.decompress(kept.content)


def base_bundle(tx: Tx, row: releases.Draft) -> Bundle:
    """The files of the release that a draft was begun from; an empty bundle without a release."""
    base = releases.get(tx, row.base or "")
    return Bundle({}) if base is None else unpack_release(base.id, base.files)


def _state(
    title: StateTitle,
    who: str,
    content: bytes | None,
    was: bytes | None,
    now: bytes | None,
    lang: str,
) -> EarlierState:
    what = tuple(_differences(was, content, title.file, lang))
    shown, more = what[:SAID], max(0, len(what) - SAID)
    same, gone = content == now, content is None
    return EarlierState(title.rev, who, title.at, shown, more, current=same, gone=gone)


def _differences(was: bytes | None, now: bytes | None, file: str, lang: str) -> Iterator[str]:
    """What one save made of a file, in words."""
    if was is None or now is None:
        yield say("states.came" if was is None else "states.went", lang)
        return
    texts = ChangeTexts(lang)
    if file.endswith(DRAWN):
        old = _parts(was, file)
        new = _parts(now, file)
        if old is None or new is None:
            return
        yield from (one.text for one in diff_rest(old, new, file, (), texts))
        yield from (one.text for one in diff_layout(old, new, file, file, texts))
    elif file.endswith(".form"):
        yield from (one.text for one in diff_form(was, now, file, texts))
    elif file.endswith(TABLES):
        yield from (one.text for one in diff_table_file(was, now, file, texts))
    else:
        lines = changed_lines(was.decode("utf-8", "replace"), now.decode("utf-8", "replace"))
        yield say("states.lines", lang, n=sum(1 for _ in lines))


@lru_cache(maxsize=4)
def _parts(data: bytes, file: str) -> FileParts | None:
    """A drawn file, read; each state is compared with the one before and the one after it."""
    try:
        return file_parts(data, file)
    except BadDiagram:
        return None
