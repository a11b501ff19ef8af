"""A document of a case is dropped, with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView
from service.casework.pages import records_tabs
from service.casework.pages.case_commands import drop_document
from service.errors import NotAllowed, NotFound, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    case_head,
    draw_act,
    opened_view,
    reason_refused,
)
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("drop_document", __name__)


@bp.get("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop(case: str, document: str) -> ResponseReturnValue:
    """Which document would go, and what that means."""
    return _draw_drop(case, document)


@bp.post("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop_now(case: str, document: str) -> ResponseReturnValue:
    """Drop a document."""
    command = partial(
        drop_document, case_id=case, document_id=document, reason=request.form.get("why", "")
    )
    then = url_for("cases.show", case=case, tab="papers", done="paper")
    return submit(command, then=then, refused=partial(_drop_refused, case, document))


def _drop_refused(case: str, document: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = reason_refused(fault)
    return _draw_drop(case, document, refused) if refused is not None else None


def _draw_drop(case: str, document: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context = current()

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "papers")
        row = _require_document(view, document)
        name = f"{row.name}, {row.kind}, {row.size}"
        return {**case_head(view), "text": context.t("papers.drop_about", paper=name, who=row.by)}

    return draw_act(
        context.read_and_log(load),
        refused,
        title=context.t("papers.drop_title"),
        label=context.t("papers.drop_do"),
        address=url_for("drop_document.drop_now", case=case, document=document),
        lines=[context.t(f"papers.then_{what}") for what in ("gone", "done", "history")],
        grave=True,
    )


def _require_document(view: CaseView, document: str) -> records_tabs.DocumentRow:
    """A document of this case that the viewer sees and may drop.

    Raises:
        NotFound: there is none that she sees.   NotAllowed: she may not drop it.
    """
    rows: tuple[records_tabs.DocumentRow, ...] = records_tabs.all_documents(view).values["papers"]
    found = next((row for row in rows if row.id == document), None)
    if found is None:
        raise NotFound
    if not found.droppable:
        raise NotAllowed(why="paper")
    return found
