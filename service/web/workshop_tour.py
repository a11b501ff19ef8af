"""The tour of the workshop on pages: the strip that says the next thing to do and why, and where it
leads.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Final

from flask import g, request, url_for

from service.actions.publishing.editor import main_file
from service.demo import state, workshop_tour
from service.demo.workshop_tour import REVIEWS, STEPS, WorkshopStop
from service.web.request_context import RequestContext, current

NO_PAGES: Final = frozenset({"assets", "v1"})
"""Blueprints whose answers show no strip."""


def look() -> None:
    """Find out what is to be done next: the frame of a page may ask no database."""
    at = current()
    on = at.kept.get(state.WALK, "")
    if request.method == "GET" and on and request.blueprint not in NO_PAGES:
        g.workshop_stop = stop_of(at)


def stop_of(at: RequestContext) -> WorkshopStop | None:
    """The next thing to do; None when nobody is on the tour."""
    began = workshop_tour.release_of(at.kept.get(state.WALK, ""))
    if began is None:
        return None
    with at.transaction() as tx:
        names = workshop_tour.names_of(at.program.settings)
        return workshop_tour.next_stop(tx, at.program.services, began, names, at.now)


def found_stop() -> WorkshopStop | None:
    """What `look` found for this request."""
    found: WorkshopStop | None = g.get("workshop_stop")
    return found


def strip_of(at: RequestContext) -> SimpleNamespace | None:
    """The strip at the foot of every page while somebody is on the tour."""
    stop = found_stop()
    if stop is None:
        return None
    names = workshop_tour.names_of(at.program.settings)
    people = json.loads(at.kept.get(state.PEOPLE) or "{}")
    done = stop.step == "done"
    who = names["reader" if done else "reviewer" if stop.step in REVIEWS else "owner"]
    with_names = {"step": names["mend"]["step"], "way": names["mend"]["way"]}
    if stop.step == "add":
        with_names = {"step": names["add"]["step"]}
    return SimpleNamespace(
        number=min(stop.number, len(STEPS)),
        of=len(STEPS),
        done=done,
        text=at.t(f"demo.workshop_{stop.step}", **with_names),
        who=who,
        name=str(who).capitalize(),
        hers=at.session is not None and people.get(who) == at.viewer.person,
    )


def target_of(at: RequestContext, stop: WorkshopStop) -> str:
    """The page on which the next thing is done."""
    match stop.step:
        case "mend":
            file = workshop_tour.names_of(at.program.settings)["mend"]["file"]
            return _editor(stop, file)
        case "add" | "errors":
            return _editor(stop, main_file(at.program.services.programme.process))
        case "dry_run":
            return url_for("dry_run.show", release=stop.draft)
        case "ask" | "approve" | "publish":
            return url_for("publication.publish", release=stop.draft)
        case "plan":
            return url_for("migrations.index")
        case "send" | "check" | "move":
            return url_for("migrations.show", plan=stop.plan) + "#review"
        case "done":
            return url_for("inbox.index")
    return url_for("releases.index")


def _editor(stop: WorkshopStop, file: str) -> str:
    return url_for("drafts.edit", release=stop.draft, file=file.rpartition("/")[2])
