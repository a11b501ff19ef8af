"""The page of a case: who stands before it, where the case stands, what may be done now.

Its tabs are in `case_tabs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile import diagram_state, read_log
from service.actions.casefile.case_view import CaseView, needs_lookup_reason
from service.actions.cases import case_visibility, consents
from service.actions.cases.protection import ORDINARY, may_mark
from service.actions.commands import case_commands
from service.actions.history import promises
from service.actions.programme.named_fields import RoleDuties
from service.actions.releases.labels import element_name
from service.actions.tasks.task_page import without_number
from service.engine import STAGES, Element
from service.store.casefile import consents as consent_rows
from service.store.casefile import grants, referrals
from service.store.transaction import Tx
from service.store.work import incidents, letters, tasks
from service.text import known, say

TABS = ("overview", "plan", "tasks", "people", "papers", "letters", "history")
LEAFLET = re.compile(r"[A-ZÅÄÖ][A-ZÅÄÖ ]{3,}(?= –|$)")
"""The word of the leaflet that a step's label begins with, in capitals."""
DONE, CURRENT, NOT_YET = "done", "current", "not_yet"


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """That a case is over, and how."""

    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What stands on top of every tab."""

    id: str
    ref: str
    number: str
    rev: int
    owner: str
    opened: datetime
    release: str
    process: str
    ended: CaseEnd | None
    since_over: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the stepper, with its words of the leaflet."""

    n: str
    title: str
    state: str
    date: datetime | None
    here: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MessageButton:
    """A message that the diagram can catch now, and that this person may send."""

    message: str
    label: str
    text: str
    danger: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """The frame of the page."""

    case: CaseHead
    ref: str
    stages: tuple[Stage, ...]
    facts: tuple[str, ...]
    alerts: tuple[tuple[str, str], ...]
    acts: tuple[MessageButton, ...]
    can_mark: bool
    """Whether the reader may change the protection marking."""
    task: str
    """The task that the reader should do next here; "" when none waits for her."""
    tabs: tuple[tuple[str, int | None], ...]
    lookup: bool
    reasons: tuple[tuple[str, str], ...]


def load_case_page(tx: Tx, at: CaseView) -> CasePage:
    """Draw the frame.

    While the reader has not said why she opens the case, nothing can be sent from it.
    """
    lookup = needs_lookup_reason(tx, at)
    return CasePage(
        case=_head(tx, at),
        ref=at.case.ref,
        stages=tuple(_stages(at)),
        facts=tuple(_facts(tx, at)),
        alerts=tuple(_alerts(tx, at)),
        acts=() if lookup else tuple(message_buttons(at)),
        can_mark=not lookup and may_mark(at.services, at.viewer, at.parties),
        task=_to_do(at),
        tabs=tuple((tab, count) for tab, count in _counts(tx, at)),
        lookup=lookup,
        reasons=tuple((code, at.say(f"lookup.{code}")) for code in read_log.REASONS),
    )


def _to_do(at: CaseView) -> str:
    """Of the tasks that the reader may do, her own first, then the one that is due first; what a
    colleague has taken is left to her.
    """
    own = [t for t in at.waiting if at.mine(t) and t.claimed_by in (None, at.viewer.person)]
    return (
        min(
            own, key=lambda t: (t.claimed_by is None, t.due is None, t.due or t.opened_at, t.key)
        ).key
        if own
        else ""
    )


def _head(tx: Tx, at: CaseView) -> CaseHead:
    case = at.case
    return CaseHead(
        id=case.id,
        ref=case.ref,
        number=case.number,
        rev=case.rev,
        owner=owner(
            at.services.programme.named_fields.duties, at.parties, at.waiting, at.places, at.names
        ),
        opened=case.opened_at,
        release=f"v{at.visibility.release.number} · {case.release_id[:12]}",
        process=diagram_state.localized_name(
            at.visibility.definition.names.get(case.process, {}), at.lang
        )
        or case.process,
        ended=CaseEnd(
            case.closed_at, at.say("task.case_ends", end=at.name(case.inner_end or case.end))
        )
        if case.status == "ended"
        else None,
        since_over=_since_over(tx, at),
    )


def owner(
    duties: RoleDuties,
    parties: Mapping[str, str],
    waiting: Iterable[tasks.Task],
    places: Mapping[str, str],
    names: Mapping[str, str],
) -> str:
    """Who has a case: the person who claimed a task of the owning office, if any, and that office."""
    office = duties.holder(duties.owner, parties)
    person = next((t.claimed_by for t in waiting if t.office_id == office and t.claimed_by), "")
    return ", ".join(filter(None, (names.get(person or "", ""), places.get(office, ""))))


def _since_over(tx: Tx, at: CaseView) -> str:
    """When the office's sight of the case was narrowed for good."""
    if not at.visibility.by_office:
        return ""
    mine = grants.of_case(tx, at.case.id, office=at.viewer.office)
    live = [g for g in mine if g.live(at.now)]
    over = [
        g.until for g in mine if not g.live(at.now) and g.until is not None and g.until <= at.now
    ]
    return (
        at.say("case.sight_over", date=at.day(max(over)))
        if over and live and all(g.rule.endswith("+") for g in live)
        else ""
    )


def _stages(at: CaseView) -> Iterable[Stage]:
    elements = at.visibility.definition.elements.values()
    for n in STAGES:
        frame = next(
            (e for e in elements if e.properties.get("stage") == n and e.kind == "subProcess"), None
        )
        if frame is None:
            continue
        left = next(
            (
                f.at
                for f in reversed(at.history)
                if any(what == "left" and e == frame.id for what, e, *_ in f.steps)
            ),
            None,
        )
        entered = any(
            what == "entered" and e == frame.id for f in at.history for what, e, *_ in f.steps
        )
        current = at.case.status == "open" and n == (at.case.stage or "1")
        state = CURRENT if current else DONE if entered else NOT_YET
        here = next((at.name(t.element) for t in at.waiting if t.stage == n), "") if current else ""
        yield Stage(
            n,
            without_number(element_name(frame, at.lang)),
            state,
            left,
            here,
            tuple(_words(at, frame)),
        )


def _words(at: CaseView, frame: Element) -> Iterable[tuple[str, str]]:
    """The words of the leaflet in a stage, in the order of the diagram; one word may stand on
    several steps.
    """
    found: dict[str, list[Element]] = {}
    for element in at.visibility.definition.elements.values():
        match = LEAFLET.match(element.names.get("sv", ""))
        if match is not None and element.scope == frame.id:
            found.setdefault(match[0].strip(), []).append(element)
    for word, steps in found.items():
        states = {at.states.get(step.id, "") for step in steps}
        state = (
            CURRENT
            if states
            & {
                diagram_state.ACTIVE,
                diagram_state.OVERDUE,
                diagram_state.WAITING,
                diagram_state.INCIDENT,
            }
            else DONE
            if diagram_state.DONE in states
            else NOT_YET
        )
        told = steps[0].names.get(at.lang, "").partition(":")[0].strip() if at.lang != "sv" else ""
        yield told or word.capitalize(), state


def _facts(tx: Tx, at: CaseView) -> Iterable[str]:
    rows = consent_rows.of_case(tx, at.case.id)
    given, back = (
        len(consents.live(tx, at.case.id, at.now)),
        len({r.purpose for r in rows if r.withdrawn_on is not None}),
    )
    yield at.say("case.consents_count", given=given, withdrawn=back)
    for one in at.shown.values():
        field = case_visibility.field_of(at.visibility.release, one.form, one.key)
        if (
            field is not None and field.headline and not field.buttons
        ):  # a decision stands in the stages and the history
            label, text = at.words.pair(one)
            yield f"{label}: {text}"


def _alerts(tx: Tx, at: CaseView) -> Iterable[tuple[str, str]]:
    now = at.now
    yield from _broken_promises(tx, at)
    if any(i.closed_at is None for i in incidents.of_case(tx, at.case.id)):
        yield "error", at.say("case.alert_incident")
    for task in at.waiting:
        if task.due is not None and task.due < now:
            office = at.places.get(task.office_id or "", "")
            yield (
                "error",
                at.say(
                    "case.alert_late",
                    task=at.name(task.element),
                    office=office,
                    date=at.day(task.due),
                ),
            )
    for row in referrals.of_case(tx, at.case.id):
        if row.state in ("sent", "opened") and row.due is not None and row.due < now:
            yield (
                "warning",
                at.say(
                    "case.alert_referral",
                    office=at.places.get(row.to_office, ""),
                    date=at.day(row.due),
                ),
            )
    live = consents.live(tx, at.case.id, now)
    back = {
        r.purpose: r.withdrawn_on
        for r in consent_rows.of_case(tx, at.case.id)
        if r.withdrawn_on is not None and r.purpose not in live
    }
    for purpose, on in back.items():
        yield "warning", at.say("case.alert_consent", purpose=at.say(f"purpose.{purpose}"), date=on)
    if marked := marking_text(at):
        yield "warning", marked


def marking_text(at: CaseView) -> str:
    """That the person is protected by more than the programme itself; empty when she is not."""
    if at.case.marking in ORDINARY:
        return ""
    key = f"marking.{at.case.marking}"
    return at.say("case.alert_marking", marking=at.say(key) if known(key) else at.case.marking)


def _broken_promises(tx: Tx, at: CaseView) -> Iterable[tuple[str, str]]:
    for breach in promises.broken_promises(tx, at.services, at.case, at.history, at.now):
        promise = promises.promise_text(
            at.visibility.release, at.visibility.definition, breach.promise, at.lang
        )
        yield "error", at.say("case.alert_promise", promise=promise, date=at.day(breach.at))


def message_buttons(at: CaseView) -> Iterable[MessageButton]:
    """What may be sent now; those that are about danger stand first."""
    if at.loaded is None or at.case.status != "open" or not at.visibility.by_office:
        return []
    waits = {element for kind, element, _ in at.history[-1].open_after if kind == "message"}
    found = []
    for message in at.visibility.definition.messages:
        able = [
            e
            for e in case_commands.message_catchers(at.loaded, message, at.viewer)
            if e.id in waits or e.kind == "startEvent"
        ]
        if able:
            found.append(
                MessageButton(
                    message,
                    message_name(able[0], message, at.lang),
                    message_text(message, at.lang),
                    is_about_danger(at, able[0]),
                )
            )
    return sorted(found, key=lambda act: not act.danger)


def message_name(element: Element, message: str, lang: str) -> str:
    """What a message is called on its button."""
    return say(f"act.{message}", lang) if known(f"act.{message}") else element_name(element, lang)


def message_text(message: str, lang: str) -> str:
    """What a message is for, in one sentence."""
    return say(f"act.{message}_for", lang) if known(f"act.{message}_for") else ""


def is_about_danger(at: CaseView, element: Element) -> bool:
    """Whether a message's form asks about danger: then the numbers to call stand first."""
    form = at.visibility.release.forms.get(element.form)
    return form is not None and any(f.properties.get("offer") == "danger" for f in form.fields)


def _counts(tx: Tx, at: CaseView) -> Iterable[tuple[str, int | None]]:
    numbers = {"tasks": len(at.waiting), "letters": len(letters.of_case(tx, at.case.id))}
    return [(tab, numbers.get(tab)) for tab in TABS]
