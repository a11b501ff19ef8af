"""What the tabs of a case hold.

Each gives the values that its template names, and the classes of answers that it brings onto the
page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.access import holds
from service.actions.casefile import notes as case_notes
from service.actions.casefile.case_view import CaseView
from service.actions.cases import continuation
from service.actions.referrals import compose, lifecycle, referral_texts
from service.actions.releases.step_durations import duration_text
from service.store.casefile import consents as consent_rows
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.store.work import jobs
from service.text import known

PERSONAL = ("C1", "C2", "C3")
Address = Callable[[str], str]
"""Of a field's key: where it is shown."""


@dataclass(frozen=True, slots=True)
class TabContent:
    """A tab: what its template names, and the classes of what is on it."""

    values: Mapping[str, Any]
    classes: frozenset[str] = frozenset({"C0"})


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits; without id it is not for this reader."""

    id: str | None
    name: str
    at: str
    due: datetime | None
    claimed_by: str
    usual: str
    """How long the step usually takes, in words; empty when too few cases tell."""


def open_tasks(tx: Tx, at: CaseView) -> tuple[OpenTask, ...]:
    """What waits for people."""
    times = at.services.usual.times(tx, at.case.process, at.now)
    return tuple(
        OpenTask(
            t.key if at.mine(t) else None,
            at.name(t.element),
            at.places.get(t.office_id or "", "–"),
            t.due,
            at.names.get(t.claimed_by or "", ""),
            duration_text(times.get(t.element), at.lang),
        )
        for t in at.waiting
    )


# ---- overview


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """The newest consent to one purpose."""

    purpose: str
    state: str
    given: date
    until: date | None
    by: str


@dataclass(frozen=True, slots=True)
class TrackedReferral:
    """A referral on the overview."""

    id: str
    to: str
    states: tuple[tuple[str, datetime | None], ...]
    text: str
    ours: bool
    """Whether it is the reader's office that sent or got it: only those two can follow it."""


def overview(tx: Tx, at: CaseView) -> TabContent:
    """Where it stands, what comes, consents, notes, referrals."""
    notes = (
        case_notes.read(tx, at.services, at.viewer, at.case.id) if at.visibility.by_office else []
    )
    linked = (
        continuation.load_case_links(tx, at.services, at.viewer, at.case.id, at.now)
        if at.visibility.by_office
        else continuation.CaseLinks(None, ())
    )
    others = sorted({office for office in at.parties.values() if office != at.viewer.office})
    values = {
        "standing": tuple(_standing(at)),
        "tasks": open_tasks(tx, at),
        "next": tuple(_next(tx, at)),
        "consents": tuple(_consents(tx, at)),
        "notes": tuple(notes),
        "can_note": at.visibility.by_office and at.key is not None,
        "share_offices": tuple((office, at.places.get(office, "")) for office in others),
        "referrals": tuple(_referrals(tx, at)),
        "before": linked.before,
        "after": linked.after,
        "reopen": at.case.status == "ended" and at.visibility.by_office and _may_start(tx, at),
    }
    headlines = {one.klass for one in at.shown.values() if one.klass == "C0"}
    return TabContent(values, frozenset({"C0", *headlines, *({"C3"} if notes else ())}))


def _standing(at: CaseView) -> Iterable[str]:
    if at.case.status == "ended":
        yield at.say(
            "case.stands_ended",
            end=at.name(at.case.inner_end or at.case.end),
            date=at.day(at.case.closed_at or at.case.moved_at),
        )
        return
    last = next(
        (f for f in reversed(at.history) if f.kind in ("complete", "start", "message")),
        at.history[-1],
    )
    yield at.say(
        "case.stands_last",
        task=at.name(last.element),
        who=at.who(last.actor, last.office) or at.say("word.somebody"),
        date=at.day(last.at),
    )
    if at.waiting:
        first = at.waiting[0]
        yield at.say(
            "case.stands_waits",
            task=at.name(first.element),
            office=at.places.get(first.office_id or "", "–"),
            date=at.day(first.opened_at),
        )
    else:
        yield at.say("case.stands_itself")


def _next(tx: Tx, at: CaseView) -> Iterable[str]:
    """The named steps that the ways out of the open tasks lead to, with the time that each usually
    takes.
    """
    times = at.services.usual.times(tx, at.case.process, at.now)
    flows, elements = at.visibility.definition.flows, at.visibility.definition.elements
    told = {}
    for task in at.waiting:
        ways = (
            [flows[id_] for id_ in elements[task.element].outgoing if id_ in flows]
            if task.element in elements
            else []
        )
        while ways:
            flow = ways.pop()
            target = elements.get(flow.target)
            if target is None or target.id in told:
                continue
            told[target.id] = flow.names.get(at.lang) or flow.names.get("sv", "")
            if target.kind.endswith("Gateway"):
                ways += [flows[id_] for id_ in target.outgoing if id_ in flows]
    for id_, label in told.items():
        if elements[id_].kind in (
            "userTask",
            "serviceTask",
            "callActivity",
            "subProcess",
            "endEvent",
        ) and elements[id_].names.get("sv"):
            step = at.say("case.next_way", way=label, task=at.name(id_)) if label else at.name(id_)
            usual = (
                duration_text(times.get(id_), at.lang)
                if elements[id_].kind != "serviceTask"
                else ""
            )
            yield at.say("case.next_usual", step=step, usual=usual) if usual else step


def _consents(tx: Tx, at: CaseView) -> Iterable[ConsentLine]:
    newest = {row.purpose: row for row in consent_rows.of_case(tx, at.case.id)}
    today = at.now.date()
    for purpose, row in newest.items():
        state = (
            "withdrawn" if row.withdrawn_on is not None else "live" if row.live(today) else "ended"
        )
        by = f"consent.by_{row.given_by}"
        yield ConsentLine(
            at.say(f"purpose.{purpose}"),
            state,
            row.given_on,
            row.valid_to,
            at.say(by) if known(by) else row.given_by,
        )


def tracked(at: CaseView, row: referrals.Referral) -> TrackedReferral:
    """A referral in words."""
    ours = at.viewer.office in (row.from_office, row.to_office)
    return TrackedReferral(
        row.id,
        at.places.get(row.to_office, ""),
        tuple(lifecycle.referral_steps(row)),
        referral_texts.state_text(row, at.places, at.viewer),
        ours,
    )


def _referrals(tx: Tx, at: CaseView) -> Iterable[TrackedReferral]:
    """Those that steps made; those made by hand only for their two offices and for the owner of the
    case.
    """
    for row in referrals.of_case(tx, at.case.id):
        one = tracked(at, row)
        if row.element or one.ours or compose.owns_case(at):
            yield one


def _may_start(tx: Tx, at: CaseView) -> bool:
    release = at.services.current(tx)
    definition = release.definitions.get(at.case.process)
    return definition is not None and any(
        holds(at.viewer, definition.elements[start].roles) for start in definition.starts
    )


# ---- tasks


@dataclass(frozen=True, slots=True)
class OpenWait:
    """Something that waits without a person."""

    text: str
    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """A task that is over."""

    name: str
    by: str
    at: datetime
    how: str


def all_tasks(tx: Tx, at: CaseView) -> TabContent:
    """Open, waiting and finished work."""
    values = {
        "open": open_tasks(tx, at),
        "waits": tuple(_waits(tx, at)),
        "finished": tuple(_finished(at)),
    }
    return TabContent(values)


def _waits(tx: Tx, at: CaseView) -> Iterable[OpenWait]:
    for job in jobs.of_case(tx, at.case.id):
        timer = job.kind == "timer"
        text = at.say("case.waits_timer" if timer else "case.waits_call", task=at.name(job.element))
        since = next(
            (f.at for f in reversed(at.history) if any(e == job.element for _, e, *_ in f.steps)),
            at.case.opened_at,
        )
        yield OpenWait(
            text,
            "incident" if job.state == "stopped" else "waiting",
            since,
            job.due if timer else None,
        )


def _finished(at: CaseView) -> Iterable[FinishedTask]:
    for fact in reversed(at.history):
        if fact.kind == "complete":
            yield FinishedTask(
                at.name(fact.element),
                at.who(fact.actor, fact.office),
                fact.at,
                _button(at, fact.rev),
            )
        for what, element, *_ in fact.steps:
            place = at.visibility.definition.elements.get(element)
            if what == "cancelled" and place is not None and place.kind == "userTask":
                yield FinishedTask(
                    at.name(element), at.name(fact.element), fact.at, at.say("case.interrupted")
                )


def _button(at: CaseView, rev: int) -> str:
    """The answer of the button that was pressed, where the reader may see it."""
    for one in at.told:
        field, form = at.field_of(one) if one.rev == rev else (None, None)
        if field is not None and form is not None and field.buttons and at.visibility.see(one):
            return at.words.text(one)
    return ""


# ---- people


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """An answer about a person; sealed until it is asked for."""

    label: str
    text: str | None
    show: str
    empty: str


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Answers that belong together."""

    title: str
    fields: tuple[SealedAnswer, ...]


def people(
    tx: Tx, at: CaseView, address: Address, asked: str
) -> TabContent:  # every tab is asked alike
    """What is known about the person, each answer behind a button of its own.

    Args:
        asked: the key of the one field that is shown now.
    """
    groups: dict[str, list[SealedAnswer]] = {}
    classes = {"C0"}
    for one in at.words.in_order(at.shown.values()):
        key = one.key
        if one.klass not in PERSONAL:
            continue
        field, _ = at.field_of(one)
        label, text = at.words.pair(one)
        if key == asked:
            classes.add(one.klass)
        group = (field.group if field is not None else "") or f"class_{one.klass}"
        groups.setdefault(group, []).append(
            SealedAnswer(label, text if key == asked else None, address(key), "")
        )
    made = tuple(
        AnswerGroup(_group_name(at, group), tuple(fields))
        for group, fields in sorted(groups.items())
    )
    roles = tuple(
        (at.visibility.release.role_name(role, at.lang), at.places.get(office, ""))
        for role, office in sorted(at.parties.items())
    )
    return TabContent({"groups": made, "parties": roles}, frozenset(classes))


def _group_name(at: CaseView, group: str) -> str:
    key = f"group.{group.replace('-', '_')}"
    return at.say(key) if known(key) else at.say("group.other")
