"""Plan of retention: how long each office keeps which records of a case, and on which legal ground.

Read from `workflows/config/retention.toml`, which explains its keys. Nothing is erased without a
rule. Source: decisions/0115.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

from service.access import CLASSES
from service.release.programme.signatures import digest_of
from service.release.programme.typed_tables import (
    Id,
    Text,
    Texts,
    Worded,
    WrongTable,
    read_table,
    refuse_twice,
    require_one_of,
    require_order,
)

FILE: Final = "retention.toml"
PRESERVE, LOCK, REVIEW, HAND_OVER, DESTROY = ACTIONS = (
    *("preserve", "lock", "review", "hand_over", "destroy"),
)
"""What a rule does. What is preserved is never destroyed; what is locked opens to nobody but under
a hold or an approval; a review asks the office; what is handed over goes to an archive."""
ANY, HOST = "any", "house"
"""Owner of a rule that counts for every kind of office, and owner of what belongs to no office but
to whoever runs the service."""
CASE_END, WRITTEN, ERASED = "case_end", "written", "erased"
PRODUCT_MOMENTS: Final = frozenset({CASE_END, WRITTEN, ERASED})
"""Moments that the service knows by itself: the end of the case, when the office wrote last in it,
when the last of its content was erased."""
UNSENT_START, LOG_REVIEW, PATH, LEDGER, SUMS = (
    *("unsent_start_form", "log_review", "path", "ledger", "statistics"),
)
PRODUCT_RECORDS: Final = frozenset({UNSENT_START, LOG_REVIEW, PATH, LEDGER, SUMS})
"""Kinds of record that no process of a release makes: a start form that nobody sent, the log
review, what is left of a case after its erasure, the history of the installation, counted sums."""
REOPENED: Final = "reopened"
EXCEPTIONS: Final = frozenset({REOPENED})
"""What a rule may except: a case that has been taken up again."""
_PERIOD: Final = re.compile(
    r"P(?=\d)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?"
    r"(?:(?P<days>\d{1,5})D)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """A length of time by the calendar: months, then days."""

    months: int
    days: int

    def times(self, number: int) -> RetentionPeriod:
        """The period so many times, as one: twelve times P1M is P12M, whatever month it begins
        in.
        """
        return RetentionPeriod(self.months * number, self.days * number)

    def plus(self, other: RetentionPeriod) -> RetentionPeriod:
        """Both periods as one."""
        return RetentionPeriod(self.months + other.months, self.days + other.days)

    def last_day(self, start: date) -> date:
        """The day on which the period ends that begins on `start`, which itself is not counted; a
        day that the month does not have is its last day. After year 9999: the last day there is.

        Source: lag (1930:173) om beräkning av lagstadgad tid, 1 §.
        """
        try:
            year, month = divmod(start.year * 12 + start.month - 1 + self.months, 12)
            day = min(start.day, monthrange(year, month + 1)[1])
            return start.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
        except (ValueError, OverflowError):
            return date.max


@lru_cache(maxsize=256)
def read_period(text: str) -> RetentionPeriod | None:
    """Read a duration of ISO 8601 in whole days, weeks, months and years; None for anything
    else.
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    return RetentionPeriod(years * 12 + months, weeks * 7 + days)


class LegalGround(
    Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A ground on which rules rest, in words and by its number."""

    id: Id
    number: Text
    start: date = field(name="from")
    end: date | None = field(name="to", default=None)
    """Last day on which it is in force; None: until further notice."""
    owner: tuple[Text, ...] = ()
    """Kinds of office that it binds; none named: all."""

    def binds(self, kind: str) -> bool:
        """Whether records of that kind of office may rest on it."""
        return not self.owner or kind in self.owner


class RoutingValue(Struct, frozen=True, forbid_unknown_fields=True):
    """A routing name, and the values with which it holds; yes and no are `true` and `false`."""

    name: Text
    values: Texts


class RecordKind(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of record: the cases of some processes, or what the product makes by itself."""

    id: Id
    process: tuple[Text, ...] = ()
    ends: tuple[Text, ...] = ()
    """Ends of the processes; none named: all."""
    not_reached: tuple[Text, ...] = ()
    """Elements of which the case reached none."""
    only_if: RoutingValue | None = None
    product: str = ""
    """Its name in the product (`PRODUCT_RECORDS`), where no process makes it."""

    def holds(
        self, process: str, end: str, reached: Collection[str], routing: Mapping[str, object]
    ) -> bool:
        """Whether a case that has ended so is of this kind.

        Args:
            end: id of the end event by which it ended, the innermost one.
            reached: ids of the elements that it has passed.
            routing: its routing values at the end.
        """
        if process not in self.process or (self.ends and end not in self.ends):
            return False
        if any(element in reached for element in self.not_reached):
            return False
        return self.only_if is None or _plain(routing.get(self.only_if.name)) in self.only_if.values


class RetentionMoment(
    Worded, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A moment from which rules count; exactly one of its sources is named."""

    id: Id
    product: str = ""
    """Its name in the product (`PRODUCT_MOMENTS`)."""
    left: str = ""
    """Element of a diagram: when a case left it last."""
    answer: tuple[Text, ...] = ()
    """Fields of forms: the first of them that was answered. A year counts to its last day."""

    def answered(self, answers: Mapping[str, object]) -> date | None:
        """The day that the newest answers give; None where none of its fields is answered."""
        for key in self.answer:
            value = answers.get(key)
            if isinstance(value, date):
                return value
            if isinstance(value, str):
                return date.fromisoformat(value[:10])
            if value is not None:
                return date(int(str(value)), 12, 31)
        return None


class RetentionRule(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One rule: what happens to some classes of some kinds of record of some kinds of office."""

    id: Id
    ground: Text
    start: date = field(name="from")
    end: date | None = field(name="to", default=None)
    """Last day on which it is in force; None: until further notice."""
    record: Texts
    owner: Texts
    classes: Texts
    does: Text
    after: str = ""
    counted: str = ""
    every: str = ""
    """How often a review comes again; "": it does not."""
    unless: tuple[Text, ...] = ()
    not_before: str = ""
    """Moment until whose day nothing is destroyed, in a case that has it: a day that somebody asked
    for. It never brings anything forward."""

    @property
    def period(self) -> RetentionPeriod:
        """How long after the moment."""
        return _known(self.after)

    @property
    def interval(self) -> RetentionPeriod | None:
        """Between two reviews."""
        return _known(self.every) if self.every else None

    def counts_for(self, record: str, kind: str) -> bool:
        """Whether it is about records of that kind of an office of that kind."""
        return record in self.record and (
            kind in self.owner or (ANY in self.owner and kind != HOST)
        )


class RetentionPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """The plan of an installation; the empty plan erases nothing."""

    signed: Mapping[str, str] = {}
    """Kind of office, or `house`, to who has decided its rules: name, role, day and digest."""
    grounds: tuple[LegalGround, ...] = field(name="ground", default=())
    records: tuple[RecordKind, ...] = field(name="record", default=())
    moments: tuple[RetentionMoment, ...] = field(name="moment", default=())
    rules: tuple[RetentionRule, ...] = field(name="rule", default=())

    def ground(self, id_: str) -> LegalGround | None:
        """The ground of that id."""
        return next((one for one in self.grounds if one.id == id_), None)

    def record(self, id_: str) -> RecordKind | None:
        """The kind of record of that id."""
        return next((one for one in self.records if one.id == id_), None)

    def moment(self, id_: str) -> RetentionMoment | None:
        """The moment of that id."""
        return next((one for one in self.moments if one.id == id_), None)

    def rule(self, id_: str) -> RetentionRule | None:
        """The rule of that id."""
        return next((one for one in self.rules if one.id == id_), None)

    def record_of(
        self, process: str, end: str, reached: Collection[str], routing: Mapping[str, object]
    ) -> str:
        """The kind of record that a case is, by the first row that holds; "" for none: then no rule
        is about it, and it is kept. The arguments are those of `RecordKind.holds`.
        """
        found = (one.id for one in self.records if one.holds(process, end, reached, routing))
        return next(found, "")

    def product_record(self, name: str) -> str:
        """The kind of record that something of the product is, by its name there; "" for none."""
        return next((one.id for one in self.records if one.product and one.product == name), "")

    def grounds_for(self, kind: str) -> tuple[LegalGround, ...]:
        """The grounds on which records of that kind of office may rest: no other is offered."""
        return tuple(one for one in self.grounds if one.binds(kind))

    def waited_for(self) -> frozenset[str]:
        """The fields of forms whose answer holds back what a rule destroys."""
        waits = {rule.not_before for rule in self.rules}
        return frozenset(key for one in self.moments if one.id in waits for key in one.answer)

    def in_force(self, rule: RetentionRule) -> tuple[date, date]:
        """First and last day on which a rule and its ground are both in force."""
        ground = self.ground(rule.ground)
        if ground is None:
            return date.max, date.min
        ends = [end for end in (rule.end, ground.end) if end is not None]
        return max(rule.start, ground.start), min(ends, default=date.max)

    def owners(self, kinds: Collection[str]) -> tuple[str, ...]:
        """Owners whose rules somebody decides: kinds of office out of those there are, and
        `house`.
        """
        named = {kind for rule in self.rules for kind in rule.owner}
        of_any = set(kinds) if ANY in named else set()
        return tuple(sorted((named - {ANY}) | of_any))

    def digest(self, kind: str) -> str:
        """What the signature for a kind of office is for: its rules, and all that they name."""
        rules = [rule for rule in self.rules if kind in rule.owner or ANY in rule.owner]
        return digest_of(kind, (*self._named_by(rules), *rules))

    def _named_by(
        self, rules: Collection[RetentionRule]
    ) -> Iterator[LegalGround | RecordKind | RetentionMoment]:
        yield from (one for one in self.grounds if any(one.id == rule.ground for rule in rules))
        yield from (one for one in self.records if any(one.id in rule.record for rule in rules))
        named = {id_ for rule in rules for id_ in (rule.counted, rule.not_before)}
        yield from (one for one in self.moments if one.id in named)


def read_retention(text: str) -> RetentionPlan:
    """Read `retention.toml`; an empty text is a plan by which nothing is ever erased.

    A key that means nothing is refused: a misspelt `unless` would erase what it was to keep.

    Raises:
        WrongTable: a row lacks something, names what the file does not have, or contradicts itself.
    """
    plan = read_table(text, RetentionPlan)
    for name, rows in (("ground", plan.grounds), ("record", plan.records), ("rule", plan.rules)):
        refuse_twice((row.id for row in rows), name)
    refuse_twice((row.id for row in plan.moments), "moment")
    for ground in plan.grounds:
        require_order(ground.start, ground.end, f"ground {ground.id}")
    for record in plan.records:
        _check_record(record, f"record {record.id}")
    for moment in plan.moments:
        _check_moment(moment, f"moment {moment.id}")
    for rule in plan.rules:
        _check_rule(plan, rule, f"rule {rule.id}")
    return plan


def _check_record(record: RecordKind, place: str) -> None:
    if bool(record.process) == bool(record.product):
        raise WrongTable("one_source", place, choices="process, product")
    if record.product:
        require_one_of(record.product, PRODUCT_RECORDS, place, "product")


def _check_moment(moment: RetentionMoment, place: str) -> None:
    if [bool(one) for one in (moment.product, moment.left, moment.answer)].count(True) != 1:
        raise WrongTable("one_source", place, choices="product, left, answer")
    if moment.product:
        require_one_of(moment.product, PRODUCT_MOMENTS, place, "product")
    elif moment.id in PRODUCT_MOMENTS:  # dates of a case are known by one name each
        raise WrongTable("of_product", place, name=moment.id)


def _check_rule(plan: RetentionPlan, rule: RetentionRule, place: str) -> None:
    require_order(rule.start, rule.end, place)
    require_one_of(rule.ground, [one.id for one in plan.grounds], place, "ground")
    for key, names, choices in (
        ("record", rule.record, [one.id for one in plan.records]),
        ("classes", rule.classes, CLASSES),
        ("unless", rule.unless, EXCEPTIONS),
        ("does", (rule.does,), ACTIONS),
    ):
        refuse_twice(names, place, key)
        for name in names:
            require_one_of(name, choices, place, key)
    refuse_twice(rule.owner, place, "owner")
    if rule.does == PRESERVE:
        _refuse_keys(rule, ("after", "counted", "every", "unless", "not_before"), place)
        return
    _check_moments(plan, rule, place)
    if read_period(rule.after) is None:
        raise WrongTable("period", place, "after", name=rule.after)
    if rule.does != REVIEW:
        _refuse_keys(rule, ("every",), place)
    elif rule.every and read_period(rule.every) in (None, RetentionPeriod(0, 0)):
        raise WrongTable("period", place, "every", name=rule.every)


def _check_moments(plan: RetentionPlan, rule: RetentionRule, place: str) -> None:
    moments = [one.id for one in plan.moments]
    require_one_of(rule.counted, moments, place, "counted")
    if rule.does != DESTROY:
        _refuse_keys(rule, ("not_before",), place)
    elif rule.not_before:
        require_one_of(rule.not_before, moments, place, "not_before")


def _refuse_keys(rule: RetentionRule, keys: Collection[str], place: str) -> None:
    """Refuse keys that mean nothing in a rule that does this."""
    for key in keys:
        if getattr(rule, key):
            raise WrongTable("unknown", place, name=key)


def _known(text: str) -> RetentionPeriod:
    period = read_period(text)
    if period is None:
        raise ValueError(text)
    return period


def _plain(value: object) -> str:
    """A routing value as the file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
