"""View model of the work of a plan: how far it is, and why some cases were left, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.engine import Definition
from service.people import accounts
from service.records.context import Services
from service.release.labels import element_name, localized_name
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch
from service.text import known, move_text, say
from service.workshop.migrations import migration_runs
from service.workshop.migrations.plans import MigrationPlan, load_plan

LEFT: Final = 50
"""Cases that were left, each with its reason, that a page names."""
JOINS: Final = frozenset({"parallelGateway", "inclusiveGateway"})
"""Kinds of elements at which a token waits for others; most have no name."""
OVER: Final = ("moved", "put_back", "stayed")
"""Verdicts of cases about which there is nothing to say."""


@dataclass(frozen=True, slots=True)
class LeftCase:
    """A case that was left as it is, and why."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunText:
    """Work of a plan over its cases, in words."""

    id: str
    kind: str
    state: str
    total: int
    done: int
    at: datetime
    ended: datetime | None
    by: str
    counts: Mapping[str, int]
    left: tuple[LeftCase, ...]
    ended_why: str

    @property
    def runs(self) -> bool:
        """Whether it goes on now."""
        return self.state == batches.RUNNING


@dataclass(frozen=True, slots=True)
class DrawnNames:
    """Names of what some definitions draw, in one language."""

    definitions: tuple[Definition, ...]
    lang: str

    def said(self, code: str, message: str, facts: Mapping[str, object]) -> str:
        """What the engine says, with the names of the reader's language."""
        renamed = {key: self.renamed(str(value)) for key, value in facts.items()}
        for key, word in renamed.items():
            if word != facts[key]:
                message = message.replace(str(facts[key]), word)
        sentence = move_text(code, message, renamed, self.lang)
        return sentence[:1].upper() + sentence[1:]

    def renamed(self, word: str) -> str:
        """A drawn Swedish name in the reader's language, and a name for what has none."""
        for definition in self.definitions:
            if word in definition.elements:
                return self.name(word)
            for drawn in definition.elements.values():
                if drawn.names.get("sv") == word:
                    return element_name(drawn, self.lang)
            for names in definition.names.values():
                if names.get("sv") == word:
                    return localized_name(names, self.lang)
        return word

    def name(self, element: str) -> str:
        """The name of an element, by its kind where it has none."""
        drawn = next((d.elements[element] for d in self.definitions if element in d.elements), None)
        if drawn is None:
            return element
        kind = "migrate.join" if drawn.kind in JOINS else f"element.{drawn.kind}"
        if not localized_name(drawn.names, self.lang) and known(kind):
            return say(kind, self.lang)
        return element_name(drawn, self.lang)


def load_work(tx: Tx, services: Services, viewer: Viewer, plan_id: str) -> tuple[RunText, ...]:
    """The newest trial, move and undoing of a plan, the newest first.

    Raises:
        NotAllowed: the viewer may not read processes.   NotFound: there is no such plan.
    """
    plan = load_plan(tx, viewer, plan_id)
    newest = [
        rows[0] for kind in migration_runs.WORK if (rows := batches.of_subject(tx, kind, plan.id))
    ]
    people = accounts.names(tx, services, {row.by for row in newest})
    names = drawn_names(tx, services, plan, viewer.lang)
    newest.sort(key=migration_runs.in_time, reverse=True)
    return tuple(_run_text(tx, row, people.get(row.by, ""), names, viewer.barred) for row in newest)


def _run_text(tx: Tx, row: Batch, by: str, names: DrawnNames, barred: Collection[str]) -> RunText:
    """Work of a plan in words, with the cases that were left and why."""
    counts = batches.counts(tx, row.id)
    verdicts = [verdict for verdict in counts if verdict and verdict not in OVER]
    left = batches.of_batch(tx, row.id, verdicts=verdicts, limit=LEFT) if verdicts else []
    # who has gone on since the plan is planned anew, and comes last
    there = [case for case in left if case.case_id not in barred]
    ordered = sorted(there, key=lambda case: (case.verdict == migration_runs.ANEW, case.position))
    why = f"migrate.ends_{row.detail.get('reason', '')}"
    return RunText(
        id=row.id,
        kind=row.kind,
        state=row.state,
        total=row.total,
        done=row.done,
        at=row.at,
        ended=row.ended_at,
        by=by,
        counts={verdict: n for verdict, n in counts.items() if verdict},
        left=tuple(
            LeftCase(case.ref, left_reason(case.verdict, case.detail, names)) for case in ordered
        ),
        ended_why=say(why, names.lang) if known(why) else "",
    )


def left_reason(verdict: str, detail: Mapping[str, Any], names: DrawnNames) -> str:
    """Why a case was left as it is, in words.

    Args:
        detail: of its outcome.
    """
    if problems := detail.get("problems"):
        texts = (names.said(one["code"], one["message"], one["facts"]) for one in problems)
        return " ".join(texts)
    if why := detail.get("why"):
        return say(f"migrate.why_{why}", names.lang)
    return say(f"migrate.left_{verdict}", names.lang)


def drawn_names(tx: Tx, services: Services, plan: MigrationPlan, lang: str) -> DrawnNames:
    """The names of what the releases of a plan draw; those of cases that have moved among them."""
    process = services.programme.process
    sources = [plan.source] if plan.source else [row.id for row in releases.of_process(tx, process)]
    drawn = dict.fromkeys([plan.target, *sources])
    found = (services.release(tx, id_).definitions for id_ in drawn)
    return DrawnNames(tuple(one[process] for one in found if process in one), lang)
