"""What waits for whoever runs the installation; where a restored copy is confirmed."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.restored_copy import OutsideHeads
from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.operations.operations_page import OPERATE, confirm_typed, load_operations
from service.operations.outside_checkpoint import newest_heads
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("operations", __name__)
FIELDS = ("lost_at", "last_number")


@bp.get("/operations")
@page_policy("plain", act=OPERATE)
def index() -> ResponseReturnValue:
    """A restored copy that waits, what stands still, epochs of the keyring, erasures."""
    return _page(_outside())


@bp.post("/operations")
@page_policy("plain", act=OPERATE)
def confirm() -> ResponseReturnValue:
    """Let a restored copy work; Enter in a field shows the page again."""
    outside = _outside()
    if request.form.get("do") != "confirm":
        return _page(outside)
    require_proof()
    lost_at, last_number = (request.form.get(name, "") for name in FIELDS)

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_page(outside, fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    command = partial(
        confirm_typed,
        program=current().program,
        outside=outside,
        lost_at=lost_at,
        last_number=last_number,
    )
    return submit(command, then=url_for("operations.index", done="confirmed"), refused=refused)


def _outside() -> OutsideHeads | None:
    """The newest checkpoint outside the database, for a restored copy."""
    return newest_heads(current().program) if current().restored else None


def _page(outside: OutsideHeads | None, faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    with context.transaction() as tx:
        page = load_operations(
            tx,
            context.program,
            context.viewer_in_own_zone,
            now=context.now,
            wall=context.wall,
            outside=outside,
        )
    typed = {name: request.form.get(name, "") for name in FIELDS}
    done = request.args.get("done") == "confirmed" and page.copy is None
    return render_template("operations/page.html", page=page, faults=faults, typed=typed, done=done)
