"""Programs that use the interface: what tokens there are, and the button that ends one."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.operations.operations_page import OPERATE
from service.people import programs
from service.store.installation import offices
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.web.template_globals import roles_in_words

bp = Blueprint("programs", __name__, url_prefix="/operations/programs")


@bp.get("")
@page_policy("plain", act=OPERATE)
def index() -> ResponseReturnValue:
    """Programs with a token, those that have ended last. Tokens are made on the server."""
    context = current()
    with context.transaction() as tx:
        rows = programs.list_programs(tx, context.program.services)
        places = offices.names(tx)
    live = [row for row in rows if row.is_live(context.wall)]
    ended = [row for row in rows if not row.is_live(context.wall)]
    return render_template(
        "operations/programs.html",
        live=live,
        ended=ended,
        places=places,
        in_words=partial(roles_in_words, context),
        done=request.args.get("done") == "ended",
    )


@bp.post("/<program>/end")
@page_policy("plain", act=OPERATE)
def end(program: str) -> ResponseReturnValue:
    """End a program."""
    command = partial(programs.end_as_operator, id_=program)
    return submit(command, then=url_for("programs.index", done="ended"))
