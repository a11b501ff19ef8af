"""A case: its page with tabs, its diagram, its print; and notes in it, answers that are opened with
a reason, its officer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals import protected_acts
from service.casework.approvals.unmasking_page import shown_open
from service.casework.casefile import diagram_viewer, read_log, step_list
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure.listed_answers import printed_answers
from service.casework.casefile.disclosure.opened_groups import (
    load_disclosed_answers,
    open_answer_groups,
    read_of_opened,
)
from service.casework.cases.locked_records import lock_sentences
from service.casework.cases.turn import TurnResult
from service.casework.corrections.correction_page import printed_corrections, reads_of_corrections
from service.casework.history import narrative
from service.casework.pages import (
    case_page,
    case_reads,
    overview_tab,
    people_tab,
    plan_tab,
    records_tabs,
    tasks_tab,
)
from service.casework.pages.case_commands import record_lookup_reason, write_note
from service.casework.pages.case_money import STATES, money
from service.casework.pages.case_status import CaseStatus
from service.casework.pages.given_cases import give_case_with_tasks
from service.casework.pages.sent_task import sent_title
from service.casework.pages.tab_content import TabContent
from service.casework.referrals import compose
from service.errors import InvalidAnswers, NotFound, ReasonNeeded, TrestegError
from service.security.records import LedgerEntry
from service.store.at_hand import Read
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy, reload_after
from service.web.pages.casework.case_forms import FRESH, RefusedForm, drawn_again
from service.web.request_context import current, page_request, whole_number
from service.web.submit import submit
from service.web.template_globals import page_values

bp = Blueprint("cases", __name__)
"""Pages about one case; several modules put their views on it."""
NOTICES = {
    "note": "case.note_kept",
    "corrected": "correction.kept",
    "marking": "marking.kept",
    "paper": "papers.dropped",
    "made": "papers.made",
    "signed": "papers.signed",
    "named": "named.kept",
    "unnamed": "named.back_kept",
    "withdrawn": "withdrawal.kept",
    "duty": "duty.kept",
    "officer": "officer.kept",
    "officer_refused": "officer.refused",
}
"""Word of the address for what was just done to a case, to the key of the sentence that says so."""
READS: Mapping[str, Callable[[str], Sequence[Read]]] = {
    "overview": overview_tab.reads_of_overview,
    "people": people_tab.reads_of_people,
    "letters": records_tabs.reads_of_letters,
    "history": records_tabs.reads_of_history,
}
"""Tab to what it reads besides the view of the case."""


def require_case_view(tx: Tx, case: str, *more: Read, unmasks: bool = False) -> CaseView:
    """A case as the viewer may see it; `more` is what is read besides, `unmasks` as of
    `load_case_view`.

    Raises:
        NotFound: there is none for her.   ReasonNeeded: she must say first why she opens it.
    """
    context = current()
    return load_case_view(
        tx,
        context.program.services,
        context.viewer,
        case,
        context.now,
        more=more,
        unmasks=unmasks,
    )


def sent_case_page(sent: TurnResult) -> str:
    """The address of a case that says what was just sent."""
    return url_for("cases.show", case=sent.case_id, sent=sent.rev)


@bp.get("/cases/<case>")
@page_policy("diagram")
def show(case: str) -> ResponseReturnValue:
    """A case. Who has nothing to do in it, and everybody where the identity is protected, first
    says why she opens it. Who sees nothing of it after what she sent goes on to her inbox.
    """
    tab = request.args.get("tab", "overview")
    if tab not in case_page.TABS:
        raise NotFound
    try:
        return _draw(case, tab)
    except ReasonNeeded:
        return _draw(case, tab) if _letter_is_reason(case) else _ask_why(case)
    except NotFound:
        if "sent" not in request.args:
            raise
        # what was sent opened the case to another office, or closed it to the sender's
        return redirect(url_for("inbox.index", sent=case, rev=request.args["sent"]), 303)


def _letter_is_reason(case: str) -> bool:
    """Whether the letter that led here is why the viewer opens the case; it is recorded then."""
    context = current()
    letter = request.args.get("letter", "")
    return bool(letter) and context.read_and_log(
        lambda tx: read_log.record_letter_reason(
            tx,
            context.program.services,
            by=context.viewer,
            now=context.now,
            case_id=case,
            letter=letter,
        )
    )


def _ask_why(case: str) -> ResponseReturnValue:
    """The question why the viewer opens the case, and where she was going."""
    context = current()
    with context.transaction() as tx:
        page = case_page.load_reason_page(
            tx, context.program.services, context.viewer, case, context.now
        )
    return render_template("case/reason.html", page=page, ref=page.ref, back=context.back)


def _draw(case: str, tab: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    """The page of a case with one tab. After a refused note it has the note as it was typed, and
    why.

    The page is sent only after its line in the read log is committed.
    """
    context, sent = current(), request.form
    values = context.read_and_log(lambda tx: _load(tx, case, tab))
    return render_template(
        "case/page.html",
        **values,
        tab=tab,
        typed=SimpleNamespace(text=sent.get("text", ""), share=sent.getlist("share")),
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status


def _load(tx: Tx, case: str, tab: str) -> dict[str, Any]:
    """The values of the template of a case. Writes the line of the read log."""
    context = current()
    more = READS[tab](case) if tab in READS else ()
    view = require_case_view(tx, case, *more, unmasks=tab == "people")
    page = case_page.load_case_page(view)
    content = _load_tab(tx, view, tab, page.status)
    case_reads.record_case(tx, view, classes=content.classes, about={"tab": tab})
    if view.opened is not None:
        reload_after((view.opened.until - context.now).total_seconds())
    return {
        **page_values(page),
        "can_refer": compose.may_refer(view.services, context.viewer, view.loaded),
        "notice": _notice(view),
        "opened": shown_open(view.opened, context.lang),
        **content.values,
    }


def _notice(view: CaseView) -> str:
    """The sentence about what the viewer has just done to the case, or the title of the task that
    she has just sent; "" for neither.
    """
    context = current()
    done = request.args.get("done", "")
    if done in NOTICES:
        return context.t(NOTICES[done])
    rev = whole_number(request.args.get("sent"))
    return sent_title(view, rev) if rev else ""


def _load_tab(tx: Tx, view: CaseView, tab: str, status: CaseStatus) -> TabContent:
    kind = request.args.get("kind", "")
    step = page_request()
    line = whole_number(request.args.get("at"))
    tabs: Mapping[str, Callable[[], TabContent]] = {
        "overview": lambda: overview_tab.overview(tx, view, status),
        "plan": lambda: plan_tab.plan(view),
        "money": lambda: _money(view),
        "tasks": lambda: tasks_tab.all_tasks(tx, view, step),
        "people": lambda: _people(tx, view),
        "papers": lambda: records_tabs.all_documents(view),
        "letters": lambda: records_tabs.all_letters(view),
        "history": lambda: records_tabs.history(tx, view, kind, step, line),
    }
    return tabs[tab]()


def _money(view: CaseView) -> TabContent:
    found = money(view)
    values = {
        "lines": found.lines,
        "sums": found.sums,
        "states": STATES,
        "ceiling": found.ceiling,
        "funder": found.funder,
        "hidden": found.hidden,
    }
    return TabContent(values, found.classes)


def _people(tx: Tx, view: CaseView) -> TabContent:
    """The tab about the person, with the groups open that the address names."""

    def address(groups: Sequence[str], group_id: str) -> str:
        return url_for(
            "cases.show", case=view.case.id, tab="people", show=groups or None, at=group_id or None
        )

    shown = request.args.getlist("show")
    letter = request.args.get("letter", "")
    group_id = request.args.get("at", "")
    content = people_tab.people(tx, view, address, shown, letter, page_request(), group_id)
    return TabContent({**content.values, "missing": request.args.get("why", "")}, content.classes)


@bp.get("/cases/<case>/diagram")
@page_policy("diagram")
def diagram(case: str) -> ResponseReturnValue:
    """The diagram as a page of its own, or as a part for the drawer of the case's page; `at` is a
    line of history whose state is shown.
    """
    values = current().read_and_log(lambda tx: _load_diagram(tx, case))
    drawer = request.args.get("part") == "drawer"
    return render_template("case/drawer.html" if drawer else "case/diagram.html", **values)


def _load_diagram(tx: Tx, case: str) -> dict[str, Any]:
    """The values of the template of the diagram. Writes the line of the read log."""
    context = current()
    number = whole_number(request.args.get("at"))
    view = require_case_view(tx, case, *([_read_of_line(case, number)] if number else []))
    page = case_page.load_case_page(view)
    entry = _entry(tx, view, number) if number else None
    lang, rev = context.lang, entry.rev if entry is not None else None
    data = diagram_viewer.viewer_data(
        view.diagram,
        lang=lang,
        xml=lambda release, file: f"/releases/{release}/diagram/{file}?lang={lang}",
        at=rev,
    )
    case_reads.record_case(tx, view, classes={"C0"}, about={"tab": "diagram"})
    return {
        "case": page.case,
        "ref": page.ref,
        "diagram": {
            "data": data,
            "steps": step_list.step_list(view.diagram, lang=lang, at=rev),
        },
        "at": SimpleNamespace(n=entry.n, text=entry.text, when=entry.at) if entry else None,
    }


def _read_of_line(case: str, number: int) -> Read:
    """A line of the history of a case."""
    return ledger_entries.OF_STREAM, {"stream": f"case/{case}", "after": number - 1, "limit": 1}


def _entry(tx: Tx, view: CaseView, number: int) -> narrative.HistoryEntry | None:
    """A line of history that moved the case; None when there is none of this number."""
    line = view.at_hand.all(LedgerEntry, *_read_of_line(view.case.id, number))
    own = [entry for entry in line if entry.seq == number]
    found = records_tabs.load_lines(tx, view, own) if own else []
    return next((entry for entry in found if entry.rev), None)


@bp.post("/cases/<case>/notes")
@page_policy("diagram", act=WORK)
def note(case: str) -> ResponseReturnValue:
    """Write a note; or, from the page that asks, record the reason for opening the case."""
    sent = request.form
    if sent.get("what") == "lookup":
        reason = sent.get("word", "").strip()[:200]
        lookup = partial(
            record_lookup_reason, case_id=case, purpose=sent.get("reason", ""), reason=reason
        )
        return submit(lookup, then=current().back or url_for("cases.show", case=case))
    return submit(
        partial(write_note, case_id=case, text=sent.get("text", ""), shared=sent.getlist("share")),
        then=url_for("cases.show", case=case, done="note"),
        refused=drawn_again(lambda form: _draw(case, "overview", form)),
    )


@bp.post("/cases/<case>/answers")
@page_policy("diagram", act=WORK)
def open_answers(case: str) -> ResponseReturnValue:
    """Open a group of answers with a reason, and go back to the tab, which asks again where the
    reason is missing.
    """
    sent, group = request.form, request.form.get("group", "")
    shown = [*sent.getlist("show"), group]
    to = partial(url_for, "cases.show", case=case, tab="people", _anchor=people_tab.anchor(group))

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        missing = isinstance(fault, InvalidAnswers)
        return redirect(to(show=shown, why=group), 303) if missing else None

    text = sent.get("text", "").strip()[:200]
    command = partial(
        open_answer_groups, case_id=case, groups=[group], reason=sent.get("reason", ""), text=text
    )
    return submit(command, then=to(show=shown), refused=refused)


@bp.post("/cases/<case>/officer")
@page_policy("diagram", act=WORK)
def give(case: str) -> ResponseReturnValue:
    """Make a colleague of the viewer the officer of the case."""
    then = url_for("cases.show", case=case, done="officer")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        return redirect(url_for("cases.show", case=case, done="officer_refused"), 303)

    sent = request.form
    command = partial(
        give_case_with_tasks, case_id=case, to_person=sent.get("to", ""), tasks_too="tasks" in sent
    )
    return submit(command, then=then, refused=refused)


@bp.get("/cases/<case>/print")
@page_policy("plain", act=WORK)
def printed(case: str) -> ResponseReturnValue:
    """The case for printing: its status, facts, disclosed answers and corrections."""
    context = current()
    values = context.read_and_log(lambda tx: _load_print(tx, case))
    return render_template("print/page.html", **values, by=context.signed_in.name, at=context.now)


def _load_print(tx: Tx, case: str) -> dict[str, Any]:
    context = current()
    more = [*overview_tab.reads_of_overview(case), read_of_opened(case)]
    more += reads_of_corrections(case)
    view = require_case_view(tx, case, *more)
    page = case_page.load_case_page(view)
    protected_acts.use_if_protected(
        tx, by=context.viewer, now=context.now, case=view.case, kind=protected_acts.PRINT_CASE
    )
    overview = overview_tab.overview(tx, view, page.status)
    disclosed = load_disclosed_answers(view)
    shown = {answer.klass for group in disclosed.shown for answer in group.answers}
    classes = shown | overview.classes
    read_log.record_read(
        tx,
        by=context.viewer,
        now=context.now,
        case_id=case,
        purpose="print",
        classes=classes,
        about={"unmasking": view.opened.number} if view.opened is not None else None,
        case=view.case,
    )
    locked = lock_sentences(
        view.at_hand, view.case, view.visibility.sight, view.viewer, view.places
    )
    lines = (*overview.values["standing"], *page.facts, *locked)
    head = {"title": context.t("case.standing"), "answers": (), "lines": lines}
    return {
        "title": page.case.process,
        "ref": page.ref,
        "number": page.case.number,
        "parts": [
            head,
            *_withdrawn(overview),
            *printed_answers(view, disclosed),
            *printed_corrections(view, disclosed),
        ],
    }


def _withdrawn(overview: TabContent) -> list[dict[str, Any]]:
    """The part of the print about consents that were taken back after the case had ended; [] when
    none was.
    """
    kept = overview.values["withdrawals"]
    pairs = tuple((one.purpose, f"{one.on}: {one.text}") for one in kept)
    title = current().t("withdrawal.kept_title")
    return [{"title": title, "answers": pairs, "lines": ()}] if pairs else []
