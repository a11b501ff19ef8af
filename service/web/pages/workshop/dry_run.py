"""The dry run of a draft: begin, watch, stop, and what it found case by case."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.casefile.diagram_viewer import still_data
from service.errors import BadDiagram, NotAllowed, NotFound, Stale, TrestegError
from service.release.bundle import unpack
from service.store.installation import releases as rows
from service.text import known
from service.web.addresses import diagram_address
from service.web.batch_progress import draw_progress
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.pages.workshop.trial import draw_trial
from service.web.request_context import current
from service.web.submit import submit, submit_once
from service.workshop import drafts
from service.workshop.drafts import check_draft, require_draft
from service.workshop.dry_run import dry_run_page
from service.workshop.dry_run.case_scenario import case_in_run, take_case_scenario
from service.workshop.dry_run.dry_run_page import DryRunPage
from service.workshop.dry_run.dry_runs import begin_dry_run, mark_intended, stop_dry_run
from service.workshop.publish import check_release
from service.workshop.trial import ready_drafts
from service.workshop.trial.scenario_file import Scenario, scenario_content
from service.workshop.trial.scenarios import file_name, name_fault, scenario_acts
from service.workshop.trial.trial_page import new_trial

bp = Blueprint("dry_run", __name__)


@bp.get("/drafts/<draft>/dry-run")
@page_policy("diagram", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """How far the dry run has come, or what it found."""
    return _page(draft)


@bp.post("/drafts/<draft>/dry-run")
@page_policy("diagram", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Begin a dry run, stop it, or mark a group of cases as intended."""
    back, sent = url_for(".show", draft=draft), request.form
    match sent.get("do"):
        case "begin":
            return _begin(draft, back)
        case "stop":
            return submit(
                partial(stop_dry_run, draft_id=draft), then=back, refused=lambda e: _over(e, draft)
            )
        case "intend" | "unmark" as do:
            word = sent.get("word", "") if do == "intend" else ""
            command = partial(
                mark_intended,
                draft_id=draft,
                verdict=sent.get("verdict", ""),
                element=sent.get("element", ""),
                word=word,
            )
            return submit(command, then=f"{back}#groups")
    raise NotFound


def _begin(draft: str, back: str) -> ResponseReturnValue:
    """Lint and build the draft, before the transaction that begins its dry run."""
    services = current().program.services
    with current().transaction() as tx:
        row = require_draft(tx, current().viewer, draft)
    checked = check_release(services, unpack(row.files))
    return submit(
        partial(begin_dry_run, draft_id=draft, checked=checked),
        then=back,
        refused=lambda e: _refused(e, draft),
    )


def _refused(e: TrestegError, draft: str) -> ResponseReturnValue | None:
    """The page again with what keeps the draft from being run; None for any other fault."""
    match e:
        case BadDiagram():
            key = "dry_run.broken"
        case NotAllowed(facts={"why": "no_case"}):
            key = "dry_run.empty"
        case Stale():
            key = "dry_run.changed_meanwhile"
        case _:
            return None
    return _page(draft, fault=current().t(key), status=422)


def _over(e: TrestegError, draft: str) -> ResponseReturnValue | None:
    """The run ended before somebody stopped it."""
    return _page(draft) if isinstance(e, NotFound) else None


@bp.get("/drafts/<draft>/dry-run/progress")
@page_policy("polling", act="read_process", awake=False)
def progress(draft: str) -> ResponseReturnValue:
    """How far it has come; when it is over, the browser is asked to load the page anew."""
    with current().transaction() as tx:
        found = dry_run_page.load_dry_run(tx, current().program.services, current().viewer, draft)
    return draw_progress(found.run, progress="dry_run.progress", running="dry_run.running")


@bp.get("/drafts/<draft>/dry-run/<int:position>")
@page_policy("plain", act="read_process")
def ways(draft: str, position: int) -> ResponseReturnValue:
    """Both ways of one case side by side."""
    services = current().program.services
    with current().transaction() as tx:
        row = require_draft(tx, current().viewer, draft)
        found = dry_run_page.two_ways(tx, services, current().viewer, draft, position)
        head = draft_head(row, services.current(tx))
    return render_template("processes/dry_run_ways.html", draft=head, case=found)


@bp.route("/drafts/<draft>/dry-run/<int:position>/scenario", methods=["GET", "POST"])
@page_policy("diagram", act="edit_process")
def scenario(draft: str, position: int) -> ResponseReturnValue:
    """Save the road of a case as a scenario of the draft; first what is taken of it, and a name."""
    context = current()
    with context.transaction() as tx:
        row = require_draft(tx, context.viewer, draft)
        case = case_in_run(tx, context.viewer, draft, position)
        head = draft_head(row, context.program.services.current(tx))
    name, fault = request.form.get("name", "").strip(), ""
    if request.form.get("do") == "try":
        try:
            return _try_from(row, position)
        except NotAllowed as e:
            fault = _no_road(e)
        except BadDiagram:
            fault = context.t("dry_run.broken")
    elif request.method == "POST":
        fault = _save_scenario(row, position, name)
        if not fault:
            return redirect(url_for("trial.show", draft=draft) + "#scenarios", 303)
    page = render_template(
        "processes/case_scenario.html", draft=head, ref=case.ref, n=position, name=name, fault=fault
    )
    return page, 422 if fault else 200


def _try_from(row: rows.Draft, position: int) -> ResponseReturnValue:
    """Go on in Try from where the road of a case leads on the draft.

    Raises:
        NotAllowed: as `take_case_scenario`.   BadDiagram: the draft cannot run.
    """
    context = current()
    services = current().program.services
    ready = ready_drafts.READY.prepare(services, unpack(row.files))
    found = _road(row, position, "")
    with context.transaction() as tx:
        begin = new_trial(tx, services, context.viewer, ready)
    return draw_trial(row.id, scenario_acts(found, begin))


def _no_road(e: NotAllowed) -> str:
    """Why the road of a case cannot be taken; another refusal goes on."""
    key = f"dry_run.no_road_{e.facts.get('why')}"
    if not known(key):
        raise e
    return current().t(key)


def _road(row: rows.Draft, position: int, name: str) -> Scenario:
    """Read the road of a case; that she read it is kept, whatever comes after."""
    context = current()
    with context.transaction(write=True) as tx:
        return take_case_scenario(
            tx,
            context.program.services,
            by=context.viewer,
            now=context.now,
            draft_id=row.id,
            position=position,
            name=name,
        )


def _save_scenario(row: rows.Draft, position: int, name: str) -> str:
    """Take the road of a case and save it; gives what keeps it from being saved, or ""."""
    context = current()
    services = current().program.services
    if (wrong := name_fault(name, unpack(row.files).files)) or context.rev is None:
        return context.t(wrong or "trial.stale")
    try:
        found = _road(row, position, name)
    except NotAllowed as e:
        return _no_road(e)
    changed = {file_name(name): scenario_content(found)}
    try:
        findings = check_draft(services, row, changed)
        save = partial(
            drafts.save_files, draft_id=row.id, rev=context.rev, changed=changed, found=findings
        )
        submit_once(save, context.key, lambda _: "")
    except Stale:
        return context.t("trial.stale")
    return ""


def _page(draft: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    context = current()
    services = current().program.services
    verdict = request.args.get("verdict", "")
    after = request.args.get("after", "")
    with context.transaction() as tx:
        found = dry_run_page.load_dry_run(tx, services, context.viewer, draft)
        head = draft_head(found.draft, services.current(tx))
        cases, more = (
            dry_run_page.load_lines(
                tx,
                services,
                context.viewer,
                found.run,
                verdict=verdict,
                after=int(after) if after.isdecimal() else 0,
            )
            if found.run is not None and not found.is_running
            else ([], 0)
        )
    page = render_template(
        "processes/dry_run.html",
        draft=head,
        found=found,
        fault=fault,
        cases=cases,
        verdict=verdict,
        more=more,
        data=_diagram(found),
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return page, status


def _diagram(found: DryRunPage) -> dict[str, Any] | None:
    """The draft as it is drawn now, with the counts of the run; None before there are any."""
    drawn = found.detail.get("names", {}).get("drawing", {}).get(current().lang)
    counts = dry_run_page.counts_on_diagram(found.detail)
    if not drawn or not counts or not found.fresh:
        return None
    files = [
        {**file, "xml": diagram_address(found.draft.id, file["file"])} for file in drawn["files"]
    ]
    shown = {**drawn, "id": found.draft.id, "name": found.draft.title, "files": files}
    first = next((group.element for group in found.groups if group.element), "")
    return still_data(shown, counts, first)
