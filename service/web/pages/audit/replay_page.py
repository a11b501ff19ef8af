"""The auditor's replay of one case, line by line: the page and its data.

They change nothing but the log of who looked.
"""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.audit import verify
from service.audit.case_replay import CaseReplay, read_case_replay
from service.audit.replay_view import replay_data, replay_view
from service.store.transaction import Tx
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy, reload_after
from service.web.pages.audit import bp
from service.web.request_context import current, whole_number


@bp.get("/audit/cases/<case>/replay", endpoint="replay")
@page_policy("diagram", act="audit")
def show(case: str) -> ResponseReturnValue:
    """One case, line by line, on the diagrams of the releases it was on."""
    return render_template(
        "audit/replay.html", **current().read_and_log(lambda tx: _load(tx, case))
    )


def _load(tx: Tx, case: str) -> dict[str, Any]:
    context = current()
    number = whole_number(request.args.get("at"))
    replay = read_replay(tx, case)
    verified = verify.verify_alone(tx, context.program.services, case, now=context.now)
    return replay_view(tx, context.program.services, replay, verified, number, diagram_address)


@bp.get("/audit/cases/<case>/data")
@page_policy("diagram", act="audit")
def data(case: str) -> ResponseReturnValue:
    """The data of the replay as JSON: every line with its state, as the page would show it."""
    replay = current().read_and_log(lambda tx: read_replay(tx, case))
    return jsonify(replay_data(replay, diagram_address))


def read_replay(tx: Tx, case: str) -> CaseReplay:
    """The replay of a case as the auditor may see it, with an entry in the read log.

    While masked answers are open to her, the page is loaded anew when that ends.
    """
    context = current()
    replay = read_case_replay(
        tx, context.program.services, context.viewer_in_own_zone, case, context.now
    )
    if replay.opened is not None:
        reload_after((replay.opened.until - context.now).total_seconds())
    return replay
