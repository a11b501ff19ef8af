"""My office: figures of its cases and tasks, each with its list; and who of it is away."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.forms import typed_day
from service.operations.office_page import AnswerTime, OfficePage, load_office_page, office_page
from service.people import accounts
from service.people.absences import absence_lines, end_absence, lane_roles, set_absence
from service.release.programme.vocabulary import OFFICE_KIND, PURPOSE, STAGE, stage_number
from service.store.installation import people
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("office", __name__)


@bp.get("/office")
@page_policy("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The figures of the office of the person who is signed in."""
    context = current()
    office = current().signed_in.office
    services = current().program.services
    least = context.program.settings.report_min_cell
    with context.transaction() as tx:
        at_hand = load_office_page(tx, services, context.viewer_in_own_zone, context.now)
    context.read_vocabulary(at_hand)
    figures = office_page(at_hand, services, context.viewer_in_own_zone, context.now, least=least)
    kind = context.term(OFFICE_KIND, office.kind)
    follow_ups, after = figures.follow_ups.items(), figures.follow_up_stage
    return render_template(
        "office/page.html",
        office=SimpleNamespace(name=office.name, kind=kind),
        tiles=_tiles(figures),
        stages=_stages(figures),
        load=figures.loads,
        waits=[(w.office, w.cases, context.t("office.days", n=w.days)) for w in figures.waits],
        follow=[
            (context.t("office.month", n=month), due, url_for("cases.index", stage=after or None))
            for month, due in follow_ups
        ],
        consents_end=[
            (
                consent.ref,
                consent.case_id,
                context.term(PURPOSE, consent.purpose),
                consent.valid_to,
            )
            for consent in figures.ending_consents
        ],
        answer_time=[_answer_time(row, least) for row in figures.answer_times],
    )


def _tiles(figures: OfficePage) -> list[SimpleNamespace]:
    t, n = current().t, figures.tasks
    late = "late" if n["late"] else ""
    tiles = [
        (t("office.open_cases"), sum(figures.stages.values()), url_for("cases.index"), ""),
        (t("inbox.tasks"), n["office"], url_for("inbox.index", box="office"), ""),
        (t("office.late"), n["late"], url_for("inbox.index", box="office", due="late"), late),
        (t("inbox.unclaimed"), n["unclaimed"], url_for("inbox.index", box="unclaimed"), ""),
        (t("inbox.waiting"), n["waiting"], url_for("inbox.index", box="waiting"), ""),
    ]
    if figures.stopped:
        tiles.append((t("status.incident"), figures.stopped, "", "soon"))
    return [
        SimpleNamespace(label=label, n=count, link=link, tone=tone)
        for label, count, link, tone in tiles
    ]


def _stages(figures: OfficePage) -> list[tuple[str, str, int, str]]:
    """(number of a stage, its name, open cases, address of their list)."""
    context = current()
    stages = current().stages
    return [
        (
            stage_number(stages, stage),
            context.term(STAGE, stage),
            figures.stages.get(stage, 0),
            url_for("cases.index", stage=stage),
        )
        for stage in stages
    ]


def _answer_time(row: AnswerTime, least: int) -> tuple[str, str, str]:
    """(office, usual days, how many) in words."""
    if row.days is None:
        return row.office, "–", f"<{least}"
    usual = f"{row.days:.1f}".replace(".", "," if current().lang == "sv" else ".")
    return row.office, current().t("office.days_usual", days=usual), str(row.answers)


# ---- absence


@bp.get("/office/absences")
@page_policy("plain", act=WORK)
def absences() -> ResponseReturnValue:
    """Who is away, and the form to say that somebody will be."""
    return _draw_absences()


@bp.post("/office/absences")
@page_policy("plain", act=WORK)
def change_absence() -> ResponseReturnValue:
    """Say that a person is away and who stands in for her; or that she is there again."""
    form, then = request.form, url_for("office.absences", done=1)
    if form.get("do") == "end":
        return submit(partial(end_absence, person=form.get("person", "")), then=then)
    command = partial(
        set_absence,
        person=form.get("person", ""),
        deputy=form.get("deputy", ""),
        first_day=typed_day(form.get("first_day", ""), current().lang),
        last_day=typed_day(form.get("last_day", ""), current().lang),
    )
    return submit(command, then=then, refused=_absence_refused)


def _absence_refused(fault: TrestegError) -> ResponseReturnValue | None:
    return _draw_absences(fault.faults) if isinstance(fault, InvalidAnswers) else None


def _draw_absences(faults: tuple[FieldFault, ...] = ()) -> ResponseReturnValue:
    context, sent = current(), request.form
    with context.transaction() as tx:
        texts = absence_lines(tx, context.program.services, context.viewer, context.now)
        known = {row.person.id: row for row in people.of_office(tx, context.viewer.office)}
        names = accounts.colleagues(tx, context.program.services, context.viewer.office)
    mine = {
        id_
        for id_, row in known.items()
        if id_ == context.viewer.person or lane_roles(row) & context.viewer.lane_roles
    }
    return render_template(
        "office/absences.html",
        away=[SimpleNamespace(person=id_, text=text) for id_, text in texts.items()],
        changeable=mine,
        people=[pair for pair in names if pair[0] in mine],
        deputies=[("", "–"), *(pair for pair in names if pair[0] in mine)],
        typed=SimpleNamespace(
            person=sent.get("person", context.viewer.person),
            deputy=sent.get("deputy", ""),
            first_day=sent.get("first_day", ""),
            last_day=sent.get("last_day", ""),
        ),
        faults=faults,
        done="done" in request.args,
    ), 422 if faults else 200
