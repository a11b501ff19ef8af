"""The overview of a case: where it is, what waits, what comes next, consents, notes, referrals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from service.access import holds
from service.casework.casefile import given_by_duty
from service.casework.casefile import notes as case_notes
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.hidden_answers import hides_notes
from service.casework.cases import continuation
from service.casework.cases.consents import WORDS
from service.casework.commands import late_withdrawal
from service.casework.pages.case_status import CaseStatus, next_steps
from service.casework.pages.tab_content import TabContent
from service.casework.pages.tasks_tab import open_tasks
from service.casework.referrals import compose, lifecycle, referral_texts
from service.errors import NotFound
from service.people import accounts
from service.release.programme.vocabulary import PURPOSE
from service.release.step_durations import Times, duration_text
from service.store.at_hand import Read
from service.store.casefile import consents as consent_rows
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.text import known


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
    """Whether the viewer's office sent or got it: only those two can open it."""


def reads_of_overview(case_id: str) -> list[Read]:
    """What `overview` reads besides the view of the case."""
    return [continuation.read_of_links(case_id), given_by_duty.read_of_given(case_id)]


def overview(tx: Tx, at: CaseView, status: CaseStatus) -> TabContent:
    """State, open tasks, next steps, consents, notes and referrals of a case.

    Args:
        tx: asks for what few cases have: those that are linked with it, and, once it has ended,
            the release that a new one begins on.
        at: loaded with `reads_of_overview`.
    """
    may_read = at.visibility.by_office and at.visibility.is_named
    times = at.services.usual.times(tx, at.case.process, at.now)
    closed = at.visibility.closed_offices(case_notes.CLASS)
    notes = (
        case_notes.read(at.at_hand, at.services, at.viewer, at.case.id, closed=closed)
        if may_read
        else []
    )
    linked = (
        continuation.load_case_links(tx, at.at_hand, at.services, at.viewer, at.case.id, at.now)
        if at.visibility.by_office
        else continuation.CaseLinks(None, ())
    )
    others = sorted({office for office in at.parties.values() if office != at.viewer.office})
    given = tuple(line for line in duty_lines(at) if line.may_know)
    values = {
        "given": given,
        "standing": tuple(_state(at, status)),
        "tasks": open_tasks(at, times),
        "next": tuple(dict.fromkeys(_next(at, times))),
        "consents": tuple(_consents(at)),
        "withdrawals": withdrawal_lines(at),
        "notes": tuple(notes),
        "hidden_notes": hides_notes(at, len(notes)),
        "can_note": at.visibility.by_office and at.key is not None,
        "share_offices": tuple((office, at.places.get(office, "")) for office in others),
        "referrals": tuple(_referrals(at)),
        "before": linked.before,
        "after": linked.after,
        "reopen": at.case.status == "ended" and at.visibility.by_office and _may_start(tx, at),
    }
    headlines = {answer.klass for answer in at.shown.values() if answer.klass == "C0"}
    return TabContent(values, frozenset({"C0", *headlines, *({"C3"} if notes or given else ())}))


def _state(at: CaseView, status: CaseStatus) -> Iterable[str]:
    """Where the case is, in sentences."""
    if at.case.status != "ended":
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
    yield from status.sentences(at.lang)


def _next(at: CaseView, times: Times) -> Iterable[str]:
    """The named steps that the open tasks lead to, each with the time that it usually takes."""
    definition, following = at.visibility.definition, dict[str, str]()
    for task in at.waiting:
        following = next_steps(definition, task.element, at.lang) | following
    for id_, label in following.items():
        step = at.say("case.next_way", way=label, task=at.name(id_)) if label else at.name(id_)
        timed = definition.elements[id_].kind != "serviceTask"
        usual = duration_text(times.get(id_), at.lang) if timed else ""
        yield at.say("case.next_usual", step=step, usual=usual) if usual else step


def _consents(at: CaseView) -> Iterable[ConsentLine]:
    newest = {row.purpose: row for row in consent_rows.of_case(at.at_hand, at.case.id)}
    today = at.now.date()
    for purpose, row in newest.items():
        state = "live" if row.live(today) else "ended"
        by = f"consent.by_{row.given_by}"
        yield ConsentLine(
            purpose=at.term(PURPOSE, purpose),
            state="withdrawn" if row.withdrawn_on is not None else state,
            given=row.given_on,
            until=row.valid_to,
            by=at.say(by) if known(by) else row.given_by,
        )


def require_withdrawable(at: CaseView) -> tuple[consent_rows.Consent, ...]:
    """The consents that somebody of an office of the case can take back now that it has ended.

    Raises:
        NotFound: the case is open, none is live, or the viewer only looks after all cases.
    """
    live = late_withdrawal.withdrawable(at.at_hand, at.case, at.now)
    if not live or not at.visibility.by_office:
        raise NotFound
    return live


def may_withdraw(at: CaseView) -> bool:
    """Whether the viewer can take a consent back after the case has ended."""
    if at.case.status != "ended" or not at.visibility.by_office:
        return False
    return bool(late_withdrawal.withdrawable(at.at_hand, at.case, at.now))


@dataclass(frozen=True, slots=True)
class DutyLine:
    """Something that the viewer's office gave by a duty in law, in words."""

    number: int
    day: date
    to: str
    what: str
    ground: str
    know: str
    """Whether she may know of it, in words."""
    may_know: bool
    """Whether she may be now; of what is struck not."""
    by: str
    at: datetime
    wrong_at: datetime | None
    wrong: str


def duty_lines(at: CaseView) -> Iterable[DutyLine]:
    """What the viewer's office gave by a duty in law, the newest first.

    Args:
        at: loaded with `given_by_duty.read_of_given`.
    """
    lines, today = given_by_duty.given_lines(at), date.fromisoformat(at.day(at.now))
    people = accounts.names(at.at_hand, at.services, {line.by for line in lines})
    for line in lines:
        yield DutyLine(
            line.number,
            line.day,
            line.to,
            line.what,
            at.services.ground(line.ground, at.lang, at.visibility.release),
            _knows(at, line, today),
            line.may_know(today),
            people.get(line.by, ""),
            line.at,
            line.wrong_at,
            line.wrong,
        )


def _knows(at: CaseView, line: given_by_duty.GivenByDuty, today: date) -> str:
    """Whether she may know of it, in words; where it was to be later, since or until when."""
    if line.knows_from is None:
        return at.say(f"duty.is_known_{line.know}")
    if line.may_know(today):
        return at.say("duty.is_known_since", day=line.knows_from.isoformat())
    return at.say("duty.is_known_later", day=line.knows_from.isoformat())


@dataclass(frozen=True, slots=True)
class WithdrawalLine:
    """How a consent was taken back after the end, in words."""

    purpose: str
    on: date
    text: str
    """Who said so and how; what the person heard only for those who may see it."""


def withdrawal_lines(at: CaseView) -> tuple[WithdrawalLine, ...]:
    """Every consent that was taken back after the case has ended, but those whose words are closed
    to the viewer.
    """
    offices = late_withdrawal.offices_of(at.history)
    closed = at.visibility.closed_offices(WORDS)
    every = consent_rows.of_case(at.at_hand, at.case.id)
    rows = [row for row in every if offices.get(row.rev_given) not in closed]
    kept = late_withdrawal.kept_withdrawals(at.keys, at.history, rows)
    return tuple(_line(at, one) for one in kept)


def _line(at: CaseView, kept: late_withdrawal.KeptWithdrawal) -> WithdrawalLine:
    words = [at.say(f"withdrawal.who_{kept.who}"), at.say(f"withdrawal.how_{kept.how}")]
    own = kept.office == at.viewer.office
    if kept.effect and (own or at.visibility.sees_class("C1", kept.office)):
        words.append(kept.effect)
    words.append(at.places.get(kept.office, ""))
    return WithdrawalLine(at.term(PURPOSE, kept.purpose), kept.on, " · ".join(filter(None, words)))


def tracked(at: CaseView, row: referrals.Referral) -> TrackedReferral:
    """A referral as the overview shows it."""
    office, roles = at.viewer.office, at.viewer.lane_roles
    sent = row.from_office == office and row.from_role in roles
    got = row.to_office == office and row.to_role in roles
    ours = sent or got or (bool(row.element) and office in (row.from_office, row.to_office))
    return TrackedReferral(
        row.id,
        at.places.get(row.to_office, ""),
        tuple(lifecycle.referral_steps(row)),
        referral_texts.state_text(row, at.places, at.viewer),
        ours,
    )


def _referrals(at: CaseView) -> Iterable[TrackedReferral]:
    """Referrals that steps made; those made by hand only for their offices and the case's owner."""
    for row in referrals.of_case(at.at_hand, at.case.id):
        referral = tracked(at, row)
        if row.element or referral.ours or compose.owns_case(at):
            yield referral


def _may_start(tx: Tx, at: CaseView) -> bool:
    """Whether the viewer may begin a case of this process, or of one that goes on from it."""
    release = at.services.current(tx)
    return any(
        holds(at.viewer, definition.elements[start].roles)
        for definition in release.definitions.values()
        for start in definition.starts
    )
