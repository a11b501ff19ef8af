"""What rules, records and tasks of the retention plan are called, in the viewer's language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from service.access import Viewer
from service.casework.casefile.retention_words import classes_in_words, when_in_words
from service.casework.retention import retention_process
from service.records.context import Services
from service.release.labels import localized_name
from service.release.programme.retention_rules import RetentionPlan, RetentionRule
from service.store.casefile.retention_acts import RetentionAct
from service.text import say


@dataclass(frozen=True, slots=True)
class RetentionWords:
    """What rows are called. `places` is id of an office to its name."""

    services: Services
    viewer: Viewer
    plan: RetentionPlan
    places: Mapping[str, str]

    def office(self, id_: str) -> str:
        """The name of an office; of what no office wrote, that the program made it."""
        return self.places.get(id_) or say("case.erased_program", self.viewer.lang)

    def receiver(self, id_: str) -> str:
        """The name of an office that has what left; "" is who runs the service."""
        return self.places.get(id_) or say("retention.left_house", self.viewer.lang)

    def class_name(self, klass: str) -> str:
        """What a class of answers is called."""
        return say(f"audit.classes_{klass}", self.viewer.lang)

    def classes(self, listed: Collection[str]) -> str:
        """What classes are called, in one line."""
        return classes_in_words(listed, self.viewer.lang)

    def does(self, does: str) -> str:
        """What a rule does."""
        return say(f"retention.does_{does}", self.viewer.lang)

    def left(self, what: str, number: int) -> str:
        """Things of a kind that left."""
        return say(f"retention.left_{what}", self.viewer.lang, n=number)

    def step(self, act: RetentionAct) -> str:
        """What the diagram calls the step of a task."""
        made = retention_process.definition(act.process)
        element = made.elements[retention_process.STEPS[act.does]]
        return localized_name(element.names, self.viewer.lang)

    def rule(self, id_: str) -> str:
        """A rule in words, with its ground and id; of one that the plan has no more, the id; of
        none, that two persons did it earlier.
        """
        if not id_:
            return say("retention.early", self.viewer.lang)
        rule = self.plan.rule(id_)
        return ", ".join(self._rule(rule)) if rule is not None else id_

    def _rule(self, rule: RetentionRule) -> Iterator[str]:
        lang = self.viewer.lang
        yield when_in_words(self.plan, rule, lang)
        if ground := self.plan.ground(rule.ground):
            yield localized_name({"sv": ground.sv, "en": ground.en}, lang)
            yield ground.number
        yield rule.id
