"""What falls due, what is held and what was erased, for who answers for data protection; an office
sees what is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from service.access import Viewer, can_act
from service.casework.retention import due_runs, holds
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Services, actor
from service.release.labels import localized_name
from service.release.programme.retention_rules import RetentionPlan, RetentionRule
from service.release.programme.vocabulary import OFFICE_KIND
from service.release.retention_checks import is_signed
from service.store.casefile import cases, retention_acts
from service.store.casefile import holds as hold_rows
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import say

HOLD: Final = "hold"
"""The act that sets and ends holds, and sees what is of every office."""


@dataclass(frozen=True, slots=True)
class DueLine:
    """Records of an office in a case that fall due."""

    day: date
    case: str
    ref: str
    number: str
    office: str
    does: str
    classes: str
    rule: str
    """The rule in words, with its id and ground."""
    runs: bool


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold that lasts."""

    id: str
    case: str
    ref: str
    number: str
    office: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ErasedLine:
    """What was erased."""

    at: datetime
    case: str
    ref: str
    number: str
    office: str
    classes: str
    rule: str


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """The page, as the template names it."""

    due: tuple[DueLine, ...]
    holds: tuple[HoldLine, ...]
    erased: tuple[ErasedLine, ...]
    unsigned: tuple[str, ...]
    """Names of the kinds of office whose rules nobody has signed, so that none of them runs."""
    may_hold: bool
    of_all: bool


def load_retention(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> RetentionPage:
    """Load the page.

    Raises:
        NotFound: it is for neither her roles nor her office.
    """
    of_all = can_act(viewer, HOLD)
    if not (of_all or viewer.lane_roles):
        raise NotFound
    plan = due_runs.current_plan(tx, services)
    words = _Words(services, viewer, plan, offices.names(tx))
    due = due_runs.falling_due(tx, services, now)
    held, acts = hold_rows.lasting(tx, now), retention_acts.every(tx)
    named = {row.case_id for row in held} | {act.case_id for act in acts}
    known = {case.id: case for case in cases.of_ids(tx, named) if case.id not in viewer.barred}

    def is_shown(case: str, office: str) -> bool:
        return case not in viewer.barred and (of_all or office == viewer.office)

    kinds = {
        office.kind
        for office in offices.everyone(tx).values()
        if of_all or office.id == viewer.office
    }
    return RetentionPage(
        due=tuple(words.due(one) for one in due if is_shown(one.falls.case, one.falls.office)),
        holds=tuple(
            HoldLine(
                row.id,
                row.case_id,
                known[row.case_id].ref,
                known[row.case_id].number,
                words.office(row.office_id),
                row.until,
            )
            for row in held
            if row.case_id in known and is_shown(row.case_id, row.office_id)
        ),
        erased=tuple(
            ErasedLine(
                act.at,
                act.case_id,
                known[act.case_id].ref,
                known[act.case_id].number,
                words.office(act.office_id),
                words.classes(act.classes),
                act.rule,
            )
            for act in reversed(acts)
            if act.does == retention_acts.DESTROY
            if act.case_id in known and is_shown(act.case_id, act.office_id)
        ),
        unsigned=tuple(
            sorted(
                services.word(OFFICE_KIND, kind, viewer.lang)
                for kind in kinds & {*plan.owners(kinds)}
                if not is_signed(plan, kind)
            )
        ),
        may_hold=of_all,
        of_all=of_all,
    )


def hold_case(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    word: str,
    until: str,
    reason: str,
) -> None:
    """Order that nothing of a case is erased, until the end of a day where rules run.

    Args:
        word: name or number of the case.
        until: the day, as ISO text.
    Raises:
        NotFound: she may not.
        InvalidAnswers: no such case, no such day, or as `holds.set_hold` says.
    """
    if not can_act(by, HOLD):
        raise NotFound
    case = cases.find(tx, word.strip())
    if case is None or case.id in by.barred:
        raise InvalidAnswers((FieldFault("case", "retention.no_case"),))
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise InvalidAnswers((FieldFault("until", "form.not_a_date"),)) from None
    holds.set_hold(
        *(tx, services),
        by=actor(by),
        now=now,
        case_id=case.id,
        until=due_runs.end_of(day),
        reason=reason,
    )


def release_hold(tx: Tx, services: Services, by: Viewer, now: datetime, *, hold: str) -> None:  # noqa: ARG001 - a command takes it
    """End a hold before its time.

    Raises:
        NotFound: she may not, or there is none.
    """
    row = hold_rows.get(tx, hold)
    if not can_act(by, HOLD) or row is None or row.case_id in by.barred:
        raise NotFound
    holds.end_hold(tx, by=actor(by), now=now, hold_id=hold)


@dataclass(frozen=True, slots=True)
class _Words:
    """What rows are called, in the viewer's language."""

    services: Services
    viewer: Viewer
    plan: RetentionPlan
    places: Mapping[str, str]

    def office(self, id_: str) -> str:
        return self.places.get(id_) or say("case.erased_program", self.viewer.lang)

    def classes(self, listed: tuple[str, ...] | list[str]) -> str:
        return ", ".join(
            say(f"audit.classes_{klass}", self.viewer.lang).lower() for klass in listed
        )

    def due(self, one: due_runs.DueRecords) -> DueLine:
        row = one.falls
        rule = self.plan.rule(row.rule)
        return DueLine(
            row.day,
            row.case,
            one.ref,
            one.number,
            self.office(row.office),
            say(f"retention.does_{row.does}", self.viewer.lang),
            self.classes(row.classes),
            ", ".join(self._rule(rule)) if rule is not None else row.rule,
            one.runs,
        )

    def _rule(self, rule: RetentionRule) -> Iterator[str]:
        """The rule in words: how long after what, on which ground, and its id."""
        lang = self.viewer.lang
        months, days = rule.period.months, rule.period.days
        years, months = divmod(months, 12)
        parts = (("years", years), ("months", months), ("days", days))
        period = " ".join(say(f"retention.{name}", lang, n=n) for name, n in parts if n)
        moment = self.plan.moment(rule.counted)
        words = localized_name({"sv": moment.sv, "en": moment.en}, lang) if moment else ""
        key = "retention.after" if period else "retention.at"
        yield say(key, lang, period=period, moment=words)
        if ground := self.plan.ground(rule.ground):
            yield localized_name({"sv": ground.sv, "en": ground.en}, lang)
            yield ground.number
        yield rule.id
