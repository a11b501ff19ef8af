"""Acts on a case that move nothing and need a reason: correcting its protection marking, dropping a
paper.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.casefile import documents
from service.actions.casefile.case_view import CaseView
from service.actions.cases import protection
from service.actions.pages import case_reads, records_tabs
from service.actions.referrals import lifecycle
from service.errors import (
    FieldFault,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    SlowDown,
    Stale,
    TrestegError,
)
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("case_acts", __name__)


# ---- the protection marking


@bp.get("/cases/<case>/marking")
@page_policy("plain", act=WORK)
def mark(case: str) -> ResponseReturnValue:
    """Which marking the case has, and which it could have."""
    return _mark(case)


@bp.post("/cases/<case>/marking")
@page_policy("plain", act=WORK)
def mark_now(case: str) -> ResponseReturnValue:
    """Change the protection marking."""
    return current().move(lambda tx: _marked(tx, case), refused=lambda e: _refused_mark(case, e))


def _marked(tx: Tx, case: str) -> str:
    at, sent = current(), request.form
    _stand(tx, case)
    asked = {
        "marking": sent.get("marking", ""),
        "reason": sent.get("why", ""),
        "was": sent.get("was", ""),
    }
    protection.set_marking(tx, at.program.services, by=at.viewer, case_id=case, now=at.now, **asked)
    return url_for("cases.show", case=case, done="marking")


def _refused_mark(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    if isinstance(fault, InvalidAnswers):
        return _mark(case, faults=fault.faults, status=422)
    if isinstance(fault, Stale):
        return _mark(case, refused=current().t("marking.stale"), status=409)
    return (
        _mark(case, refused=current().t("error.slow_down.text"), status=429)
        if isinstance(fault, SlowDown)
        else None
    )


def _mark(
    case: str, *, faults: tuple[FieldFault, ...] = (), refused: str = "", status: int = 200
) -> ResponseReturnValue:
    at = current()
    with at.transaction() as tx:
        seen = _stand(tx, case)
    if not protection.may_mark(at.program.services, at.viewer, seen.parties):
        raise NotAllowed(why="role")
    now = seen.case.marking or protection.MARKINGS[0]
    choices = [
        (code, at.t(f"marking.{code}"), at.t(f"marking.{code}_means"))
        for code in protection.MARKINGS
    ]
    lines = [at.t(f"marking.then_{what}") for what in ("shield", "ordinary", "history")]
    about = {
        "title": at.t("marking.title"),
        "text": at.t("marking.about"),
        "label": at.t("marking.do"),
        "address": url_for("case_acts.mark_now", case=case),
    }
    chosen = request.form.get("marking", now) if not refused else now
    return _page(
        seen,
        **about,
        lines=lines,
        choices=choices,
        chosen=chosen,
        was=now,
        faults=faults,
        refused=refused,
    ), status


# ---- papers


@bp.get("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop(case: str, document: str) -> ResponseReturnValue:
    """Which paper would go, and what that means."""
    return _drop(case, document)


@bp.post("/cases/<case>/papers/<document>/drop")
@page_policy("plain", act=WORK)
def drop_now(case: str, document: str) -> ResponseReturnValue:
    """Drop a paper."""
    return current().move(
        lambda tx: _dropped(tx, case, document), refused=lambda e: _refused_drop(case, document, e)
    )


def _dropped(tx: Tx, case: str, document: str) -> str:
    at = current()
    _paper(tx, _stand(tx, case), document)
    documents.drop(
        tx,
        at.program.services,
        by=at.viewer,
        id_=document,
        reason=request.form.get("why", ""),
        now=at.now,
    )
    return url_for("cases.show", case=case, tab="papers", done="paper")


def _refused_drop(case: str, document: str, fault: TrestegError) -> ResponseReturnValue | None:
    if isinstance(fault, InvalidAnswers):
        return _drop(case, document, faults=fault.faults, status=422)
    return (
        _drop(case, document, refused=current().t("error.slow_down.text"), status=429)
        if isinstance(fault, SlowDown)
        else None
    )


def _drop(
    case: str,
    document: str,
    *,
    faults: tuple[FieldFault, ...] = (),
    refused: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    at = current()
    with at.transaction() as tx:
        seen = _stand(tx, case)
        paper = _paper(tx, seen, document)
    if not paper.droppable:
        raise NotAllowed(why="paper")
    name = f"{paper.name}, {paper.kind}, {paper.size}"
    lines = [at.t(f"papers.then_{what}") for what in ("gone", "done", "history")]
    about = {
        "title": at.t("papers.drop_title"),
        "text": at.t("papers.drop_about", paper=name, who=paper.by),
        "label": at.t("papers.drop_do"),
    }
    return _page(
        seen,
        **about,
        address=url_for("case_acts.drop_now", case=case, document=document),
        lines=lines,
        faults=faults,
        refused=refused,
        grave=True,
    ), status


def _paper(tx: Tx, seen: CaseView, document: str) -> records_tabs.DocumentRow:
    """A paper of this case that the reader sees.

    Raises:
        NotFound: there is none.
    """
    found = next(
        (
            row
            for row in records_tabs.all_documents(tx, seen).values["papers"]
            if row.id == document
        ),
        None,
    )
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]  # a tab's values are as their template names them


# ---- what both share


def _stand(tx: Tx, case: str) -> CaseView:
    """The reader before the case.

    Raises:
        NotFound: there is none for her, or she has not said yet why she opens it.
    """
    at = current()
    return case_reads.open_explained(tx, at.program.services, at.viewer, case, at.now)


def _page(seen: CaseView, **told: object) -> str:
    """The form; the receipt of a referral goes with every look."""
    with current().transaction(write=True) as tx:
        lifecycle.record_step_receipt(
            tx, by=current().viewer, case_id=seen.case.id, now=current().now
        )
    ordinary = {"choices": (), "chosen": "", "was": "", "refused": "", "grave": False}
    head = SimpleNamespace(id=seen.case.id, ref=seen.case.ref, rev=seen.case.rev)
    return render_template(
        "case/correction.html",
        case=head,
        ref=seen.case.ref,
        why=request.form.get("why", ""),
        **{**ordinary, **told},
    )
