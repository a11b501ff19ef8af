"""Why a task is there, and what became of it, told from the facts: who did what before, which rule
row or gateway led here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.actions.people import accounts
from service.actions.releases.labels import element_name
from service.engine import Expression, FeelError
from service.store.casefile import facts
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import known, say


@dataclass(frozen=True)
class TurnExplainer:
    """Tells about turns of one case to one reader."""

    visibility: CaseVisibility
    names: Mapping[str, str]
    places: Mapping[str, str]
    newest: Mapping[str, GivenAnswer]

    def did(self, fact: facts.Fact) -> str:
        """One sentence: who did what, and when."""
        key = f"why.{fact.kind}"
        return say(
            key if known(key) else "why.other",
            self.visibility.viewer.lang,
            who=self.names.get(fact.actor) or say("word.somebody", self.visibility.viewer.lang),
            office=self.places.get(fact.office, ""),
            task=self.name(fact.element),
            date=fact.at.astimezone(ZoneInfo(self.visibility.viewer.zone)).strftime(
                "%Y-%m-%d %H:%M"
            ),
        )

    def name(self, element: str) -> str:
        """An element's name."""
        found = self.visibility.definition.elements.get(element)
        return element_name(found, self.visibility.viewer.lang) if found is not None else element

    def led(self, fact: facts.Fact) -> list[str]:
        """Rules and gateways of a turn, as far as what they rest on may be seen."""
        told = []
        for what, element, _, detail in fact.steps:
            place = self.visibility.definition.elements.get(element)
            if place is None:
                continue
            if (
                what == "decided"
                and place.result
                and self.visibility.see_name(place.result, self.newest)
            ):
                rows = ", ".join(str(d) for d in detail[1:]) or "–"
                told.append(
                    say(
                        "replay.decided",
                        self.visibility.viewer.lang,
                        rule=self.name(element),
                        rows=rows,
                    )
                )
            elif what == "took" and place.kind.endswith("Gateway") and detail:
                told += self._chose(element, str(detail[0]))
        return told

    def _chose(self, gateway: str, way: str) -> list[str]:
        definition = self.visibility.definition
        flow = definition.flows.get(way)
        label = (
            (flow.names.get(self.visibility.viewer.lang) or flow.names.get("sv", ""))
            if flow is not None
            else ""
        )
        ways = [
            definition.flows[id_].condition
            for id_ in definition.elements[gateway].outgoing
            if id_ in definition.flows
        ]
        if not label or not all(
            self.visibility.see_name(name, self.newest)
            for text in ways
            for name in reads(text, definition.types)
        ):
            return []
        return [
            say("replay.chose", self.visibility.viewer.lang, gateway=self.name(gateway), way=label)
        ]


def reads(condition: str, names: Mapping[str, object]) -> frozenset[str]:
    """The routing names that a flow's condition reads."""
    text = condition.removeprefix("=").strip()
    try:
        return Expression(text, list(names)).reads if text else frozenset()
    except FeelError:
        return frozenset(names)


def load_turn_explainer(
    tx: Tx,
    services: Services,
    visibility: CaseVisibility,
    newest: Mapping[str, GivenAnswer],
    about: Sequence[facts.Fact],
) -> TurnExplainer:
    """Somebody who can tell about these turns."""
    names = accounts.names(tx, services, {fact.actor for fact in about})
    return TurnExplainer(visibility, names, offices.names(tx), newest)


def opened_by(history: Sequence[facts.Fact], element: str, nth: int) -> facts.Fact | None:
    """The turn that brought a task."""
    return _turned(history, element, nth, opened=True)


def closed_by(history: Sequence[facts.Fact], element: str, nth: int) -> facts.Fact | None:
    """The turn that ended a task: its completion, a deadline, a message."""
    return _turned(history, element, nth, opened=False)


def _turned(
    history: Sequence[facts.Fact], element: str, nth: int, *, opened: bool
) -> facts.Fact | None:
    """The last turn after which a task was there and before which it was not, or the other way
    round.
    """
    found, there = None, False
    for fact in history:
        waits = ["task", element, nth] in fact.open_after
        if waits is opened and there is not opened:
            found = fact
        there = waits
    return found
