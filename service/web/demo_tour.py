"""The demo's guided tour: five steps through one case, each as another person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from flask import current_app, url_for

from service.demo import state
from service.demo.workshop_tour import release_of
from service.errors import NotFound
from service.web.request_context import RequestContext

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
    """The stop that a setting of the installation keeps; None when nobody is on the tour, or on the
    one of the workshop.
    """
    return TourStop(**json.loads(kept)) if kept and release_of(kept) is None else None


def go_on(at: RequestContext, *, anew: bool) -> TourStop:
    """Play the case on to the next stop.

    Raises:
        NotFound: nobody is on the tour, or it is at its end.
    """
    play: Player | None = current_app.config.get("TRESTEG_WALK")
    before = stop_of(at.kept.get(state.WALK, ""))
    now = None if anew else before
    if before is not None and before.key == at.key:
        return before
    if play is None or (not anew and (now is None or now.step == STEPS)):
        raise NotFound
    step = now.step + 1 if now is not None else 1
    who, case, task = play(step, now.case if now is not None else "")
    stop = TourStop(step, who, case, task, at.key)
    with at.transaction(write=True) as tx:
        state.keep_walk(tx, stop.kept())
    return stop


def leave(at: RequestContext) -> str:
    """End the tour; gives where to go: after its last step the case's history, else the cards."""
    stop = stop_of(at.kept.get(state.WALK, ""))
    with at.transaction(write=True) as tx:
        state.keep_walk(tx, "")
    return (
        url_for("cases.show", case=stop.case, tab="history")
        if stop is not None and stop.step == STEPS and at.session is not None
        else url_for("demo.start")
    )


def strip_of(at: RequestContext) -> SimpleNamespace | None:
    """The strip at the foot of every page while somebody is on the tour."""
    stop = stop_of(at.kept.get(state.WALK, ""))
    if stop is None:
        return None
    following = at.t("demo.walk_next") if stop.step < STEPS else ""
    return SimpleNamespace(
        step=stop.step, of=STEPS, text=at.t(f"demo.walk_{stop.step}"), next=following
    )
