"""The auditor's pages: find a case, and replay it line by line.

They change nothing but the log of who looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.actions.casefile import diagram_state, read_log
from service.actions.casefile.diagram_state import DiagramState
from service.actions.history import narrative, promises, verify
from service.actions.history.auditor_view import Pair, load_written_values
from service.actions.history.narrative import HistoryEntry
from service.actions.history.violations import Violation
from service.actions.publishing.editor import process_name
from service.errors import NotFound
from service.store.casefile import cases
from service.store.installation import releases as rows
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.releases import address
from service.web.request_context import current, page_request, whole_number
from service.web.template_globals import moment_filter

bp = Blueprint("audit", __name__)
PAGE = 50
LONGEST = 60


@bp.get("/audit")
@page_policy("plain", act="audit")
def index() -> ResponseReturnValue:
    """Cases by pseudonym or number; what was searched for is noted by how much it found, never by
    its words.
    """
    word = request.args.get("q", "").strip()[:LONGEST]
    on = [code for code in oversight.FILTERS if code in request.args.getlist("filter")]
    with current().transaction() as tx:
        total = oversight.count(tx, word=word, filters=on)
        page = oversight.page(tx, page_request(), word=word, filters=on, limit=PAGE)
        used = oversight.releases_of(tx, [one.id for one in page.rows])
        numbers = {title.id: f"v{title.number}" for title in rows.everyone(tx)}
    if word:
        with current().transaction(write=True) as tx:
            read_log.record_search(
                tx,
                current().program.services,
                by=current().viewer,
                kind="case",
                hits=total,
                words=word,
                now=current().now,
            )
    return render_template(
        "audit/search.html",
        q=word,
        fault="",
        rows=[
            _row(one, [numbers.get(id_, id_) for id_ in used.get(one.id, ())]) for one in page.rows
        ],
        filters=[
            (code, current().t(f"audit.filter_{code}"), code in on) for code in oversight.FILTERS
        ],
        on=on,
        previous=page.previous,
        next=page.next,
        total=total,
    )


def _row(one: oversight.AuditCaseRow, releases: Sequence[str]) -> SimpleNamespace:
    marks = [
        current().t(f"audit.mark_{mark}")
        for mark in (oversight.MOVED, oversight.STOPPED)
        if getattr(one, mark)
    ]
    return SimpleNamespace(
        id=one.id,
        ref=one.ref,
        number=one.number,
        began=one.began,
        ended=one.ended,
        lines=one.lines,
        releases=" → ".join(releases),
        marks=marks,
    )


@bp.get("/audit/cases/<case>/replay", endpoint="replay")
@page_policy("diagram", act="audit")
def show(case: str) -> ResponseReturnValue:
    """One case, line by line, on the diagrams of the releases it was on."""
    _note(case)
    with current().transaction() as tx:
        told = _History(tx, case)
        shown, verified = (
            told.picture,
            verify.verify(tx, current().program.services, case, now=current().now),
        )
    wanted = whole_number(request.args.get("at"))
    at = next(
        (i for i, entry in enumerate(told.entries) if entry.n == wanted), len(told.entries) - 1
    )
    broken = _broken(verified.faults, told.entries)
    rows_ = told.rows()
    return render_template(
        "audit/replay.html",
        case=SimpleNamespace(
            id=case,
            ref=told.brief.ref,
            number=told.brief.number,
            process=process_name(shown.release, told.brief.process, current().lang),
        ),
        ref=told.brief.ref,
        data=diagram_state.viewer_data(
            shown, lang=current().lang, xml=address, at=told.entries[at].n, steps=rows_
        ),
        steps=diagram_state.step_list(shown, lang=current().lang, at=told.moment(at)),
        card=told.card(at),
        previous=told.entries[at - 1].n if at else None,
        next=told.entries[at + 1].n if at + 1 < len(told.entries) else None,
        verified=verified.lines if not verified.faults else None,
        broken=broken,
        promises=[told.promise(breach) for breach in verified.breaches],
        faults=[f"{fault.invariant} · {fault.place}" for fault in verified.faults],
    )


@bp.get("/audit/cases/<case>/data")
@page_policy("diagram", act="audit")
def data(case: str) -> ResponseReturnValue:
    """What the replay shows, as JSON: every line with its state, as much of it as the page would
    show.
    """
    _note(case)
    with current().transaction() as tx:
        told = _History(tx, case)
    return jsonify(
        diagram_state.viewer_data(told.picture, lang=current().lang, xml=address, steps=told.rows())
    )


def _note(case: str) -> None:
    """That somebody looks is written before anything is shown."""
    with current().transaction(write=True) as tx:
        if cases.get(tx, case) is None:
            raise NotFound
        read_log.record_read(
            tx,
            by=current().viewer,
            case_id=case,
            purpose="audit",
            classes=("C0",),
            now=current().now,
        )


class _History:
    """A case's lines in the reader's language, with its picture and what each line wrote."""

    def __init__(self, tx: Tx, case: str) -> None:
        services = current().program.services
        brief = cases.get(tx, case)
        if brief is None:
            raise NotFound
        self.brief = brief
        self.entries = narrative.load_history(tx, services, case, current().lang)
        self.picture: DiagramState = diagram_state.load_diagram_state(
            tx, services, case, current().now
        )
        self.written: Mapping[int, Sequence[Pair]] = load_written_values(
            tx,
            services,
            current().viewer_in_own_zone,
            case,
            current().now,
        )

    def rows(self) -> list[dict[str, Any]]:
        """The lines as the script reads them."""
        return [self.row(i) for i in range(len(self.entries))]

    def row(self, i: int) -> dict[str, Any]:
        """One line."""
        entry = self.entries[i]
        return {
            "n": entry.n,
            "rev": entry.rev,
            "at": entry.at.isoformat(),
            "when": _when(entry.at),
            "kind": entry.what,
            "kind_name": current().t(f"audit.kind_{entry.kind}"),
            "who": entry.kind,
            "by": _by(entry),
            "element": entry.element,
            "text": entry.text,
            "facts": list(self.written.get(entry.rev, ())),
            "caused": list(entry.caused),
            "hash": entry.hash,
        }

    def promise(self, breach: promises.BrokenPromise) -> tuple[int, str]:
        """A promise that was broken: the line with which it was, and the promise in words."""
        line = next((entry.n for entry in self.entries if entry.rev == breach.rev), 0)
        return line, promises.promise_text(
            self.picture.on(breach.rev),
            self.picture.defined(breach.rev),
            breach.promise,
            current().lang,
        )

    def moment(self, i: int) -> int:
        """Number of the fact in force at a line: its own, or the last one before it."""
        return next((entry.rev for entry in reversed(self.entries[: i + 1]) if entry.rev), 0)

    def card(self, i: int) -> SimpleNamespace:
        """The line that is shown first, for readers without script."""
        release = self.picture.on(self.moment(i))
        told = {**self.row(i), "n": i + 1}
        return SimpleNamespace(
            **told,
            of=len(self.entries),
            moment=self.entries[i].at,
            release=current().t("audit.data_from", release=f"v{release.number}"),
        )


def _by(entry: HistoryEntry) -> str:
    return ", ".join(part for part in (entry.who, entry.office) if part)


def _when(at: datetime) -> str:
    """In the reader's zone, which is named: an auditor compares lines of several offices."""
    return f"{moment_filter(at)} {at.astimezone(ZoneInfo(current().zone)).tzname()}"


def _broken(faults: Sequence[Violation], entries: Sequence[HistoryEntry]) -> int | None:
    """The first line that does not hold; the last one when a fault names none."""
    if not faults:
        return None
    lines = {f"fact {entry.rev}": entry.n for entry in entries if entry.rev} | {
        f"line {entry.n}": entry.n for entry in entries
    }
    found = [
        n
        for fault in faults
        for place, n in lines.items()
        if fault.place == place or fault.place.endswith(f"of {place}")
    ]
    return min(found, default=entries[-1].n if entries else 0)
