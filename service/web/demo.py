"""The demo's own pages: who to be, the clock, the letterbox, starting over. Hung up only where the keyring is a demo keyring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import accounts, choices, playing, posting
from service.errors import NotFound
from service.store import cases, counts, letters, offices
from service.text import known
from service.web import walk as walks
from service.web.auth import signed_in
from service.web.doors import door
from service.web.here import Here, chosen_language, here, number

bp = Blueprint("demo", __name__)
CARDS = (("sara", "pen"), ("omar", "office"), ("aino", "person"), ("iva", "person"))
MORE = (
    *(("maja", "pen"), ("nils", "shield"), ("greta", "search"), ("tor", "gear")),
    *(("kim", "person"), ("berit", "person"), ("mirja", "person"), ("eero", "person")),
)
SPANS = (1, 7, 30)
"""Days by which the clock can be moved."""


@bp.get("/demo")
@door("plain", signed_in=False)
def start() -> ResponseReturnValue:
    """Whom to be."""
    house = here().program.house
    with here().transaction() as tx:
        who = {name: accounts.person(tx, house, id_) for name, id_ in playing.people(tx).items()}
        loads = counts.loads(tx, now=here().now)
        sent = letters.total(tx)
    moved = playing.shift_of(here().kept.get("demo.clock", ""))
    return render_template(
        "demo/page.html",
        cards=_cards(CARDS, who, loads),
        more=_cards(MORE, who, loads),
        now=here().now,
        moved=here().t("demo.clock_moved", n=moved.days) if moved.days else "",
        notice=here().t("demo.reset_done") if "done" in request.args else "",
        letters=sent,
    )


def _cards(wanted: Sequence[tuple[str, str]], who: Mapping[str, accounts.Person | None], loads: Sequence[counts.Load]) -> list[SimpleNamespace]:
    cards = []
    for name, sign in wanted:
        person = who.get(name)
        if person is None:
            continue
        mine = [one for one in loads if one.office == person.office.id and one.role in person.roles]
        n, late = sum(one.tasks for one in mine), sum(one.late for one in mine)
        waits = " ".join(here().t(f"inbox.{key}", n=many) for key, many in (("count", n), ("late_count", late)) if many)
        text = here().t(f"demo.card_{name}") if known(f"demo.card_{name}") else ""
        cards.append(SimpleNamespace(who=name, name=person.name, office=person.office.name, text=text, waits=waits, sign=sign))
    return cards


@bp.post("/demo/enter")
@door("plain", signed_in=False)
def enter() -> ResponseReturnValue:
    """Become somebody."""
    return signed_in(session_of(here(), request.form.get("who", "")), "")


def session_of(at: Here, name: str) -> str:
    """The token of a new session for one of the demo's people; the one before ends. She reads the language that the visitor has chosen, if any.

    Raises:
        NotFound: there is nobody of that name.
    """
    with at.transaction(write=True) as tx:
        person = accounts.person(tx, at.program.house, playing.people(tx).get(name, ""))
        if person is None:
            raise NotFound
        if at.person is not None:
            accounts.sign_out(tx, at.token, at.person, at.wall)
        chosen = chosen_language(at.site)
        if chosen:
            choices.choose(tx, person, language=chosen)
        return accounts.begin(tx, person, limits=at.limits, now=at.wall)


@bp.post("/demo/reset")
@door("plain", signed_in=False)
def reset() -> ResponseReturnValue:
    """Throw everything away and begin anew."""
    current_app.config["TRESTEG_RESET"]()
    return redirect(url_for("demo.start", done=1), 303)


@bp.post("/demo/clock")
@door("plain", signed_in=False)
def clock() -> ResponseReturnValue:
    """Let days go by, or go to the next timer."""
    days = number(request.form.get("days"))
    with here().transaction(write=True) as tx:
        if days in SPANS:
            playing.pass_time(tx, timedelta(days=days))
        elif request.form.get("days") == "next":
            playing.pass_to_next(tx, now=here().now)
    return redirect(here().back or url_for("demo.start"), 303)


@bp.get("/demo/letterbox")
@door("plain", signed_in=False)
def letterbox() -> ResponseReturnValue:
    """Every letter that would have gone out, the newest first."""
    with here().transaction() as tx:
        found = letters.latest(tx)
        known_offices = offices.everyone(tx)
        refs = cases.refs(tx, {letter.case_id for letter in found})
    return render_template("demo/letterbox.html", letters=[_letter(letter, refs, known_offices) for letter in found])


def _letter(letter: letters.Letter, refs: Mapping[str, str], known_offices: Mapping[str, offices.Office]) -> SimpleNamespace:
    to = known_offices[letter.office_id].name
    at: datetime = letter.sent_at or letter.made_at
    return SimpleNamespace(
        at=at,
        to=to,
        subject=posting.subject(letter.language),
        text=posting.words(letter, refs.get(letter.case_id, ""), to, here().program.settings.base_url),
        state={"leased": "waiting"}.get(letter.state, letter.state),
        go=url_for("entrance.go", task=letter.case_id),
    )


@bp.post("/demo/walk", endpoint="walk")
@door("plain", signed_in=False)
def walk() -> ResponseReturnValue:
    """Begin the guided walk, go on to its next person, or leave it."""
    if request.form.get("do") == "leave":
        return redirect(walks.leave(here()), 303)
    stop = walks.go_on(here(), anew=request.form.get("do") == "start")
    return signed_in(session_of(here(), stop.who), url_for("tasks.show", task=stop.task))
