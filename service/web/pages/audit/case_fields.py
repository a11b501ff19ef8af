"""The auditor's pages of one case: a form as it was, and the history of any field."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.access import CLASSES
from service.audit import field_history
from service.audit.case_replay import CaseReplay
from service.audit.event_card.form_then import load_form_then
from service.casework.approvals.unmasking import opens
from service.casework.approvals.unmasking_page import shown_open
from service.casework.history.narrative import HistoryEntry
from service.errors import BadDiagram, NotFound
from service.store.transaction import Tx
from service.store.writing import write_last
from service.web.page_policy import page_policy
from service.web.pages.audit.replay_page import read_replay
from service.web.request_context import current, whole_number

bp = Blueprint("case_fields", __name__)


@bp.get("/audit/cases/<case>/form")
@page_policy("plain", act="audit")
def form(case: str) -> ResponseReturnValue:
    """The form with which somebody moved a case, as it was drawn then; without a number, the newest
    one.
    """
    context = current()
    with context.transaction(write=True) as tx:
        replay = read_replay(tx, case)
        entry = _sent_form(replay, request.args.get("at"))
        try:
            viewer, services = context.viewer_in_own_zone, context.program.services
            seen = load_form_then(tx, services, viewer, case, entry.rev, context.now, replay.opened)
        except BadDiagram as error:
            raise NotFound from error
    return render_template(
        "audit/form_then.html",
        case=_head(replay),
        ref=replay.case.ref,
        form=seen,
        entry=entry,
        when=replay.when(entry.at),
        locked=replay.locked,
        opened=shown_open(replay.opened, context.lang),
    )


def _sent_form(replay: CaseReplay, number: str | None) -> HistoryEntry:
    """The line of this number, or the last one, that was sent with a form."""
    wanted = whole_number(number)
    for entry in reversed(replay.entries):
        fact = replay.history.get(entry.rev)
        if fact is not None and fact.form and (number is None or entry.n == wanted):
            return entry
    raise NotFound


@bp.get("/audit/cases/<case>/fields")
@page_policy("plain", act="audit")
def fields(case: str) -> ResponseReturnValue:
    """The history of one field, and every field that can be chosen."""
    context = current()
    key = request.args.get("field", "")[:100]
    with context.transaction(write=True) as tx:
        replay = read_replay(tx, case)
        chosen = _chosen(tx, replay, key) if key else None
        files = field_history.file_events(tx, replay)
    return render_template(
        "audit/fields.html",
        case=_head(replay),
        ref=replay.case.ref,
        groups=field_history.case_fields(replay),
        chosen=chosen,
        key=key,
        files=files,
        missing=replay.missing,
        locked=replay.locked,
        opened=shown_open(replay.opened, context.lang),
        hidden=chosen is not None and not _is_open(replay, chosen.field.klass),
    )


def _chosen(tx: Tx, replay: CaseReplay, key: str) -> SimpleNamespace | None:
    """The history of a field; None for one that the case never had."""
    try:
        field, values = field_history.field_values(replay, key)
    except NotFound:
        return None
    services = current().program.services
    since = values[0].at if values else current().now
    write_last(tx)  # the list has this look too
    reads = field_history.field_reads(tx, services, replay, field, since)
    return SimpleNamespace(field=field, values=values, reads=reads)


def _is_open(replay: CaseReplay, klass: str) -> bool:
    """Whether the reader may see values of a class."""
    return klass == CLASSES[0] or opens(replay.opened, klass)


def _head(replay: CaseReplay) -> SimpleNamespace:
    return SimpleNamespace(id=replay.case.id, ref=replay.case.ref, number=replay.case.number)
