"""The frame of a case's page: its head, stages, headline answers, alerts and buttons.

Its tabs have modules of their own; the views that draw them are in `web/pages/casework/cases.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.access import Viewer
from service.casework.approvals import locked_case
from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.given_by_duty import may_give
from service.casework.cases import case_visibility, consents
from service.casework.cases.case_officers import candidates, officer_names
from service.casework.cases.locked_records import lock_sentences
from service.casework.cases.protection import (
    is_protected,
    marking_sentence,
    may_name,
    may_raise,
)
from service.casework.history import promises
from service.casework.pages.card import may_give_words
from service.casework.pages.case_stages import CaseNow, Stage, case_now, case_stages
from service.casework.pages.case_status import CaseStatus, load_case_status
from service.casework.pages.message_buttons import MessageButton, message_buttons
from service.casework.pages.overview_tab import may_withdraw
from service.people.absences import load_absences
from service.records.context import Services
from service.release.labels import localized_name
from service.release.programme.named_fields import RoleDuties
from service.release.programme.vocabulary import PURPOSE
from service.store.casefile import case_officers, cases, grants, referrals, retention_acts
from service.store.casefile import consents as consent_rows
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import incidents, letters
from service.text import say

TABS = ("overview", "plan", "money", "tasks", "people", "papers", "letters", "history")


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """End of a case: when, and in which words."""

    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The head of the page, above every tab."""

    id: str
    ref: str
    number: str
    rev: int
    owner: str
    officer: str
    """Name of the person who handles the case at the viewer's office; "" when nobody does."""
    officer_id: str
    away_until: date | None
    """Last day of an absence that she is in."""
    give_to: tuple[tuple[str, str], ...]
    """(person id, name) of colleagues to whom the viewer may give the case."""
    opened: datetime
    release: str
    release_name: str
    """The number of the release as people say it; `release` has its digest too."""
    release_since: datetime | None
    process: str
    ended: CaseEnd | None
    since_over: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """The frame of the page, as the template names it."""

    case: CaseHead
    ref: str
    now: CaseNow
    stages: tuple[Stage, ...]
    facts: tuple[str, ...]
    alerts: tuple[tuple[str, str], ...]
    acts: tuple[MessageButton, ...]
    can_mark: bool
    """Whether the viewer may change the protection marking."""
    can_name: bool
    """Whether the viewer may name another person for a protected identity."""
    can_give_words: bool
    """Whether the viewer may give the person two words."""
    can_withdraw: bool
    """Whether the viewer may take a consent back, although the case has ended."""
    can_unlock: bool
    """Whether the viewer may ask to open what the plan has locked of her own office."""
    can_give_by_duty: bool
    """Whether the viewer may write down what her office gave by a duty in law."""
    task: str
    """The viewer's next task here; "" when none waits for her."""
    status: CaseStatus
    """What the band and the overview say of it."""
    tabs: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class ReasonPage:
    """The page that asks why the viewer opens a case, before it shows more."""

    id: str
    ref: str
    number: str
    protected: bool
    named: bool
    """Whether she is named, if the identity is protected."""
    reasons: tuple[tuple[str, str], ...]


def load_reason_page(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> ReasonPage:
    """Load the page that asks why the viewer opens a case.

    Raises:
        NotFound: there is none for her.
    """
    case, at_hand = case_visibility.ask_case(tx, services, case_id)
    seen = case_visibility.load_unexplained_visibility(at_hand, services, viewer, case, now)
    return ReasonPage(
        id=case.id,
        ref=case.ref,
        number=case.number,
        protected=is_protected(case.marking),
        named=seen.is_named,
        reasons=tuple((code, say(f"lookup.{code}", viewer.lang)) for code in read_log.REASONS),
    )


def load_case_page(at: CaseView) -> CasePage:
    """Load the frame of a case's page."""
    status = load_case_status(at.at_hand, at.services, at.viewer, at.case, at.now)
    own = status.own.key if status.own is not None else ""
    return CasePage(
        case=_head(at),
        ref=at.case.ref,
        now=case_now(at, own, " ".join(status.sentences(at.lang))),
        stages=tuple(case_stages(at)),
        facts=tuple(_facts(at)),
        alerts=tuple(_alerts(at)),
        acts=tuple(message_buttons(at)),
        can_mark=may_raise(at.configuration, at.viewer, at.parties),
        can_name=may_name(at.services, at.viewer, at.case, at.at_hand),
        can_give_words=may_give_words(at),
        can_withdraw=may_withdraw(at),
        can_unlock=locked_case.may_ask(at.services, at.visibility),
        can_give_by_duty=at.visibility.is_named and may_give(at),
        task=own,
        status=status,
        tabs=_tabs(at),
    )


def _head(at: CaseView) -> CaseHead:
    case, release = at.case, at.visibility.release
    drawn = at.visibility.definition.names.get(case.process, {})
    ended = None
    if case.status == "ended":
        end = case.inner_end or case.end
        name = at.say("case.end_erased") if end == cases.ERASED else at.name(end)
        text = at.say("task.case_ends", end=name)
        ended = CaseEnd(case.closed_at, text)
    duties = at.configuration.named_fields.duties
    officers = case_officers.of_case(at.at_hand, case.id)
    names = officer_names(at.at_hand, at.services, {case.id: officers})
    away = load_absences(at.at_hand, at.viewer.office, at.now)
    return CaseHead(
        id=case.id,
        ref=case.ref,
        number=case.number,
        rev=case.rev,
        owner=owner(duties, at.parties, officers, at.places, names),
        officer=names.get(officers.get(at.viewer.office, ""), ""),
        officer_id=officers.get(at.viewer.office, ""),
        away_until=away.until(officers.get(at.viewer.office)),
        give_to=tuple(candidates(at.at_hand, at.services, at.viewer, at.parties, away)),
        opened=case.opened_at,
        release=f"v{release.number} · {case.release_id[:12]}",
        release_name=f"v{release.number}",
        release_since=releases.published_at(at.at_hand, case.release_id),
        process=localized_name(drawn, at.lang) or case.process,
        ended=ended,
        since_over=_since_over(at),
    )


def owner(
    duties: RoleDuties,
    parties: Mapping[str, str],
    officers: Mapping[str, str],
    places: Mapping[str, str],
    names: Mapping[str, str],
) -> str:
    """The owner of a case in words: its officer at the owning office, if any, and that office.

    Args:
        officers: office to the person who handles the case there.
        places: office to its name.
        names: person to her name.
    """
    office = duties.holder(duties.owner, parties)
    person = names.get(officers.get(office, ""), "")
    return ", ".join(filter(None, (person, places.get(office, ""))))


def _since_over(at: CaseView) -> str:
    """Since when the viewer sees less of the case for good, as a sentence; else ""."""
    if not at.visibility.by_office:
        return ""
    office = grants.of_case(at.at_hand, at.case.id, office=at.viewer.office)
    own = [grant for grant in office if grant.role in at.viewer.lane_roles]
    live = [grant for grant in own if grant.live(at.now)]
    ends = [grant.until for grant in own if not grant.live(at.now)]
    over = [until for until in ends if until is not None and until <= at.now]
    if over and live and all(grant.rule.endswith("+") for grant in live):
        return at.say("case.sight_over", date=at.day(max(over)))
    return ""


def _facts(at: CaseView) -> Iterable[str]:
    """How many consents there are, and the headline answers.

    Buttons are left out: a decision is seen in the stages and in the history.
    """
    rows = consent_rows.of_case(at.at_hand, at.case.id)
    given = len(consents.live(at.at_hand, at.case.id, at.now))
    withdrawn = len({row.purpose for row in rows if row.withdrawn_on is not None})
    gone = "case.consents_withdrawn" if withdrawn else "case.consents_none_withdrawn"
    yield f"{at.say('case.consents_given', n=given)}, {at.say(gone, n=withdrawn)}"
    for answer in at.shown.values():
        field = case_visibility.field_of(at.visibility.release, answer.form, answer.key)
        if field is not None and field.headline and not field.buttons:
            label, text = at.words.pair(answer)
            yield f"{label}: {text}"


def _alerts(at: CaseView) -> Iterable[tuple[str, str]]:
    """(`error` or `warning`, sentence) of each."""
    yield from _broken_promises(at)
    yield from _erased(at)
    places, sight = at.places, at.visibility.sight
    for sentence in lock_sentences(at.at_hand, at.case, sight, at.viewer, places):
        yield "warning", sentence
    if any(i.closed_at is None for i in incidents.of_case(at.at_hand, at.case.id)):
        yield "error", at.say("case.alert_incident")
    yield from _late(at)
    live = consents.live(at.at_hand, at.case.id, at.now)
    withdrawn = {
        row.purpose: row.withdrawn_on
        for row in consent_rows.of_case(at.at_hand, at.case.id)
        if row.withdrawn_on is not None and row.purpose not in live
    }
    for purpose, on in withdrawn.items():
        yield "warning", at.say("case.alert_consent", purpose=at.term(PURPOSE, purpose), date=on)
    if marked := marking_text(at):
        yield "warning", f"{marked} {at.say('case.protected_means')}"
        if at.visibility.by_office and not at.visibility.is_named:
            yield "warning", at.say("case.not_named")


def _erased(at: CaseView) -> Iterable[tuple[str, str]]:
    """What was erased of the case: whose records, of which classes, when, under which rule."""
    for act in retention_acts.of_case(at.at_hand, at.case.id):
        if act.does != retention_acts.DESTROY:
            continue
        classes = [at.say(f"audit.classes_{klass}").lower() for klass in act.classes]
        yield (
            "warning",
            at.say(
                "case.erased" if act.rule else "case.erased_early",
                office=at.places.get(act.office_id) or at.say("case.erased_program"),
                classes=", ".join(classes),
                date=at.day(act.at),
                rule=act.rule,
            ),
        )


def _late(at: CaseView) -> Iterable[tuple[str, str]]:
    """Tasks and referrals that are late."""
    for task in at.waiting:
        if task.due is not None and task.due < at.now:
            name = at.name(task.element)
            office = at.places.get(task.office_id or "", "")
            day = at.day(task.due)
            yield "error", at.say("case.alert_late", task=name, office=office, date=day)
    for row in referrals.of_case(at.at_hand, at.case.id):
        if row.state in ("sent", "opened") and row.due is not None and row.due < at.now:
            office = at.places.get(row.to_office, "")
            day = at.day(row.due)
            yield "warning", at.say("case.alert_referral", office=office, date=day)


def marking_text(at: CaseView) -> str:
    """Sentence: the identity is protected, by which marking; empty when it is not."""
    return marking_sentence(at.case.marking, at.lang)


def _broken_promises(at: CaseView) -> Iterable[tuple[str, str]]:
    for breach in promises.broken_promises(at.at_hand, at.services, at.case, at.history, at.now):
        promise = promises.promise_text(
            at.visibility.release, at.visibility.definition, breach.promise, at.lang
        )
        yield "error", at.say("case.alert_promise", promise=promise, date=at.day(breach.at))


def _tabs(at: CaseView) -> tuple[tuple[str, int | None], ...]:
    """(tab, number on it) of each."""
    numbers = {"tasks": len(at.waiting), "letters": letters.count_of_case(at.at_hand, at.case.id)}
    return tuple((tab, numbers.get(tab)) for tab in TABS)
