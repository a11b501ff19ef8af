"""Rules of the retention plan in words; and how long each office of a case keeps what it wrote, to
be read out to the person when somebody asks how long her safe contact may be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.casework.cases.loaded_case import LoadedCase
from service.forms import Form
from service.records.context import Services
from service.records.retention import office_day
from service.release.labels import localized_name
from service.release.programme.retention_rules import (
    LOCK,
    REVIEW,
    RetentionPeriod,
    RetentionPlan,
    RetentionRule,
)
from service.release.retention_checks import is_signed
from service.store.at_hand import Read, Reader
from service.store.casefile import facts
from service.store.installation import offices, releases
from service.store.installation.offices import Office
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class OfficeKeeps:
    """How long an office keeps what it wrote in a case, a sentence for each rule."""

    office: str
    lines: tuple[str, ...]


def reached(history: Sequence[facts.Fact]) -> set[str]:
    """Ids of the elements that a case has passed."""
    steps = {str(element) for fact in history for _, element, *_ in fact.steps}
    return steps | {fact.element for fact in history}


def period_in_words(period: RetentionPeriod, lang: str) -> str:
    """A period in years, months and days; "" for none."""
    years, months = divmod(period.months, 12)
    parts = (("years", years), ("months", months), ("days", period.days))
    return " ".join(say(f"retention.{name}", lang, n=n) for name, n in parts if n)


def when_in_words(plan: RetentionPlan, rule: RetentionRule, lang: str) -> str:
    """How long after what a rule falls due."""
    period = period_in_words(rule.period, lang)
    moment = plan.moment(rule.counted)
    words = localized_name({"sv": moment.sv, "en": moment.en}, lang) if moment else ""
    return say("retention.after" if period else "retention.at", lang, period=period, moment=words)


def classes_in_words(classes: Iterable[str], lang: str) -> str:
    """Classes of answers, as the pages name them."""
    return ", ".join(say(f"audit.classes_{klass}", lang).lower() for klass in classes)


def asks_how_long(services: Services, loaded: LoadedCase, form: Form | None) -> bool:
    """Whether a form asks the person for a day that a rule waits for, as the release of the case
    says.
    """
    asked = services.configuration(loaded.release).retention.waited_for()
    return form is not None and any(field.key in asked for field in form.fields)


def reads_of_keeping(tx: Tx, services: Services) -> list[Read]:
    """What `load_keeping` reads besides the case and its history; its release is made ready."""
    services.current_configuration(tx)
    return [releases.read_of_live(services.programme.process)]


def load_keeping(
    reader: Reader, services: Services, loaded: LoadedCase, lang: str, now: datetime
) -> tuple[OfficeKeeps, ...]:
    """How long each office that has a role in a case keeps what it wrote, by the plan in force, as
    if the case ended now.
    """
    plan, case = services.current_configuration(reader).retention, loaded.case
    history = facts.of_case(reader, case.id)
    record = plan.record_of(case.process, "", reached(history), loaded.variables)
    directory = offices.everyone(reader)
    found = (directory[id_] for id_ in {*loaded.parties.values()} if id_ in directory)
    return tuple(
        OfficeKeeps(office.name, tuple(keeping_lines(plan, record, office, lang, now)))
        for office in sorted(found, key=lambda one: one.name)
    )


def keeping_lines(
    plan: RetentionPlan, record: str, office: Office, lang: str, now: datetime
) -> Iterator[str]:
    """How long an office keeps what it wrote in a case of a kind, a sentence for each rule."""
    today = office_day(now, office.zone)
    rules = [
        rule
        for rule in plan.rules
        if rule.counts_for(record, office.kind)
        and plan.in_force(rule)[0] <= today <= plan.in_force(rule)[1]
        and rule.does != LOCK
        and not (rule.does == REVIEW and _is_asked_for(plan, rule))
    ]
    for rule in rules:
        when = when_in_words(plan, rule, lang) if rule.counted else ""
        classes = classes_in_words(rule.classes, lang)
        yield say(f"retention.keeps_{rule.does}", lang, classes=classes, when=when)
    if not rules:
        yield say("retention.keeps_nothing", lang)
    elif not is_signed(plan, office.kind):
        yield say("retention.keeps_unsigned", lang)


def _is_asked_for(plan: RetentionPlan, rule: RetentionRule) -> bool:
    """Whether a rule counts from a day that other rules wait for, which is only asked for here."""
    return rule.counted in {one.not_before for one in plan.rules}
