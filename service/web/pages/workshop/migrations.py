"""Moving open cases to the current release: what can be planned, and one plan with its work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.commands.command import Command
from service.errors import (
    ApprovalNeeded,
    FourEyes,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    Stale,
    TrestegError,
)
from service.records.batch_runs import stop_batch
from service.web.accounts.fresh_proof import require_proof
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.workshop.migrations import migration_runs, plan_page, plans
from service.workshop.migrations.plan_review import ask_review, decide_plan
from service.workshop.migrations.plan_work import load_work
from service.workshop.migrations.plans import Choice, make_plan

bp = Blueprint("migrations", __name__)
STAY = "stay"
"""Value of a row that finishes on its release."""
SAYS = frozenset(
    {"nothing_moves", "other_current", "under_way", "nothing_moved", "current_release"}
)
"""Reasons of a refusal that have a sentence of their own on the page."""


@bp.get("/migrations")
@page_policy("plain", act="read_process")
def index() -> ResponseReturnValue:
    """Open cases on earlier releases, and the plans to move them."""
    context = current()
    with context.transaction() as tx:
        page = plan_page.load_migrations_page(
            tx, context.program.services, context.viewer_in_own_zone
        )
    return render_template(
        "processes/migrations.html", page=page, can_edit=can_act(context.viewer, "edit_process")
    )


@bp.post("/migrations")
@page_policy("plain", act="edit_process")
def make() -> ResponseReturnValue:
    """Begin a plan from one earlier release, or from all."""
    command = partial(make_plan, source=request.form.get("source", ""))
    return submit(command, then=lambda plan: url_for(".show", plan=plan))


@bp.get("/migrations/<plan>")
@page_policy("diagram", act="read_process")
def show(plan: str) -> ResponseReturnValue:
    """A plan: where the cases stand, what becomes of them, and how far its work is."""
    return _draw(plan)


@bp.get("/migrations/<plan>/work")
@page_policy("diagram", act="read_process", awake=False)
def work(plan: str) -> ResponseReturnValue:
    """How far the work of a plan is; the whole page is drawn anew when it is over."""
    context = current()
    with context.transaction() as tx:
        shown = load_work(tx, context.program.services, context.viewer_in_own_zone, plan)
    page = render_template(
        "processes/migration_work.html",
        plan=plan,
        work=shown,
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return page, {} if any(run.runs for run in shown) else {"HX-Refresh": "true"}


@bp.post("/migrations/<plan>")
@page_policy("diagram", act="read_process")
def act(plan: str) -> ResponseReturnValue:
    """Choose for the rows, try, ask for the review, decide it, run, stop or take back."""
    do, sent = request.form.get("do", ""), request.form
    commands: Mapping[str, Command[object]] = {
        "choose": partial(plans.choose, plan_id=plan, rev=current().rev or 0, choices=_choices()),
        "try": partial(migration_runs.start_try, plan_id=plan),
        "ask": partial(ask_review, plan_id=plan, rev=current().rev or 0, note=sent.get("why", "")),
        "approve": partial(
            decide_plan, request_id=sent.get("request", ""), approve=True, plan_id=plan
        ),
        "refuse": partial(
            decide_plan, request_id=sent.get("request", ""), approve=False, plan_id=plan
        ),
        "run": partial(migration_runs.start_run, plan_id=plan),
        "stop": partial(stop_batch, batch_id=sent.get("run", ""), kinds=migration_runs.WORK),
        "undo": partial(migration_runs.start_undo, plan_id=plan),
    }
    if do not in commands:
        raise NotFound
    if do in ("approve", "run", "undo"):
        require_proof()
    part = {"choose": "rows", "ask": "review", "approve": "review", "refuse": "review"}
    then = url_for(".show", plan=plan, _anchor=part.get(do, "work"))
    return submit(commands[do], then=then, refused=lambda e: _refused(e, plan))


def _choices() -> dict[str, Choice]:
    """The rows of the form: `row.<key>` is what is done, `to.<key>.<element>` where to, and
    `anew.<key>.<element>` a deadline that begins anew.
    """
    chosen = {}
    for name, value in request.form.items():
        kind, _, key = name.partition(".")
        if kind == "row" and key:
            start = f"to.{key}."
            to = {
                field.removeprefix(start): goal
                for field, goal in request.form.items()
                if field.startswith(start) and goal
            }
            begin = f"anew.{key}."
            anew = frozenset(
                field.removeprefix(begin) for field in request.form if field.startswith(begin)
            )
            chosen[key] = Choice(stays=True) if value == STAY else Choice(to=to, anew=anew)
    return chosen


def _refused(e: TrestegError, plan: str) -> ResponseReturnValue | None:
    fault = _sentence(e)
    return _draw(plan, fault=fault) if fault else None


def _sentence(e: TrestegError) -> str:
    context = current()
    match e:
        case FourEyes():
            return context.t("migrate.four_eyes")
        case ApprovalNeeded():
            return context.t("migrate.review_needed")
        case NotAllowed(facts={"why": str(why)}) if why in SAYS:
            return context.t(f"migrate.not_{why}")
        case Stale():
            return context.t("migrate.stale")
        case InvalidAnswers():
            return " ".join(context.t(fault.key, **fault.facts) for fault in e.faults)
    return ""


def _draw(plan: str, *, fault: str = "") -> ResponseReturnValue:
    context = current()
    with context.transaction() as tx:
        page = plan_page.load_plan_page(
            tx,
            context.program.services,
            context.viewer_in_own_zone,
            plan_id=plan,
            now=context.now,
            xml=diagram_address,
        )
    text = render_template(
        "processes/migration.html",
        page=page,
        plan=plan,
        work=page.run,
        fault=fault,
        note=request.form.get("why", ""),
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return text, 422 if fault else 200
