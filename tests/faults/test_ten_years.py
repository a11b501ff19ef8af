"""Ten years of the shipped plan on a real database: nothing is kept more than a day too long,
nothing goes early, and nothing under a hold.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count, product
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import pytest

from service.access import CLASSES, Viewer
from service.casework.cases.continuation import EndedCase, link_cases
from service.casework.retention import due_runs, holds, retention_tasks
from service.casework.retention.open_matters import load_open_matters
from service.clock import SetClock
from service.records.context import Actor
from service.release.bundle import Bundle
from service.release.programme.retention_rules import (
    DESTROY,
    PRESERVE,
    RetentionPlan,
    RetentionRule,
)
from service.security.keyring import Keyring
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import keys, offices
from service.worker.retention import run_retention
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import BOARD, HELSINKI, ROLE, Directory, OfficePlan, PersonPlan
from tests.support.plans import FILE, oracle_day, shipped_plan, signed
from tests.support.scale import figure, seeded
from tests.support.world import World, open_world, shipped

CASES: Final = 60
"""Of one installation: a year of the programme, and what a year brings besides."""
INSTALLATIONS: Final = figure("years") // CASES
FIRST, LAST_END, LAST = date(2026, 1, 5), date(2028, 12, 31), date(2038, 12, 31)
"""Cases end within three years, and time goes on for ten more: what goes after ten years has had
its turn, and the path of what went first.
"""
APART: Final = 17
"""Days between two on which people work."""
REOPENS: Final = (*(timedelta(days=n) for n in (0, 200, 500, 1500)),)
"""How long after its end a case may be continued."""
STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
MORNING: Final = time(0, 30)
"""When the worker runs, where rules run."""
OFFICES: Final = {
    one.id: one
    for one in (
        OfficePlan(BOARD, "Board", "MYNDIGHET"),
        OfficePlan(HELSINKI, "Helsinki", "IOM_MISSION", "Europe/Helsinki"),
        OfficePlan("iom-abuja", "Abuja", "IOM_MISSION", "Africa/Lagos"),
        OfficePlan("bangkok", "Bangkok", "PARTNER_ABROAD", "Asia/Bangkok"),
        OfficePlan("lagos", "Lagos", "PARTNER_ABROAD", "Africa/Lagos"),
        *(
            OfficePlan(kind.lower(), kind, kind)
            for kind in (
                *("DRIFT", "MIGRATIONSVERKET", "NGO", "POLIS", "REGIONKOORDINATOR", "REVISION"),
                *("SOCIALTJANST", "TELEFON"),
            )
        ),
    )
}
KINDS: Final = sorted({one.kind for one in OFFICES.values()})
DIRECTORY: Final = Directory(
    tuple(OFFICES.values()), tuple(PersonPlan(id_, id_, (ROLE,)) for id_ in OFFICES)
)
CHOICES: Final = ("YES", "NO", "MORE", "FEEDBACK", "NOTHING")
"""What an entry answers: YES approves, and NO ends the case."""
YES_NO: Final = [{"label": "Ja", "value": True}, {"label": "Nej", "value": False}]
NEXT: Final = {
    **small.field("nextOffice", "select", "C0"),
    "properties": {"class": "C0", "as": "office", "binds": ROLE},
}
"""Which office makes the next entry."""
BEGINS: Final = small.form(
    "begins",
    {
        **small.field("isMinor", "radio", "C0", values=YES_NO),
        "properties": {"class": "C0", "routing": "yes", "as": "yesno"},
    },
    small.field("approxBirthYear", "number", "C2"),
    *(
        {
            **small.field(key, "textfield", klass),
            "properties": {"class": klass, "as": "date"},
        }
        for key, klass in (("dateOfBirth", "C2"), ("contactKeptUntil", "C0"))
    ),
    NEXT,
    *small.TEXTS,
)
ENTRY: Final = small.form(
    "ask",
    {**small.CHOICE, "values": [{"label": one.title(), "value": one} for one in CHOICES]},
    NEXT,
    *small.TEXTS,
)
PARTIES: Final = f"""
[[party]]
role = "{ROLE}"
when = "start"
to = "starter"
[[party]]
role = "{ROLE}"
when = "nextOffice"
to = "answer"
"""
TEXTS: Final = {"note": ["Ringer."], "contact": ["telefon"], "place": ["Mottagningen"]}
LOOP: Final = 's_{0}>m_{0} m_{0}>a_{0} a_{0}>x_{0} x_{0}>m_{0}* x_{0}>e_{0}[answer = "NO"]'
NOTIFIED, FORWARDED, NOTHING = "Svc_NotifyIomHelsinki", "Task_ForwardFeedback", "End_NothingFound"
PROCESSES: Final = ("return_case", "consultation", "returnee_says", "complaint")


def signed_release(plan: RetentionPlan) -> Bundle:
    """Small processes with the names that the shipped plan knows, and that plan, signed for all."""
    return Bundle(
        {
            **small.bundle(*(diagram(name) for name in PROCESSES)).files,
            "forms/ask.form": ENTRY,
            "forms/begins.form": BEGINS,
            "workflows/config/types.toml": (
                small.TYPES.replace('"YES", "NO"', ", ".join(f'"{one}"' for one in CHOICES))
                + '[isMinor]\ntype = "boolean"\nclass = "C0"\n'
            ).encode(),
            "workflows/config/parties.toml": PARTIES.encode(),
            FILE: signed(shipped().text(FILE), *plan.owners(KINDS)).encode(),
        }
    )


def diagram(name: str) -> bytes:
    """A process of entries by whoever makes them, until one ends it; with the elements that the
    plan names.
    """
    begins = d.ext(f'<zeebe:formDefinition formId="begins"/>{d.props(roles=ROLE)}')
    body, way = d.start(f"s_{name}", begins) + d.xor(f"m_{name}"), LOOP.format(name)
    body += small.person(f"a_{name}", "ask") + d.xor(f"x_{name}") + d.end(f"e_{name}")
    if name == "return_case":
        for element, answer in ((NOTIFIED, "YES"), (FORWARDED, "FEEDBACK")):
            body += small.person(element)
            way += f' x_{name}>{element}[answer = "{answer}"] {element}>m_{name}'
    if name == "returnee_says":
        body += d.end(NOTHING)
        way += f' x_{name}>{NOTHING}[answer = "NOTHING"]'
    return d.document(d.process(name, body, way))


@dataclass
class Life:
    """A case: what is done in it, and what is true of it for whoever counts days by hand."""

    process: str
    record: str
    minor: bool
    born: date
    """Of whom the year alone is known, its last day."""
    her_day: date | None
    entries: list[tuple[datetime, str, str]]
    """When, by which office, and what is answered; the first begins it and the last ends it."""
    reopens: timedelta | None = None
    """How long after its end somebody continues it."""
    continues: Life | None = None
    held: bool = False
    """Whether it is held by orders when something falls due."""
    id: str = ""
    reopened: datetime | None = None
    blocked: list[tuple[datetime, datetime]] = field(default_factory=list)
    """From when until when it is held."""

    @property
    def ended(self) -> datetime:
        return self.entries[-1][0]

    @property
    def offices(self) -> set[str]:
        return {office for _, office, _ in self.entries}

    @property
    def is_year_alone(self) -> bool:
        return self.born == date(self.born.year, 12, 31)

    def moment(self, name: str, office: str) -> date | datetime | None:
        """A moment of the plan."""
        if name == "written":
            return max(at for at, by, _ in self.entries if by == office)
        feedback = [at for at, _, answer in self.entries if answer == "FEEDBACK"]
        known = {"case_end": self.ended, "birth": self.born, "her_day": self.her_day}
        return {**known, "last_feedback": feedback[-1] if feedback else None}[name]


def lives(number: int, lots: random.Random) -> Iterator[Life]:
    """Cases of every kind of record."""
    days = [FIRST + timedelta(days=n) for n in range(0, (LAST_END - FIRST).days, APART)]
    for n in range(number):
        process = PROCESSES[0] if n % 10 < 7 else PROCESSES[n % 10 - 6]
        last = lots.randrange(2, len(days))
        yield life(process, days[max(0, last - 12) : last + 1], lots)


def life(process: str, days: list[date], lots: random.Random) -> Life:
    """A case that begins and ends on the first and the last of some days."""
    acts = ["MORE"] * lots.randint(0, 3)
    record = {"consultation": "consultation", "complaint": "complaint"}.get(process, "call")
    minor, end = lots.random() < 0.4, "NO"
    if process == "return_case":
        approved = lots.random() < 0.75
        acts += ["YES"] * approved + ["FEEDBACK"] * lots.randint(0, 2)
        record = ("child_case_file" if minor else "case_file") if approved else "case_not_approved"
    elif process == "returnee_says" and lots.random() < 0.5:
        record, end = "call_not_found", "NOTHING"
    between = sorted(lots.choices(days[1:-1], k=len(acts)))
    hours = [time(lots.randrange(6, 20), lots.randrange(60), tzinfo=UTC) for _ in days]
    when = [days[0], *between, days[-1]]
    offices = lots.sample([*OFFICES], lots.randint(2, 4))
    moments = sorted(datetime.combine(day, lots.choice(hours)) for day in when)
    return Life(
        process,
        record,
        minor,
        date(2000 + lots.randrange(18), *lots.choice(((1, 15), (5, 1), (2, 28), (12, 31)))),
        days[-1] + timedelta(days=30 * lots.randint(0, 60)) if lots.random() < 0.4 else None,
        [
            (at, lots.choice(offices), answer)
            for at, answer in zip(moments, ["", *acts, end], strict=True)
        ],
        reopens=lots.choice(REOPENS) if process == "return_case" and lots.random() < 0.25 else None,
        held=lots.random() < 0.3,
    )


Pair: TypeAlias = tuple[str, str]
"""Office and class; "" and `path` for the path."""
Gone: TypeAlias = Mapping[Pair, RetentionAct]


class Years:
    """The course of time: people and the worker, each on their day."""

    def __init__(self, desk: World, plan: RetentionPlan, lots: random.Random) -> None:
        self.desk, self.plan, self.lots = desk, plan, lots
        self.worker = desk.worker()
        self.lives: dict[str, Life] = {}
        self.people: list[tuple[datetime, int, Callable[[], None]]] = []
        self.due = defaultdict[date, set[str]](set)
        """Day to the cases that are to be asked again after the worker ran on it."""
        self.count = count()
        self.runs = self.answered = 0

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self.people, (moment, next(self.count), act))

    def live(self) -> None:
        """Let time pass until the last day."""
        while True:
            run = morning_of(min(self.due, default=LAST + timedelta(days=1)))
            if self.people and self.people[0][0] <= run:
                moment, _, act = heapq.heappop(self.people)
            else:
                moment, act = run, self.work
            if moment > morning_of(LAST):
                break
            self.desk.clock.set(moment)
            act()

    @property
    def now(self) -> datetime:
        return self.desk.clock.now()

    def ask_after(self, case: str, moment: datetime) -> None:
        """Let the worker run on the morning after a moment, and ask then when something falls
        due.
        """
        self.due[next_run(moment).date()].add(case)

    # ---- people

    def plan_life(self, one: Life) -> None:
        self.at(one.entries[0][0], lambda: self.begin(one))
        for n, (moment, _, _) in enumerate(one.entries[1:], 1):
            self.at(moment, partial(self.enter, one, n))

    def begin(self, one: Life) -> None:
        known, year = one.born.isoformat(), str(one.born.year)
        typed = {
            "isMinor": [str(one.minor).lower()],
            **({"approxBirthYear": [year]} if one.is_year_alone else {"dateOfBirth": [known]}),
            "contactKeptUntil": [one.her_day.isoformat()] if one.her_day else [],
            "nextOffice": [one.entries[1][1]],
            **TEXTS,
        }
        by, before = one.entries[0][1], one.continues
        one.id = self.desk.start(typed, by=by, element=f"s_{one.process}").case_id
        self.lives[one.id] = one
        if before is None or self.desk.case(before.id).kind == cases.PATH:
            return  # nobody can name one of which nothing is left
        services = self.desk.program.services
        with self.desk.database.transaction() as tx:
            new, old = (
                EndedCase(id_, services.key(tx, f"case:{id_}")) for id_ in (one.id, before.id)
            )
            link_cases(tx, by=Actor(f"p_{by}", by), new=new, old=old, now=self.now)
        before.reopened = self.now
        before.blocked.append((self.now, one.ended))

    def enter(self, one: Life, number: int) -> None:
        _, office, answer = one.entries[number]
        following = [by for _, by, _ in one.entries[number + 1 : number + 2]]
        typed = {"answer": [answer], "nextOffice": following, **TEXTS}
        self.desk.do(one.id, f"a_{one.process}", typed, by=office)
        for task in self.desk.tasks(one.id):
            if task.element in (NOTIFIED, FORWARDED):
                self.desk.complete(task.key, TEXTS, by=following[0])
        if one.ended != self.now:
            return
        self.ask_after(one.id, self.now)
        if one.continues is not None and one.continues.reopened:
            self.ask_after(one.continues.id, self.now)
        if one.reopens is not None:
            self.plan_reopening(one, self.now + timedelta(hours=1) + one.reopens)
        if one.held:
            self.plan_holds(one)

    def plan_reopening(self, one: Life, again: datetime) -> None:
        days = [again.date() + timedelta(days=APART * n) for n in range(4)]
        new = life(one.process, days, self.lots)
        new.entries[0] = (again, one.entries[-1][1], "")
        new.continues, new.reopens = one, None
        self.plan_life(new)

    def plan_holds(self, one: Life) -> None:
        """Orders that hold it when something of it would go, one after the other."""
        pairs = product(sorted(one.offices), CLASSES)
        firsts = {self.first(one, office, klass) for office, klass in pairs}
        known = sorted(first for first in firsts if first is not None)
        for first in self.lots.sample(known, min(2, len(known))):
            for n in range(self.lots.randint(1, 4)):
                begins = first + timedelta(days=25 * n - 10, hours=self.lots.randrange(20))
                if begins > self.now:
                    self.at(begins, lambda: self.hold(one))

    def hold(self, one: Life) -> None:
        by, until = min(one.offices), self.now + timedelta(days=30)
        with self.desk.database.transaction() as tx:
            holds.set_hold(
                *(tx, self.desk.program.services),
                by=Actor(f"p_{by}", by),
                now=self.now,
                case_id=one.id,
                until=until,
                reason="Inspection",
            )
        one.blocked.append((self.now, until))
        self.ask_after(one.id, until)

    # ---- the worker

    def work(self) -> None:
        """The worker runs; then offices answer, and what it did is asked when it falls due next."""
        day = self.now.astimezone(STOCKHOLM).date()
        run_retention(self.worker, self.now)
        self.runs += 1
        self.answer()
        services = self.desk.program.services
        with self.desk.database.transaction(write=False) as tx:
            matters, directory = load_open_matters(tx, services), offices.everyone(tx)
            for case in sorted(self.due.pop(day)):
                found = cases.get(tx, case)
                if found is None:
                    continue  # its path is gone
                rows = due_runs.of_case(
                    *(tx, services, self.plan, found, directory, self.now),
                    ahead=due_runs.FAR,
                    matters=matters,
                )
                if rows:
                    self.due[max(rows[0].day, day + timedelta(days=1))].add(case)

    def answer(self) -> None:
        """Offices answer what waits for them; some not before the next time."""
        with self.desk.database.transaction(write=False) as tx:
            waiting = retention_acts.waiting(tx)
        for row in waiting:
            if self.lots.random() < 0.8:
                officer = Viewer(
                    f"p_{row.office_id}", row.office_id, frozenset({ROLE, "records-officer"})
                )
                with self.desk.database.transaction() as tx:
                    retention_tasks.answer_task(
                        *(tx, self.desk.program.services, officer, self.now),
                        act=row.id,
                        reason="Needed",
                        receipt=retention_tasks.ArchiveReceipt("Archive", "1"),
                    )
                self.answered += 1

    # ---- who counts by hand

    def first(self, one: Life, office: str, klass: str) -> datetime | None:
        """The first moment at which a class of an office may go, by the rows of the plan alone."""
        kind, zone = OFFICES[office].kind, ZoneInfo(OFFICES[office].zone)
        mine = [
            rule
            for rule in self.plan.rules
            if one.record in rule.record and kind in rule.owner and klass in rule.classes
        ]
        goes = [rule for rule in mine if rule.does == DESTROY]
        if not goes or any(rule.does == PRESERVE for rule in mine):
            return None
        lasts = [last_day(rule, one, office, zone) for rule in goes]
        day = max(lasts) + timedelta(days=1)
        first = after_holds(one, max(datetime.combine(day, time(), zone), one.ended))
        excepts = any("reopened" in rule.unless for rule in goes)
        never = excepts and one.reopened is not None and one.reopened <= next_run(first)
        return None if never else first


def last_day(rule: RetentionRule, one: Life, office: str, zone: ZoneInfo) -> date:
    """The last day of a rule's period, or the day that was asked for."""
    start = one.moment(rule.counted, office)
    assert start is not None
    last = oracle_day(rule, day_in(start, zone))
    asked = one.moment(rule.not_before, office) if rule.not_before else None
    return max(last, day_in(asked, zone)) if asked is not None else last


def after_holds(one: Life, first: datetime) -> datetime:
    """The first moment from another on at which nothing holds a case when the worker runs next."""
    for begins, until in sorted(one.blocked):
        if begins <= next_run(first) < until:
            first = until
    return first


def day_in(when: date | datetime, zone: ZoneInfo) -> date:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def morning_of(day: date) -> datetime:
    return datetime.combine(day, MORNING, STOCKHOLM)


def next_run(moment: datetime) -> datetime:
    """The first morning on which the worker runs, from a moment on."""
    morning = morning_of(day_in(moment, STOCKHOLM))
    return morning if morning >= moment else morning_of(morning.date() + timedelta(days=1))


def wanted(years: Years, one: Life, gone: Gone) -> dict[Pair, datetime | None]:
    """Everything that was kept of a case to the first moment at which it may go; None for never.
    Once all else is gone, its path too.
    """
    if one.ended > years.now:
        return {}
    kept = {
        (office, klass): years.first(one, office, klass)
        for office, klass in product(one.offices, CLASSES)
    }
    if kept.keys() <= gone.keys():
        day = day_in(max(gone[pair].at for pair in kept), STOCKHOLM)
        rule = next(one for one in years.plan.rules if one.counted == "erased")
        after = oracle_day(rule, day) + timedelta(days=1)
        kept["", cases.PATH] = after_holds(one, datetime.combine(after, time(), STOCKHOLM))
    return kept


def faults_of(one: Life, act: RetentionAct | None, first: datetime | None, now: datetime) -> str:
    """What is wrong with how long something of a case was kept; "" for nothing."""
    if act is not None:
        if any(begins <= act.at < until for begins, until in one.blocked):
            return "held"
        if first is None or act.at < first:
            return "early"
    day = day_in(act.at if act else now, STOCKHOLM)  # one of them has 25 hours
    is_late = first is not None and day - day_in(first, STOCKHOLM) > timedelta(days=1)
    return "late" if is_late else ""


def look(years: Years) -> tuple[Counter[str], list[str]]:
    """How much went of each class, and what is wrong."""
    went, wrong = Counter[str](), list[str]()
    for one in years.lives.values():
        with years.desk.database.transaction(write=False) as tx:
            acts = [act for act in retention_acts.of_case(tx, one.id) if act.does == DESTROY]
            there = {(key.office_id, key.klass) for key in keys.of_case(tx, one.id)}
        gone = {(act.office_id, klass): act for act in acts for klass in act.classes}
        went.update(klass for _, klass in gone)
        expected = wanted(years, one, gone)
        for pair in expected.keys() | gone.keys():
            act, first = gone.get(pair), expected.get(pair)
            fault = faults_of(one, act, first, years.now)
            if pair[1] in CLASSES and (pair in there) is (act is not None):
                fault = "its key"
            if fault:
                wrong.append(f"{fault}: {pair} of a {one.record}, {first}, {act}, {one}")
    return went, wrong


@pytest.mark.parametrize("seed", range(INSTALLATIONS))
def test_in_ten_years_nothing_is_kept_too_long_and_nothing_goes_early(
    database_url: str, keyring: Keyring, seed: int
) -> None:
    plan = shipped_plan()
    first = datetime.combine(FIRST, time(), UTC)
    with seeded(seed):
        lots = random.Random(seed)  # noqa: S311 - the same cases each time
        desk = open_world(
            *(database_url, keyring, signed_release(plan)),
            directory=DIRECTORY,
            clock=SetClock(first),
        )
        years = Years(desk, due_plan(desk), lots)
        for one in lives(CASES, lots):
            years.plan_life(one)
        years.live()
        went, wrong = look(years)
        assert wrong == []
        assert min(went[klass] for klass in CLASSES) > CASES // 2
        assert went[cases.PATH]
        assert years.answered > CASES // 2
        assert any(one.reopened is not None for one in years.lives.values())
        assert desk.faults() == []
        desk.database.close()


def due_plan(desk: World) -> RetentionPlan:
    with desk.database.transaction(write=False) as tx:
        return due_runs.current_plan(tx, desk.program.services)
