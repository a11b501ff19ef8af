"""The programme report as tables of texts: what the page, the terminal and the CSV file show.

A table is a title, the heads of its columns and rows of texts; the first cell of a row names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from service.access import Viewer
from service.audit.reporting.durations import DurationFigures
from service.audit.reporting.open_figures import OpenFigures, is_task
from service.casework.cases import progress
from service.casework.history.promises import promise_text
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.release.programme.vocabulary import STATION
from service.store.at_hand import AtHand, Read
from service.store.installation import offices
from service.text import say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 2 * DAY
"""Below this a duration is written in hours."""
NONE = "–"


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table. `empty` is the sentence that stands in its place when it has no row."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    empty: str = ""


def reads_of_texts(services: Services) -> list[Read]:
    """What `ReportTexts` reads."""
    return [services.read_of_current, (offices.DIRECTORY, {})]


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """Makes the tables of some figures for one reader; the releases of these are ready then."""

    at_hand: AtHand
    services: Services
    viewer: Viewer
    figures: OpenFigures
    release: PreparedRelease
    """The release in force: the order of the steps."""
    now: datetime

    def t(self, key: str, **facts: object) -> str:
        return say(f"report.{key}", self.viewer.lang, **facts)

    def tables(self) -> list[ReportTable]:
        """All open tables, in the order of the page."""
        return [
            self.table(
                "roles", ("role", "times", "median", "waiting", "late", "since"), self.roles()
            ),
            self.table(
                "stations", ("station", "times", "median", "most", "longest"), self.stations()
            ),
            self.table(
                "steps",
                ("step", "role", "times", "median", "most", "longest", "waiting", "late"),
                self.steps(),
            ),
            self.table("ends", ("end", "cases"), self.ends()),
            self.table("outcomes", ("outcome", "cases"), self.outcomes()),
            self.table(
                "referrals", ("office", "got", "answered", "median", "most"), self.referrals()
            ),
            self.table("costs", ("cost", "state", "cases", "amount"), self.costs()),
            self.table("promises", ("promise", "broken", "of"), self.promises()),
        ]

    def table(self, id_: str, heads: Sequence[str], rows: Iterator[tuple[str, ...]]) -> ReportTable:
        return ReportTable(
            id_,
            self.t(f"{id_}_title"),
            tuple(self.t(f"head_{head}") for head in heads),
            tuple(rows),
            self.t(f"{id_}_note"),
            self.t("no_rows"),
        )

    def steps(self) -> Iterator[tuple[str, ...]]:
        """Steps that people do, in the order of the diagram."""
        for id_ in self.people_steps():
            took = self.figures.steps.get(id_)
            now = [one for one in self.figures.waiting if one.element == id_]
            yield (
                self.step(id_),
                self.role(id_),
                str(took.number if took is not None else 0),
                *self.spans(took),
                str(sum(one.tasks for one in now)),
                str(sum(one.late for one in now)),
            )

    def people_steps(self) -> list[str]:
        """Tasks of people that were begun, by stage and then as the release in force draws them."""
        main = self.release.definitions[self.services.programme.process]
        stages = self.services.configuration(self.release).vocabulary.stages
        rank = {stage: n for n, stage in enumerate(stages)}
        place = {
            id_: (rank.get(progress.stages(main).get(id_, ""), len(rank)), n)
            for n, id_ in enumerate(main.elements)
        }
        begun = [
            id_
            for id_, (_, element) in self.figures.elements.items()
            if is_task(element) and self.figures.passed.get(id_)
        ]
        return sorted(begun, key=lambda id_: place.get(id_, (len(rank), len(place))))

    def roles(self) -> Iterator[tuple[str, ...]]:
        """Whom the cases wait for: what waits now, and how long tasks usually take."""
        by_role: dict[str, list[str]] = {}
        for id_ in self.people_steps():
            by_role.setdefault(self.figures.elements[id_][1].roles[0], []).append(id_)
        for role, steps in by_role.items():
            took = self.figures.roles.get(role)
            now = [one for one in self.figures.waiting if one.role == role]
            since = min((one.since for one in now), default=None)
            yield (
                self.role(steps[0]),
                str(took.number if took is not None else 0),
                self.spans(took)[0],
                str(sum(one.tasks for one in now)),
                str(sum(one.late for one in now)),
                self.span(self.now - since) if since is not None else NONE,
            )

    def stations(self) -> Iterator[tuple[str, ...]]:
        """Stations that were left, in the order of the programme."""
        for id_ in self.services.configuration(self.release).vocabulary.ids(STATION):
            if took := self.figures.stations.get(id_):
                name = self.services.word(STATION, id_, self.viewer.lang)
                yield name, str(took.number), *self.spans(took)

    def ends(self) -> Iterator[tuple[str, ...]]:
        """Ends of the diagram that cases reached, the most frequent first."""
        for id_, number in sorted(self.figures.ends.items(), key=lambda pair: (-pair[1], pair[0])):
            yield self.step(id_), str(number)

    def outcomes(self) -> Iterator[tuple[str, ...]]:
        """Groups of results, in the order of the form; last the cases that ended without one."""
        field, labels = self.services.programme.report.outcome, dict[str, str]()
        for form in self.release.forms.values():
            for one in form.fields:
                if one.key == field and not labels:
                    labels = {o.value: form.say(o.label, self.viewer.lang) for o in one.options}
        found = dict(self.figures.outcomes)
        without = found.pop("", 0)
        for value in (*labels, *sorted(found.keys() - labels.keys())):
            if value in found:
                yield labels.get(value, value), str(found[value])
        if without:
            yield self.t("no_outcome"), str(without)

    def referrals(self) -> Iterator[tuple[str, ...]]:
        """Offices that got referrals, by name."""
        known = offices.everyone(self.at_hand)
        rows = [
            (
                known[id_].name if id_ in known else id_,
                str(number),
                str(took.number if took is not None else 0),
                *self.spans(took)[:2],
            )
            for id_, (number, took) in self.figures.referrals.items()
        ]
        yield from sorted(rows)

    def costs(self) -> Iterator[tuple[str, ...]]:
        """Open amounts by kind, state and currency."""
        kinds = self.services.configuration(self.release).money_kinds
        lang = self.viewer.lang
        for one in self.figures.costs:
            name = kinds.get(one.kind, {}).get(lang, one.kind)
            state = say(f"money.{one.state}", lang)
            amount = amount_text(one.amount, lang)
            yield name, state, str(one.cases), f"{amount} {one.currency}"

    def promises(self) -> Iterator[tuple[str, ...]]:
        """Promises of the releases that the cases ran on, each with how many broke it."""
        for one in self.figures.promises:
            text = next(self._promise_texts(one.promise.text), one.promise.text)
            yield text[:1].upper() + text[1:], str(one.broken), str(one.cases)

    def _promise_texts(self, text: str) -> Iterator[str]:
        """A promise in words, by the newest release that makes it."""
        used = dict.fromkeys(id_ for id_, _ in self.figures.elements.values())
        for release in (self.release, *(self.services.release(self.at_hand, id_) for id_ in used)):
            definition = release.definitions[self.services.programme.process]
            for promise in definition.promises:
                if promise.text == text:
                    yield promise_text(release, definition, promise, self.viewer.lang)

    def step(self, id_: str) -> str:
        """The name of an element; its id when it has none."""
        known = self.figures.elements.get(id_)
        return element_name(known[1], self.viewer.lang) if known is not None else id_

    def role(self, id_: str) -> str:
        """The name of the role of a step."""
        release_id, element = self.figures.elements[id_]
        release = self.services.release(self.at_hand, release_id)
        return release.role_name(element.roles[0], self.viewer.lang)

    def spans(self, took: DurationFigures | None) -> tuple[str, str, str]:
        """Median, 90th percentile and longest in words."""
        if took is None:
            return NONE, NONE, NONE
        return self.span(took.median), self.span(took.most), self.span(took.longest)

    def span(self, time: timedelta | None) -> str:
        """A duration in words, in the unit that suits it."""
        return span_text(time, self.viewer.lang)


def amount_text(amount: Decimal, lang: str) -> str:
    """An amount with two decimals."""
    text = f"{amount:.2f}"
    return text.replace(".", ",") if lang == "sv" else text


def span_text(time: timedelta | None, lang: str) -> str:
    """A duration as "20 min", "5 h" or "3.5 days"."""
    if time is None:
        return NONE
    if time < HOUR:
        return say("report.minutes", lang, n=round(time / timedelta(minutes=1)))
    if time < HOURS:
        return say("report.hours", lang, n=round(time / HOUR))
    days = f"{time / DAY:.1f}".removesuffix(".0")
    return say("report.days", lang, n=days.replace(".", ",") if lang == "sv" else days)
