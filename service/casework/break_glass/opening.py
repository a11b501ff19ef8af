"""Breaking the glass: in danger to life somebody of an office that no alarm rings opens one case at
once, for a time, and a second person says whether it lasts.

It is a request like any other (`requests`), which opens while it waits: what an alarm opens to who
has taken it, on one page and to one person (`access.Sight.broken`). Nothing else of the case opens:
no list, no search, no tab. Data protection hears of it at once, and looks at it afterwards. Who
names a case that there is not, or one that is none for her, learns nothing, and data protection
hears of that too. Source: decisions/0135.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.access import EVERY_CASE, GLASS, Grant, Viewer, can_act
from service.casework.approvals import requests
from service.casework.approvals.unmasking import RECENT, classes_of
from service.casework.cases import (
    closed_offices,
    given_answers,
    grants,
    protection,
)
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import GivenAnswer
from service.casework.retention.retention_tasks import write_to_data_protection
from service.errors import NotAllowed, NotFound, Stale
from service.people import rate_limits
from service.people.rate_limits import TryLane
from service.records.context import Services, actor
from service.records.ledger_append import append_entry, seal_reason
from service.release.programme.approval_rules import GlassRule
from service.release.programme.task_page_rules import TaskPageRule
from service.security import ledger_lines
from service.store.at_hand import Reader
from service.store.casefile import approvals, cases
from service.store.casefile.approvals import (
    APPROVED,
    ASKED,
    ENDED,
    EXPIRED,
    OPEN,
    REFUSED,
    Approval,
)
from service.store.installation import ledger_entries, people
from service.store.transaction import Tx

ASKED_LINE, GIVEN_LINE = "approval_asked", "approval_given"
REVIEWED_LINE: Final = "glass_reviewed"
TRIED: Final = "glass_tried"
"""Entry of somebody who named a case that there is not, or that is none for her; data protection
gets a letter about it from the worker, since it is in no case."""
TOLD: Final = "glass_broken"
"""Letter to data protection."""
WAITS, BEFORE = "glass_waits", "glass_before"
"""Why somebody may break none now: one of hers waits for a second person; for one she got none, and
nobody has looked at that yet."""
MARK: Final = "glass_until"
"""Setting of a person: until when, at the longest, a case is open to her by what she has broken, in
ISO 8601. Who has none, or one that is over, costs no look at requests."""
LONGEST_NAME: Final = 80
"""Characters of a pseudonym or number."""


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """One case that is open to one person until a moment, by the number of the line in its history
    with which she opened it: each look bears it.
    """

    row: Approval
    number: int

    @property
    def is_confirmed(self) -> bool:
        """Whether a second person has said yes."""
        return self.row.state == APPROVED


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """What is open of a case: its row, and the answers that help to find and reach the person."""

    glass: BrokenGlass
    case: cases.CaseSummary
    visibility: CaseVisibility
    answers: Sequence[GivenAnswer]

    @property
    def classes(self) -> frozenset[str]:
        """The classes that are on the page."""
        return frozenset({"C0"} | {one.klass for one in self.answers})


def may_break(services: Services, viewer: Viewer) -> bool:
    """Whether the viewer may say that there is danger to life: somebody who works in an office, and
    does not look after all cases.
    """
    rule = services.programme.approvals.kinds.get(GLASS)
    works = rule is not None and bool(viewer.lane_roles & rule.ask)
    return works and not viewer.roles & EVERY_CASE


def is_open(row: Approval, now: datetime) -> bool:
    """Whether a broken glass opens its case now, as its row says."""
    return row.kind == GLASS and row.state in OPEN and now < row.expires


def break_glass(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, named: str, reason: str
) -> str:
    """Open a case at once; gives the id of the request, "" where nothing opens.

    The same answer for a case that there is not and for one that is none for her: each is written
    down, and counts as a wrong password does.

    Args:
        named: the pseudonym or number of a case, as she heard it.
    Raises:
        NotFound: she may not break any.
        InvalidAnswers: no reason.
        NotAllowed: another of hers waits for a second person, or got none (`WAITS`, `BEFORE`).
        SlowDown: too many wrong names.
    """
    rule = services.programme.approvals.glass
    if rule is None or not may_break(services, by):
        raise NotFound
    named, reason = named.strip()[:LONGEST_NAME], reason.strip()
    protection.check_reason(reason)
    lane = TryLane(f"{GLASS}/{by.person}")
    rate_limits.count_try(tx, services, lane=lane, now=now)
    case = _find(tx, services, by, named, now)
    mine = approvals.asked_by(tx, by.person, kind=GLASS)
    same = [row for row in mine if case is not None and row.case_id == case.id]
    if opened := next((row for row in same if is_open(row, now)), None):
        rate_limits.give_back_try(tx, services, lane=lane)
        return opened.id
    if why := _why_none(mine, now):
        raise NotAllowed(why=why)
    if case is None:
        _record_try(tx, services, by, now, named, reason)
        return ""
    rate_limits.give_back_try(tx, services, lane=lane)
    subjects = {"classes": " ".join(rule.classes), "ground": rule.ground, "at": now.isoformat()}
    id_ = requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=GLASS,
        case_id=case.id,
        subjects=subjects,
        digest=requests.digest_of(GLASS, case.id, subjects),
        reason=reason,
    )
    kind = services.programme.approvals.kinds[GLASS]
    _mark(tx, by, now + max(kind.waits, kind.lasts))
    about = f"{requests.ABOUT_GLASS}{id_}:heard"
    write_to_data_protection(tx, case.id, about, TOLD, by=actor(by), now=now)
    return id_


def _mark(tx: Tx, by: Viewer, until: datetime) -> None:
    """Note with a person that a case may be open to her until then, so that each page says so."""
    known = people.get(tx, by.person)
    if known is not None:
        settings = {**known.person.settings, MARK: until.isoformat()}
        people.set_choices(tx, by.person, language=known.person.language, settings=settings)


def may_have_open(settings: Mapping[str, str], now: datetime) -> bool:
    """Whether a case may be open to a person with these settings by what she has broken."""
    until = settings.get(MARK, "")
    return bool(until) and now < datetime.fromisoformat(until)


def load_open(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> tuple[BrokenGlass, ...]:
    """Load what is open to the viewer now by what she has broken, the newest first, as
    `load_opened_case` would say, without a look at a case.
    """
    mine = approvals.asked_by(tx, viewer.person, kind=GLASS)
    found = (_open_to(tx, services, viewer, row, now) for row in mine if is_open(row, now))
    return tuple(opened[0] for opened in found if opened is not None)


def _find(
    tx: Tx, services: Services, by: Viewer, named: str, now: datetime
) -> cases.CaseSummary | None:
    """The case of a name, if it may be opened to her."""
    case = cases.find_in_danger(tx, named)
    if case is None:
        return None
    tx.keep_case(case.id)
    return None if _is_closed(tx, services, by, case, now) else case


def _is_closed(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> bool:
    """Whether a case is none for the viewer, whatever she says: erased, barred to her, of a
    protected identity, or of a person who has left her office or is in danger from it.
    """
    if case.kind == cases.PATH or protection.is_protected(case.marking):
        return True
    if services.case_keys(reader, case.id).own is None:
        return True
    services.release(reader, case.release_id)
    if grants.load_sight(reader, services, case, now).bars(viewer):
        return True
    return viewer.office in closed_offices.load_closed_offices(reader, services, case.id)


def _why_none(mine: Iterable[Approval], now: datetime) -> str:
    """Why somebody may not break another glass now; "" when she may."""
    rows = [row for row in mine if not (row.state == APPROVED and is_open(row, now))]
    if any(row.state == ASKED and is_open(row, now) for row in rows):
        return WAITS
    over = (row for row in rows if row.state in (ASKED, REFUSED, EXPIRED, ENDED))
    return BEFORE if any(row.decided_by is None or row.state == REFUSED for row in over) else ""


def _record_try(
    tx: Tx, services: Services, by: Viewer, now: datetime, named: str, reason: str
) -> None:
    """Write down that nothing opened, without a word of which case there is or is not."""
    stream = f"office/{by.office}"
    key = services.key(tx, f"person:{by.person}")
    word = seal_reason(key, stream, by.person, json.dumps([named, reason], ensure_ascii=False))
    append_entry(tx, stream, TRIED, by=actor(by), now=now, body={"word": word})


def load_glass(reader: Reader, viewer: Viewer, id_: str) -> Approval:
    """Load what the viewer has broken.

    Raises:
        NotFound: there is none of hers.
    """
    row = approvals.get(reader, id_)
    if row is None or row.kind != GLASS or row.asked_by != viewer.person:
        raise NotFound
    if row.case_id is None or row.case_id in viewer.barred:
        raise NotFound
    return row


def load_opened_case(
    tx: Tx, services: Services, viewer: Viewer, row: Approval, now: datetime
) -> OpenedCase | None:
    """Load what is open to the viewer by the glass that she has broken; None once it is over.

    Nothing is open without its entry in the history of the case, nor once the case is none for her
    any more: barred, of a protected identity, or the person has left her office.
    """
    rule, case_id = services.programme.approvals.glass, row.case_id or ""
    opened = _open_to(tx, services, viewer, row, now)
    if rule is None or opened is None:
        return None
    glass, case = opened
    visibility, page = _visibility(tx, services, viewer, case, row, rule, now)
    given = given_answers.load_answers(
        tx, services.case_keys(tx, case_id), case_id, classes_of(row)
    )
    newest = given_answers.newest(given)
    shown = visibility.shown(newest)
    answers = [shown[key] for key in _keys(page, newest) if key in shown]
    return OpenedCase(glass, case, visibility, answers)


def _open_to(
    tx: Tx, services: Services, viewer: Viewer, row: Approval, now: datetime
) -> tuple[BrokenGlass, cases.CaseSummary] | None:
    """What a request of the viewer opens to her now, and its case; None when it does not."""
    if not may_break(services, viewer) or row.asked_office != viewer.office:
        return None
    if row.case_id is None or row.case_id in viewer.barred:
        return None
    glass = _broken(tx, row, now)
    if glass is None:
        return None
    tx.keep_case(row.case_id)
    case = cases.get(tx, row.case_id)
    if case is None or _is_closed(tx, services, viewer, case, now):
        return None
    return glass, case


def _broken(reader: Reader, row: Approval, now: datetime) -> BrokenGlass | None:
    """What a request opens now: as the case's history says that it was asked, and, once it is
    confirmed, that another person did so.
    """
    if not is_open(row, now) or row.decided_by == row.asked_by:
        return None
    if row.digest != requests.digest_of(row.kind, row.case_id or "", row.subjects):
        return None
    approvals.require_newest(reader, row)
    number = number_of(reader, row)
    if number is None or (row.state == APPROVED and number_of(reader, row, GIVEN_LINE) is None):
        return None
    return BrokenGlass(row, number)


def number_of(reader: Reader, row: Approval, kind: str = ASKED_LINE) -> int | None:
    """The number of the entry with which a glass was broken, or of another step of it."""
    stream = approvals.stream_of(row)
    for entry in ledger_entries.latest(reader, stream, kinds=[kind], limit=RECENT):
        body = json.loads(entry.body)
        if body.get("approval") == row.id and body.get("digest") == row.digest:
            return entry.seq
    return None


def _visibility(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case: cases.CaseSummary,
    row: Approval,
    rule: GlassRule,
    now: datetime,
) -> tuple[CaseVisibility, TaskPageRule | None]:
    """The case with what is broken open in it, and the page that names these answers."""
    release = services.release(reader, case.release_id)
    configuration = services.configuration(release)
    page = configuration.task_pages.get(rule.opens)
    keys = (*page.newest, *page.answers) if page is not None else ()
    grant = Grant(
        GLASS,
        viewer.office,
        "",
        frozenset(classes_of(row)),
        None,
        frozenset(keys),
        holder=viewer.person,
    )
    sight = grants.load_sight(reader, services, case, now)
    sight = replace(sight, broken={viewer.person: grant})
    visibility = CaseVisibility(
        viewer, configuration.matrix, sight, release, release.definitions[case.process]
    )
    if not visibility.exists:
        raise NotFound
    return visibility, page


def _keys(page: TaskPageRule | None, newest: Mapping[str, GivenAnswer]) -> Sequence[str]:
    """Keys of the answers that are shown, in their order: of those of which only the one that was
    given last is, that one.
    """
    if page is None:
        return ()
    given = [key for key in page.newest if key in newest and newest[key].value is not None]
    return (*sorted(given, key=lambda key: newest[key].rev)[-1:], *page.answers)


def review(tx: Tx, services: Services, by: Viewer, now: datetime, *, id_: str, reason: str) -> None:
    """Say in a sentence what one makes of a broken glass that is over.

    Raises:
        NotFound: there is none, or it is not hers to look at.
        InvalidAnswers: no sentence, or one that is too long.
        Stale: somebody has done it.   NotAllowed: it is open still.
    """
    row = reviewed_row(tx, by, id_)
    protection.check_reason(reason.strip())
    if is_open(row, now):
        raise NotAllowed(why="glass_open")
    if row.state in OPEN:  # the clock has not come to it
        requests.expire_rows(tx, [row], now=now)
        row = reviewed_row(tx, by, id_)
    if row.state not in (ENDED, EXPIRED, REFUSED):
        raise Stale
    approvals.require_newest(tx, row)
    approvals.settle(tx, row, state=approvals.REVIEWED)
    stream = approvals.stream_of(row)
    key = services.key(tx, approvals.reason_owner(row))
    body: dict[str, ledger_lines.Canonical] = {"approval": row.id}
    body["word"] = seal_reason(key, stream, by.person, reason.strip())
    append_entry(tx, stream, REVIEWED_LINE, by=actor(by), now=now, body=body)


def reviewed_row(reader: Reader, viewer: Viewer, id_: str) -> Approval:
    """A broken glass, for who looks at it afterwards.

    Raises:
        NotFound: there is none, or it is not hers to look at.
    """
    row = approvals.get(reader, id_)
    if row is None or row.kind != GLASS or not can_act(viewer, "review_glass"):
        raise NotFound
    if row.case_id is None or row.case_id in viewer.barred:
        raise NotFound
    return row


def looks_under(
    reader: Reader, row: Approval, number: int | None
) -> list[tuple[datetime, tuple[str, ...]]]:
    """What was looked at by a broken glass: moment and classes of each look, the oldest first."""
    found = ledger_entries.every(reader, f"reads/{row.case_id}", ("read",))
    looks = ((entry.at, json.loads(entry.body)) for entry in found)
    return sorted(
        (at, (*body.get("classes", ()),)) for at, body in looks if body.get("glass") == number
    )
