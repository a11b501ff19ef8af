"""The demo's guided tours: five steps through one case, each as another person; one through the
workshop of process owners, and one of the auditor, whose strips say the next thing to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

from flask import current_app, g, request, url_for

from service.demo import audit_tour, state, workshop_tour
from service.demo.audit_tour import AuditStop
from service.demo.workshop_tour import REVIEWS, WorkshopStop
from service.demo.workshop_tour import STEPS as WORKSHOP
from service.errors import NotFound
from service.web.request_context import RequestContext, current
from service.workshop.editor import main_file

STEPS = 5


@dataclass(frozen=True, slots=True)
class TourStop:
    """A step at which the tour waits for its visitor to press a button."""

    step: int
    who: str
    """First name of the person whose task it is."""
    case: str
    task: str
    key: str
    """Idempotency key of the form that led here: sent twice, it leads here twice."""

    def kept(self) -> str:
        """As the setting holds it."""
        return json.dumps(
            {
                "step": self.step,
                "who": self.who,
                "case": self.case,
                "task": self.task,
                "key": self.key,
            }
        )


Player = Callable[[int, str], tuple[str, str, str]]
"""Plays a case on to the task of a step; handed the step and the case ("" for a new one), gives
person, case and task."""


def stop_of(kept: str) -> TourStop | None:
    """The stop that a setting of the installation keeps; None when nobody is on the tour, or on
    another one.
    """
    found = json.loads(kept) if kept else {}
    return TourStop(**found) if "step" in found else None


def go_on(context: RequestContext, *, anew: bool) -> TourStop:
    """Play the case on to the next stop.

    Raises:
        NotFound: nobody is on the tour, or it is at its end.
    """
    play: Player | None = current_app.config.get("TRESTEG_WALK")
    before = stop_of(context.demo_settings.get(state.WALK, ""))
    now = None if anew else before
    if before is not None and before.key == context.key:
        return before
    if play is None or (not anew and (now is None or now.step == STEPS)):
        raise NotFound
    step = now.step + 1 if now is not None else 1
    who, case, task = play(step, now.case if now is not None else "")
    stop = TourStop(step, who, case, task, context.key)
    with context.transaction(write=True) as tx:
        state.keep_walk(tx, stop.kept())
    return stop


def leave(context: RequestContext) -> str:
    """End the tour; gives where to go: after its last step the case's history, else the cards."""
    stop = stop_of(context.demo_settings.get(state.WALK, ""))
    with context.transaction(write=True) as tx:
        state.keep_walk(tx, "")
    return (
        url_for("cases.show", case=stop.case, tab="history")
        if stop is not None and stop.step == STEPS and context.session is not None
        else url_for("demo.start")
    )


def strip_of(context: RequestContext) -> SimpleNamespace | None:
    """The strip at the foot of every page while somebody is on the tour."""
    stop = stop_of(context.demo_settings.get(state.WALK, ""))
    if stop is None:
        return None
    following = context.t("demo.walk_next") if stop.step < STEPS else ""
    return SimpleNamespace(
        step=stop.step, of=STEPS, text=context.t(f"demo.walk_{stop.step}"), next=following
    )


# ---- the tour of the workshop

NO_PAGES: Final = frozenset({"assets", "v1"})
"""Blueprints whose answers show no strip."""


def look_at_workshop() -> None:
    """Load the next stop of the workshop's and the auditor's tour before the view: the frame of a
    page may ask no database.
    """
    context = current()
    on = context.demo_settings.get(state.WALK, "")
    if request.method == "GET" and on and request.blueprint not in NO_PAGES:
        g.workshop_stop = workshop_stop_of(context)
        g.audit_stop = audit_stop_of(context)


def workshop_stop_of(context: RequestContext) -> WorkshopStop | None:
    """The next thing to do; None when nobody is on the tour."""
    began = workshop_tour.release_of(context.demo_settings.get(state.WALK, ""))
    if began is None:
        return None
    with context.transaction() as tx:
        names = workshop_tour.names_of(context.program.settings)
        return workshop_tour.next_stop(tx, context.program.services, began, names, context.now)


def found_workshop_stop() -> WorkshopStop | None:
    """The stop of the workshop's tour that `look_at_workshop` has loaded; None off the tour."""
    found: WorkshopStop | None = g.get("workshop_stop")
    return found


def workshop_strip_of(context: RequestContext) -> SimpleNamespace | None:
    """The strip at the foot of every page while somebody is on this tour or the auditor's."""
    stop = found_workshop_stop()
    if stop is None:
        return audit_strip_of(context)
    names = workshop_tour.names_of(context.program.settings)
    people = json.loads(context.demo_settings.get(state.PEOPLE) or "{}")
    done = stop.step == "done"
    who = names["reader" if done else "reviewer" if stop.step in REVIEWS else "owner"]
    with_names = {"step": names["mend"]["step"], "way": names["mend"]["way"]}
    if stop.step == "add":
        with_names = {"step": names["add"]["step"]}
    return SimpleNamespace(
        tour="workshop",
        number=0 if done else stop.number,
        of=len(WORKSHOP),
        done=done,
        text=context.t(f"demo.workshop_{stop.step}", **with_names),
        who=who,
        name=str(who).capitalize(),
        hers=context.session is not None and people.get(who) == context.viewer.person,
    )


def workshop_page_of(context: RequestContext, stop: WorkshopStop) -> str:
    """The page on which the next thing is done."""
    match stop.step:
        case "mend":
            file = workshop_tour.names_of(context.program.settings)["mend"]["file"]
            return _editor(stop, file)
        case "add" | "errors":
            return _editor(stop, main_file(context.program.services.programme.process))
        case "dry_run":
            return url_for("dry_run.show", draft=stop.draft)
        case "ask" | "approve" | "publish":
            return url_for("publication.publish", draft=stop.draft)
        case "plan":
            return url_for("migrations.index")
        case "send" | "check" | "move":
            return url_for("migrations.show", plan=stop.plan) + "#review"
        case "done":
            return url_for("inbox.index")
    return url_for("releases.index")


def _editor(stop: WorkshopStop, file: str) -> str:
    return url_for("draft_diagram.edit", draft=stop.draft, file=file.rpartition("/")[2])


# ---- the tour of the auditor


def audit_stop_of(context: RequestContext) -> AuditStop | None:
    """The next thing to do; None when nobody is on the tour."""
    began = audit_tour.began_at(context.demo_settings.get(state.WALK, ""))
    people = json.loads(context.demo_settings.get(state.PEOPLE) or "{}")
    if began is None or audit_tour.AUDITOR not in people:
        return None
    with context.transaction() as tx:
        return audit_tour.next_stop(tx, people[audit_tour.AUDITOR], began)


def found_audit_stop() -> AuditStop | None:
    """The stop of the auditor's tour that `look_at_workshop` has loaded; None off the tour."""
    found: AuditStop | None = g.get("audit_stop")
    return found


def audit_strip_of(context: RequestContext) -> SimpleNamespace | None:
    """The strip at the foot of every page while somebody is on the tour."""
    stop = found_audit_stop()
    if stop is None:
        return None
    people, who = json.loads(context.demo_settings.get(state.PEOPLE) or "{}"), audit_tour.AUDITOR
    return SimpleNamespace(
        tour="audit",
        number=stop.number,
        of=len(audit_tour.STEPS),
        done=stop.step == audit_tour.STEPS[-1],
        text=context.t(f"demo.audit_{stop.step}"),
        who=who,
        name=who.capitalize(),
        hers=context.session is not None and people.get(who) == context.viewer.person,
    )


def audit_page_of(stop: AuditStop) -> str:
    """The page on which the next thing is done."""
    match stop.step:
        case "matter":
            return url_for("audit.ask_matter", back=url_for("audit.index"))
        case "replay" if stop.case:
            return url_for("audit.replay", case=stop.case)
        case "verify":
            return url_for("audit.verify_all")
        case "proof" | "check":
            return url_for("proof.show", case=stop.case)
    return url_for("audit.index")
