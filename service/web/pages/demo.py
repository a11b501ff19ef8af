"""The demo's own pages: choosing a person, the clock, the letters, starting over.

Registered only where the keyring is a demo keyring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import Viewer
from service.casework.letters import letter_mail
from service.casework.pages import visible_cases
from service.demo import audit_tour, state, workshop_tour
from service.errors import NotFound
from service.people import accounts, own_account, sessions
from service.release.programme.channel_rules import on_call_office
from service.store.casefile import cases
from service.store.installation import offices
from service.store.read_models import office_stats
from service.store.transaction import Tx
from service.store.work import jobs, letters
from service.text import known
from service.web import demo_tour
from service.web.accounts.session_cookie import go_on_signed_in
from service.web.page_policy import page_policy
from service.web.request_context import RequestContext, current, whole_number
from service.workshop.release_news import begin_reading

bp = Blueprint("demo", __name__)
bp.before_app_request(demo_tour.look_at_workshop)
CARDS = (("sara", "pen"), ("omar", "office"), ("aino", "person"), ("iva", "person"))
MORE = (
    *(("maja", "pen"), ("nils", "shield"), ("disa", "shield"), ("greta", "search")),
    *(
        ("tor", "gear"),
        ("kim", "person"),
        ("berit", "person"),
        ("mirja", "person"),
        ("eero", "person"),
    ),
)
SPANS = (1, 7, 30)
"""Days by which the clock can be moved."""


@bp.get("/demo")
@page_policy("plain", signed_in=False)
def start() -> ResponseReturnValue:
    """Cards of the people that a visitor can sign in as."""
    with current().transaction() as tx:
        ids = state.people(tx)
        who = {name: accounts.load_viewer(tx, id_) for name, id_ in ids.items()}
        names = {
            **accounts.names(tx, current().program.services, ids.values()),
            **offices.names(tx),
        }
        loads = office_stats.loads(tx, now=current().now)
        sent = letters.total(tx)
        due = len(jobs.due(tx, now=current().now))
    moved = state.shift_of(current().demo_settings.get("demo.clock", ""))
    return render_template(
        "demo/page.html",
        cards=_cards(CARDS, who, names, loads),
        more=_cards(MORE, who, names, loads),
        now=current().now,
        moved=current().t("demo.clock_moved", n=moved.days) if moved.days else "",
        notice=current().t("demo.reset_done") if "done" in request.args else "",
        due=current().t("demo.clock_due", n=due) if due else "",
        letters=sent,
        owner=workshop_tour.names_of(current().program.settings)["owner"],
        auditor=audit_tour.AUDITOR,
    )


def _cards(
    wanted: Sequence[tuple[str, str]],
    who: Mapping[str, Viewer | None],
    names: Mapping[str, str],
    loads: Sequence[office_stats.OpenTaskCount],
) -> list[SimpleNamespace]:
    """The cards of some people; `names` has those of people and offices by their ids."""
    cards = []
    for name, sign in wanted:
        viewer = who.get(name)
        if viewer is None:
            continue
        own = [load for load in loads if load.office == viewer.office]
        own = [load for load in own if load.role in viewer.roles]
        n = sum(load.tasks for load in own)
        late = sum(load.late for load in own)
        waits = " ".join(
            current().t(f"inbox.{key}", n=count)
            for key, count in (("count", n), ("late_count", late))
            if count
        )
        text = current().t(f"demo.card_{name}") if known(f"demo.card_{name}") else ""
        cards.append(
            SimpleNamespace(
                who=name,
                name=names[viewer.person],
                office=names[viewer.office],
                text=text,
                waits=waits,
                sign=sign,
            )
        )
    return cards


@bp.post("/demo/enter")
@page_policy("plain", signed_in=False)
def enter() -> ResponseReturnValue:
    """Sign in as the person of a card, and go on where the visitor was, if a page says so."""
    return go_on_signed_in(
        session_of(current(), request.form.get("who", "")), current().back, card=True
    )


def session_of(context: RequestContext, name: str) -> str:
    """The token of a new session for one of the demo's people; the one before ends.

    She reads the language of the page from which the visitor comes.

    Raises:
        NotFound: there is nobody of that name.
    """
    with context.transaction(write=True) as tx:
        viewer = accounts.load_viewer(tx, state.people(tx).get(name, ""))
        if viewer is None:
            raise NotFound
        if context.session is not None:
            sessions.sign_out(tx, by=context.viewer, now=context.wall, token=context.token)
        own_account.save_preferences(tx, by=viewer, language=context.lang)
        begin_reading(tx, context.program.services, viewer.person)
        return sessions.begin_session(
            tx, by=viewer, way="card", limits=context.limits, now=context.wall
        )


@bp.post("/demo/reset")
@page_policy("plain", signed_in=False)
def reset() -> ResponseReturnValue:
    """Delete everything and make the demo anew."""
    current_app.config["TRESTEG_RESET"]()
    return redirect(url_for("demo.start", done=1), 303)


@bp.post("/demo/clock")
@page_policy("plain", signed_in=False)
def clock() -> ResponseReturnValue:
    """Move the clock ahead by days, or to the next timer."""
    days = whole_number(request.form.get("days"))
    with current().transaction(write=True) as tx:
        tx.changes.has_work = True  # what was to wait for that moment is due
        if days in SPANS:
            state.pass_time(tx, timedelta(days=days))
        elif request.form.get("days") == "next":
            state.pass_to_next(tx, now=current().now)
    return redirect(current().back or url_for("demo.start"), 303)


@bp.get("/demo/letterbox")
@page_policy("plain", signed_in=False)
def letterbox() -> ResponseReturnValue:
    """Every letter that would have gone out, the newest first."""
    with current().transaction() as tx:
        found = letters.latest(tx)
        known_offices = offices.everyone(tx)
        refs = cases.refs(tx, {letter.case_id for letter in found})
        seen = _seen_now(tx)
    return render_template(
        "demo/letterbox.html",
        letters=[
            _letter(letter, refs, known_offices, leads=letter.case_id in seen) for letter in found
        ],
    )


def _seen_now(tx: Tx) -> frozenset[str]:
    """The cases that who is signed in sees; a link to any other leads nowhere."""
    context = current()
    if context.session is None:
        return frozenset()
    rows = visible_cases.load_visible_cases(
        tx, context.program.services, context.viewer, context.now
    )
    return frozenset(row.case.id for row in rows)


def _letter(
    letter: letters.Letter,
    refs: Mapping[str, str],
    known_offices: Mapping[str, offices.Office],
    *,
    leads: bool,
) -> SimpleNamespace:
    office = known_offices[letter.office_id].name
    channel = current().program.services.programme.channels.get(letter.channel)
    to = channel.name(current().lang) if channel is not None else office
    if on_call_office(letter.channel):
        to = current().t("word.on_call", office=office)
    at: datetime = letter.sent_at or letter.made_at
    return SimpleNamespace(
        at=at,
        to=to,
        subject=letter_mail.subject_of(letter),
        text=letter_mail.letter_text(
            letter, refs.get(letter.case_id, ""), office, current().program.settings.base_url
        ),
        state={"leased": "waiting"}.get(letter.state, letter.state),
        go=url_for("home.go", target=letter.case_id, letter=letter.number) if leads else "",
    )


@bp.post("/demo/walk", endpoint="walk")
@page_policy("plain", signed_in=False)
def walk() -> ResponseReturnValue:
    """Begin the guided tour, go on to its next person, or leave it."""
    if request.form.get("do") == "leave":
        return redirect(demo_tour.leave(current()), 303)
    stop = demo_tour.go_on(current(), anew=request.form.get("do") == "start")
    return go_on_signed_in(
        session_of(current(), stop.who), url_for("tasks.show", task=stop.task), card=True
    )


@bp.post("/demo/workshop", endpoint="workshop")
@page_policy("plain", signed_in=False)
def begin_workshop() -> ResponseReturnValue:
    """Begin the tour of the workshop as its owner, or leave it."""
    context = current()
    if request.form.get("do") != "start":
        with context.transaction(write=True) as tx:
            state.keep_walk(tx, "")
        return redirect(context.back or url_for("demo.start"), 303)
    with context.transaction(write=True) as tx:
        workshop_tour.begin(tx, context.program.services)
    owner = workshop_tour.names_of(context.program.settings)["owner"]
    return go_on_signed_in(session_of(context, owner), url_for("releases.index"), card=True)


@bp.get("/demo/workshop")
@page_policy("plain", signed_in=False)
def next_of_workshop() -> ResponseReturnValue:
    """Go to the page on which the next thing of the tour is done."""
    context = current()
    stop = demo_tour.found_workshop_stop()
    if stop is None:
        return redirect(url_for("demo.start"), 303)
    return redirect(demo_tour.workshop_page_of(context, stop), 303)


@bp.post("/demo/audit", endpoint="audit_tour")
@page_policy("plain", signed_in=False)
def begin_audit() -> ResponseReturnValue:
    """Begin the tour of the auditor, or leave it."""
    context = current()
    starts = request.form.get("do") == "start"
    with context.transaction(write=True) as tx:
        if starts:
            audit_tour.begin(tx, context.now)
        else:
            state.keep_walk(tx, "")
    if not starts:
        return redirect(context.back or url_for("demo.start"), 303)
    matter = url_for("audit.ask_matter", back=url_for("audit.index"))
    return go_on_signed_in(session_of(context, audit_tour.AUDITOR), matter, card=True)


@bp.get("/demo/audit")
@page_policy("plain", signed_in=False)
def next_of_audit() -> ResponseReturnValue:
    """Go to the page on which the next thing of the auditor's tour is done."""
    stop = demo_tour.found_audit_stop()
    return redirect(demo_tour.audit_page_of(stop) if stop else url_for("demo.start"), 303)
