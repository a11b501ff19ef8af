"""The explanation of a turn from its fact: who did what, and which rules and gateways led on.

The page of a task says with it why the task is there, and of one that is over what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from service.casework.casefile.diagram_state import frames_around
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.turn_work import task_key
from service.casework.commands.button_preview import names_read
from service.engine import Definition, Element
from service.people import accounts
from service.records.context import WORKER, Services
from service.release.labels import element_name
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import facts
from service.store.installation import offices
from service.text import known, say


@dataclass(frozen=True)
class TurnExplainer:
    """Turns of one case in sentences, for one viewer."""

    visibility: CaseVisibility
    names: Mapping[str, str]
    """Person to her name."""
    places: Mapping[str, str]
    """Office to its name."""
    newest: Mapping[str, GivenAnswer]

    @property
    def lang(self) -> str:
        """The viewer's language."""
        return self.visibility.viewer.lang

    def did(self, fact: facts.Fact) -> str:
        """One sentence: who did what, and when."""
        said = fact.kind == "message" and fact.actor == WORKER.id
        key = "why.message_by_itself" if said else f"why.{fact.kind}"
        at = fact.at.astimezone(ZoneInfo(self.visibility.viewer.zone))
        return say(
            key if known(key) else "why.other",
            self.lang,
            who=self.names.get(fact.actor) or say("word.somebody", self.lang),
            office=self.places.get(fact.office, ""),
            task=self.name(fact.element),
            date=at.strftime("%Y-%m-%d %H:%M"),
        )

    def name(self, element: str) -> str:
        """An element's name."""
        found = self.visibility.definition.elements.get(element)
        return element_name(found, self.lang) if found is not None else element

    def led(self, fact: facts.Fact, to: str = "") -> list[str]:
        """Rules and gateways of a turn in sentences, as far as what they read may be seen.

        Args:
            to: a step that the turn opened: of branches that run at the same time those are left
                out that lead to other steps.
        """
        sentences = []
        definition = self.visibility.definition
        elsewhere = ways_elsewhere(definition, taken_flows(fact), to) if to else frozenset()
        for what, id_, _, detail in fact.steps:
            element = definition.elements.get(id_)
            if element is None or (what == "took" and detail and str(detail[0]) in elsewhere):
                continue
            if what == "decided" and element.result and self._sees(element.result):
                rows = ", ".join(str(row) for row in detail[1:]) or "–"
                plain = say("replay.decided", self.lang, rule=self.name(id_), rows=rows)
                sentences.append(element.properties.get(f"sentence.{self.lang}") or plain)
            elif what == "took" and element.kind.endswith("Gateway") and detail:
                sentences += self._chose(element, str(detail[0]))
        return sentences

    def _chose(self, gateway: Element, taken: str) -> list[str]:
        """Which flow a gateway took; empty when it has no name, or what it reads is not seen."""
        definition = self.visibility.definition
        flow = definition.flows.get(taken)
        label = flow.names.get(self.lang) or flow.names.get("sv", "") if flow is not None else ""
        flows = [definition.flows[id_] for id_ in gateway.outgoing if id_ in definition.flows]
        read = {name for f in flows for name in names_read(f.condition, definition.types)}
        if not label or not all(self._sees(name) for name in read):
            return []
        return [say("replay.chose", self.lang, gateway=self.name(gateway.id), way=label)]

    def _sees(self, name: str) -> bool:
        return self.visibility.see_name(name, self.newest)


def taken_flows(fact: facts.Fact) -> list[str]:
    """The flows that a turn took."""
    return [str(detail[0]) for what, _, _, detail in fact.steps if what == "took" and detail]


def ways_elsewhere(definition: Definition, taken: Sequence[str], to: str) -> frozenset[str]:
    """The flows among some that do not lead to a step, while another one of their scope does.

    What no flow leads to, such as an event sub-process, counts as led to by all of them.
    """
    frames, around = frames_around(definition), dict[str, str]()
    at = to
    while at in definition.elements:
        around[definition.elements[at].scope] = at
        at = frames.get(at, "")
    leads = dict[str, dict[str, bool]]()
    for id_ in taken:
        flow = definition.flows.get(id_)
        scope = definition.elements[flow.source].scope if flow is not None else ""
        if flow is not None and scope in around:
            leads.setdefault(scope, {})[id_] = around[scope] in _behind(definition, flow.target)
    return frozenset(
        id_ for of in leads.values() if any(of.values()) for id_, there in of.items() if not there
    )


def _behind(definition: Definition, element: str) -> set[str]:
    """All that is reached from an element in its scope, it included, over its border events too."""
    found, ways = set[str](), [element]
    while ways:
        at = ways.pop()
        if at in found or at not in definition.elements:
            continue
        found.add(at)
        outgoing = definition.elements[at].outgoing
        ways += [definition.flows[id_].target for id_ in outgoing if id_ in definition.flows]
        ways += [one.id for one in definition.elements.values() if one.attached_to == at]
    return found


def load_turn_explainer(
    reader: Reader,
    services: Services,
    visibility: CaseVisibility,
    newest: Mapping[str, GivenAnswer],
    about: Sequence[facts.Fact],
) -> TurnExplainer:
    """Load what explains these turns."""
    names = accounts.names(reader, services, {fact.actor for fact in about})
    return TurnExplainer(visibility, names, offices.names(reader), newest)


def opened_by(history: Sequence[facts.Fact], element: str, nth: int) -> facts.Fact | None:
    """The turn that opened a task."""
    return _turned(history, element, nth, opened=True)


def closed_by(history: Sequence[facts.Fact], element: str, nth: int) -> facts.Fact | None:
    """The turn that closed a task: its completion, a deadline, a message."""
    return _turned(history, element, nth, opened=False)


def _turned(
    history: Sequence[facts.Fact], element: str, nth: int, *, opened: bool
) -> facts.Fact | None:
    """The last turn that opened a task, or that closed it."""
    turned, was_open = None, False
    for fact in history:
        is_open = ["task", element, nth] in fact.turn.open
        if is_open is opened and was_open is not opened:
            turned = fact
        was_open = is_open
    return turned


def task_keys(key: OwnerKey, history: Sequence[facts.Fact]) -> dict[int, str]:
    """Number of each fact that completed a task, to the public id that the task had."""
    found = dict[int, str]()
    opened = dict[tuple[str, int], facts.Fact]()
    before = set[Any]()
    for fact in history:
        step = fact.element, fact.nth
        if fact.kind == "complete" and step in opened:
            by = opened[step]
            found[fact.rev] = task_key(key, fact.case_id, fact.work_id, by.rev, by.at)
        now_open = {(element, nth) for kind, element, nth in fact.turn.open if kind == "task"}
        opened |= dict.fromkeys(now_open - before, fact)
        before = now_open
    return found
