"""The auditor's pages of one case: its replay, line by line.

They change nothing but the log of who looked.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.actions.casefile import diagram_viewer, read_log, step_list
from service.actions.history import verify
from service.actions.history.case_replay import CaseReplay, load_case_replay
from service.actions.publishing.editor import process_name
from service.errors import NotFound
from service.store.casefile import cases
from service.store.transaction import Tx
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages import audit_bp as bp
from service.web.request_context import current, whole_number


@bp.get("/audit/cases/<case>/replay", endpoint="replay")
@page_policy("diagram", act="audit")
def show(case: str) -> ResponseReturnValue:
    """One case, line by line, on the diagrams of the releases it was on."""
    with current().transaction(write=True) as tx:
        replay = _load_and_record(tx, case)
        verified = verify.verify(tx, current().program.services, case, now=current().now)
    lang, shown, entries = current().lang, replay.diagram, replay.entries
    at = replay.place_of(whole_number(request.args.get("at")))
    head = SimpleNamespace(
        id=case,
        ref=replay.case.ref,
        number=replay.case.number,
        process=process_name(shown.release, replay.case.process, lang),
    )
    return render_template(
        "audit/replay.html",
        case=head,
        ref=replay.case.ref,
        data=diagram_viewer.viewer_data(
            shown, lang=lang, xml=diagram_address, at=entries[at].n, steps=replay.rows()
        ),
        steps=step_list.step_list(shown, lang=lang, at=replay.fact_at(at)),
        card=_card(replay, at),
        previous=entries[at - 1].n if at else None,
        next=entries[at + 1].n if at + 1 < len(entries) else None,
        verified=verified.lines if not verified.faults else None,
        broken=replay.first_broken(verified.faults),
        promises=[replay.promise(breach) for breach in verified.breaches],
        faults=[f"{fault.invariant} · {fault.place}" for fault in verified.faults],
    )


@bp.get("/audit/cases/<case>/data")
@page_policy("diagram", act="audit")
def data(case: str) -> ResponseReturnValue:
    """The data of the replay as JSON: every line with its state, as the page would show it."""
    with current().transaction(write=True) as tx:
        replay = _load_and_record(tx, case)
    steps, lang = replay.rows(), current().lang
    return jsonify(
        diagram_viewer.viewer_data(replay.diagram, lang=lang, xml=diagram_address, steps=steps)
    )


def _load_and_record(tx: Tx, case: str) -> CaseReplay:
    """Load a case for its replay, and record who looks before anything is sent."""
    at = current()
    if cases.get(tx, case) is None:
        raise NotFound
    read_log.record_read(
        tx, by=at.viewer, case_id=case, purpose="audit", classes=("C0",), now=at.now
    )
    return load_case_replay(tx, at.program.services, at.viewer_in_own_zone, case, at.now)


def _card(replay: CaseReplay, i: int) -> SimpleNamespace:
    """The line that is shown first, for readers without script."""
    row = {**replay.row(i), "n": i + 1}
    return SimpleNamespace(
        **row,
        of=len(replay.entries),
        moment=replay.entries[i].at,
        release=replay.release_text(i),
    )
