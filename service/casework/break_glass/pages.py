"""Pages about a broken glass: of who has broken it, and of who looks at it afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.access import GLASS, Viewer, can_act
from service.casework.approvals.unmasking import classes_of
from service.casework.approvals.unmasking_page import class_name
from service.casework.approvals.waiting_list import reason_text
from service.casework.break_glass import late_reviews, opening
from service.casework.break_glass.opening import OpenedCase
from service.casework.casefile import form_context
from service.casework.casefile.answer_text import AnswerLines, AnswerTexts
from service.errors import CannotOpen
from service.people import accounts
from service.records.context import Services
from service.records.ledger_append import open_reason
from service.store.at_hand import Reader
from service.store.casefile import approvals, cases
from service.store.casefile.approvals import ASKED, OPEN, Approval
from service.store.installation import ledger_entries, offices

TRIES: Final = timedelta(days=30)
"""For how long data protection is shown a name that opened nothing."""


@dataclass(frozen=True, slots=True)
class GlassPage:
    """What is open to who has broken the glass, in words; what she sees when it is over.

    `state` is `waiting` for a second person, `confirmed`, or `over`.
    """

    id: str
    state: str
    until: datetime
    number: int = 0
    ref: str = ""
    case_number: str = ""
    answers: tuple[tuple[str, AnswerLines], ...] = ()
    offices: tuple[tuple[str, str], ...] = ()
    """Role and office of everybody who works in the case."""


@dataclass(frozen=True, slots=True)
class GlassLine:
    """A broken glass in the list of data protection: by whom, when, and how it stands.

    `state` is a state of a request: the one that the clock is going to write where its time is
    over.
    """

    id: str
    ref: str
    who: str
    asked: datetime
    state: str
    is_over: bool
    due: datetime
    """By when it is to be reviewed."""
    is_late: bool


@dataclass(frozen=True, slots=True)
class GlassTry:
    """A name that opened nothing."""

    who: str
    at: datetime
    named: str
    reason: str


@dataclass(frozen=True, slots=True)
class GlassReview:
    """A broken glass as data protection looks at it."""

    line: GlassLine
    reason: str
    ground: str
    classes: tuple[str, ...]
    number: int
    decided: str
    """Name of the second person; "" when there was none."""
    decided_at: datetime | None
    looks: tuple[tuple[datetime, tuple[str, ...]], ...]
    """When something was looked at under this number, and of which classes."""


def glass_page(
    reader: Reader, services: Services, viewer: Viewer, row: Approval, opened: OpenedCase | None
) -> GlassPage:
    """The page of who has broken the glass."""
    if opened is None:
        return GlassPage(row.id, "over", row.expires)
    visibility = opened.visibility
    directories = form_context.load_directories(reader, services, viewer.lang)
    words = AnswerTexts(visibility.release, viewer, directories)
    lines = ((words.label(one.form, one.key), words.lines_of(one)) for one in opened.answers)
    places = offices.names(reader)
    role_name = visibility.release.role_name
    return GlassPage(
        row.id,
        "confirmed" if opened.glass.is_confirmed else "waiting",
        row.expires,
        opened.glass.number,
        opened.case.ref,
        opened.case.number,
        tuple((label, said) for label, said in lines if said),
        tuple(
            (role_name(role, viewer.lang), places.get(office, ""))
            for role, office in sorted(visibility.sight.parties.items())
        ),
    )


def load_glass_lines(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> tuple[GlassLine, ...]:
    """Load every broken glass that nobody has reviewed, for who does; none for others."""
    if not can_act(viewer, "review_glass"):
        return ()
    rows = approvals.unreviewed(reader, GLASS)
    return tuple(
        _lines(reader, services, [row for row in rows if row.case_id not in viewer.barred], now)
    )


def load_glass_tries(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> tuple[GlassTry, ...]:
    """Load names of cases that opened nothing, the newest first; none for who does not review."""
    if not can_act(viewer, "review_glass"):
        return ()
    entries = ledger_entries.of_many_cases(reader, opening.TRIED, since=now - TRIES)
    names = accounts.names(reader, services, {entry.actor for entry in entries})
    places = offices.names(reader)
    found = []
    for entry in reversed(entries):
        named, reason = "", ""
        try:
            key = services.key(reader, f"person:{entry.actor}")
            word = str(json.loads(entry.body).get("word", ""))
            if said := open_reason(key, entry.stream, entry.actor, word):
                named, reason = json.loads(said)
        except CannotOpen:
            pass
        who = ", ".join(filter(None, (names.get(entry.actor, ""), places.get(entry.office, ""))))
        found.append(GlassTry(who, entry.at, named, reason))
    return tuple(found)


def load_glass_review(
    reader: Reader, services: Services, viewer: Viewer, id_: str, now: datetime
) -> GlassReview:
    """Load a broken glass for who looks at it afterwards.

    Raises:
        NotFound: there is none, or it is not hers to look at.
    """
    row = opening.reviewed_row(reader, viewer, id_)
    number = opening.number_of(reader, row)
    (line,) = _lines(reader, services, [row], now)
    case = cases.get(reader, row.case_id or "")
    ground = str(row.subjects.get("ground", ""))
    if case is not None:
        ground = services.ground(ground, viewer.lang, services.release(reader, case.release_id))
    decided = accounts.names(reader, services, {row.decided_by}) if row.decided_by else {}
    return GlassReview(
        line,
        reason_text(reader, services, row),
        ground,
        tuple(class_name(one, viewer.lang) for one in classes_of(row)),
        number or 0,
        decided.get(row.decided_by or "", ""),
        row.decided_at,
        tuple(
            (at, tuple(class_name(one, viewer.lang) for one in classes))
            for at, classes in opening.looks_under(reader, row, number)
        ),
    )


def _lines(
    reader: Reader, services: Services, rows: Sequence[Approval], now: datetime
) -> Iterable[GlassLine]:
    refs: Mapping[str, str] = cases.refs(
        reader, sorted({row.case_id for row in rows if row.case_id})
    )
    names = accounts.names(reader, services, {row.asked_by for row in rows})
    places = offices.names(reader)
    for row in rows:
        who = (names.get(row.asked_by, ""), places.get(row.asked_office, ""))
        opened = opening.is_open(row, now)
        state = row.state
        if row.state in OPEN and not opened:
            state = approvals.EXPIRED if row.state == ASKED else approvals.ENDED
        yield GlassLine(
            row.id,
            refs.get(row.case_id or "", ""),
            ", ".join(filter(None, who)),
            row.asked_at,
            state,
            not opened,
            due := late_reviews.due_of(services, row),
            due < now and state != approvals.REVIEWED,
        )
