"""Absence: who of the office is away, until when, and who stands in for her."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import accounts
from service.actions.staffing.absences import (
    EndAbsence,
    SetAbsence,
    absence_lines,
    lane_roles,
)
from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.store.installation import people
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("absences", __name__)


@bp.get("/office/absences")
@page_policy("plain", act=WORK)
def page() -> ResponseReturnValue:
    """Who is away, and the form to say that somebody will be."""
    return _draw()


@bp.post("/office/absences")
@page_policy("plain", act=WORK)
def change() -> ResponseReturnValue:
    """Say that a person is away and who stands in for her; or that she is there again."""
    form, then = request.form, url_for("absences.page", done=1)
    if form.get("do") == "end":
        return submit(EndAbsence(form.get("person", "")), then=then)
    command = SetAbsence(
        form.get("person", ""),
        form.get("deputy", ""),
        _day(form.get("first_day", "")),
        _day(form.get("last_day", "")),
    )
    return submit(command, then=then, refused=_refused)


def _refused(fault: TrestegError) -> ResponseReturnValue | None:
    return _draw(fault.faults) if isinstance(fault, InvalidAnswers) else None


def _draw(faults: tuple[FieldFault, ...] = ()) -> ResponseReturnValue:
    at, sent = current(), request.form
    with at.transaction() as tx:
        texts = absence_lines(tx, at.program.services, at.viewer, at.now)
        known = {row.person.id: row for row in people.of_office(tx, at.viewer.office)}
        names = accounts.colleagues(tx, at.program.services, at.viewer.office)
    mine = {
        id_
        for id_, row in known.items()
        if id_ == at.viewer.person or lane_roles(row) & at.viewer.lane_roles
    }
    return render_template(
        "office/absences.html",
        away=[SimpleNamespace(person=id_, text=text) for id_, text in texts.items()],
        changeable=mine,
        people=[pair for pair in names if pair[0] in mine],
        deputies=[("", "–"), *(pair for pair in names if pair[0] in mine)],
        typed=SimpleNamespace(
            person=sent.get("person", at.viewer.person),
            deputy=sent.get("deputy", ""),
            first_day=sent.get("first_day", ""),
            last_day=sent.get("last_day", ""),
        ),
        faults=faults,
        done="done" in request.args,
    ), 422 if faults else 200


def _day(text: str) -> date | None:
    """A day as browsers send it; None when it is none."""
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return None
