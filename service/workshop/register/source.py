"""One process of a release, read for what an authority asks about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from service.access import OWN_OFFICE
from service.forms import Field, Form
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.ground_words import ground_text
from service.release.labels import localized_name
from service.release.programme.grant_rules import GrantRule, ReferralRule
from service.release.programme.process_configuration import ProcessConfiguration
from service.release.programme.referral_rules import ReferralPurpose
from service.release.programme.retention_rules import RetentionRule
from service.release.release_configuration import configuration_of_draft
from service.text import say
from service.workshop.configuration.words import ConfigurationWords, read_words
from service.workshop.data_flow.sides import FlowSide, FlowStep

Labelled = Mapping[str, tuple[str, Field]]
HOLDERS = frozenset({"paragraph"})
"""Kinds of fields that ask nothing."""


def in_sentence(name: str) -> str:
    """A name as it stands within a sentence: with a small letter, unless it begins with several
    capitals, as IOM does.
    """
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


class RegisterSource:
    """A release, seen from one process: the processes that it calls belong to it.

    Args:
        process: id of a process of the release; `processes_of` lists those that are begun.
        lang: of the sentences.
    """

    def __init__(self, services: Services, bundle: Bundle, process: str, lang: str) -> None:
        self.services, self.process, self.lang = services, process, lang
        usual = services.programme.configuration
        self.configuration: ProcessConfiguration = configuration_of_draft(bundle, usual)
        self.side = FlowSide(services, bundle, self.configuration.matrix, lang)
        self.words: ConfigurationWords = read_words(
            *(bundle, self.side.survey, self.side.forms, lang), services.programme.texts
        )

    def say(self, key: str, **facts: object) -> str:
        """A text of the section `register`."""
        return say(f"register.{key}", self.lang, **facts)

    @property
    def name(self) -> str:
        """What people call the process."""
        found = self.side.survey.model.processes.get(self.process)
        return localized_name(found.names, self.lang) if found is not None else self.process

    @cached_property
    def called(self) -> frozenset[str]:
        """The process, and all that it calls, at whatever depth."""
        calls = _calls(self.side)
        found, waiting = set[str](), [self.process]
        while waiting:
            id_ = waiting.pop()
            if id_ not in found:
                found.add(id_)
                waiting += calls.get(id_, ())
        return frozenset(found)

    @cached_property
    def steps(self) -> tuple[FlowStep, ...]:
        """The steps of the process and of what it calls."""
        files = {
            f"workflows/{one.file}"
            for id_, one in self.side.survey.model.processes.items()
            if id_ in self.called
        }
        return tuple(step for step in self.side.steps() if step.file in files)

    @cached_property
    def elements(self) -> frozenset[str]:
        """Ids of the steps."""
        return frozenset(step.node.id for step in self.steps)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Roles of lanes that have a step, an opening or a referral, in the order of the table of
        roles.
        """
        held = {role for step in self.steps for role in step.roles}
        held |= {row.role for row in self.grants}
        by_hand = self.configuration.referrals.purposes
        sent = {to for row in by_hand if held & set(row.senders) for to in row.receivers}
        lanes = self.side.files.roles
        return tuple(id_ for id_ in self.side.roles if id_ in lanes and id_ in held | sent)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms of the steps."""
        ids = dict.fromkeys(step.node.form for step in self.steps if step.node.form)
        return tuple(self.side.forms[id_] for id_ in ids if id_ in self.side.forms)

    @cached_property
    def questions(self) -> Labelled:
        """Path of each question in a form, such as `risks.severity`, to its words and the field."""
        found: dict[str, tuple[str, Field]] = {}
        for form in self.forms:
            for path, field in form.walk():
                if field.kind not in HOLDERS:
                    label = form.say(field.label, self.lang) if field.label else field.key
                    if found.get(path, (field.key,))[0] == field.key:  # without words so far
                        found[path] = (label, field)
        return found

    @cached_property
    def results(self) -> Mapping[str, str]:
        """Routing names that no form asks, with their class: what rules and automatic steps of the
        process work out.
        """
        asked = {f.key for form in self.side.forms.values() for _, f in form.walk()}
        made = set[str]()
        for step in self.steps:
            declared = self.services.topics.get(step.node.topic)
            made |= {step.node.result, *(name for pair in step.node.outputs for name in pair)}
            made |= set(declared.answers) if declared is not None else set()
        fields = self.side.fields.items()
        return {key: one.klass for key, one in fields if key in made - asked}

    @cached_property
    def grants(self) -> tuple[GrantRule, ...]:
        """Rows of `grants.toml` whose step is of the process."""
        rows = self.configuration.grants.grants
        return tuple(row for row in rows if row.element in self.elements)

    @cached_property
    def referring_steps(self) -> tuple[ReferralRule, ...]:
        """Steps of the process that refer."""
        rows = self.configuration.grants.referrals.values()
        return tuple(row for row in rows if row.element in self.elements)

    @cached_property
    def referrals(self) -> tuple[ReferralPurpose, ...]:
        """Purposes for which a role of the process may refer by hand."""
        rows = self.configuration.referrals.purposes
        return tuple(row for row in rows if set(row.senders) & set(self.roles))

    @cached_property
    def rules(self) -> tuple[RetentionRule, ...]:
        """Rules of the plan about records of the process, and about what the product makes."""
        plan = self.configuration.retention
        mine = {one.id for one in plan.records if one.product or set(one.process) & self.called}
        return tuple(rule for rule in plan.rules if set(rule.record) & mine)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of offices that may hold a role of the process."""
        everyone = self.words.vocabulary.ids("office_kind")
        held = [kind for role in self.roles for kind in self.kinds_of(role)]
        return tuple(kind for kind in everyone if kind in held)

    def kinds_of(self, role: str) -> tuple[str, ...]:
        """Kinds of offices that may hold a role."""
        named = self.side.roles.get(role, {}).get("offices", [])
        return tuple(named) or self.words.vocabulary.ids("office_kind")

    def words_of(self, words: Mapping[str, str]) -> str:
        """Words of a file, in the language."""
        return localized_name(words, self.lang)

    def ground(self, id_: str) -> str:
        """A ground for handing over, in words."""
        return ground_text(self.configuration.grounds, id_, self.lang) or id_

    def grounds(self, ids: Iterable[str]) -> str:
        """Several grounds, in words."""
        return "; ".join(map(self.ground, ids))

    def classes(self, ids: Iterable[str]) -> str:
        """Classes of answers, in words."""
        return ", ".join(self.words.data_class(id_) for id_ in sorted(ids))

    def roles_named(self, ids: Iterable[str]) -> str:
        """Roles in one list; some have a comma in their name."""
        return "; ".join(map(self.words.role, ids))

    def group(self, id_: str) -> str:
        """A group of questions."""
        return self.say("own_office_group") if id_ == OWN_OFFICE else self.words.group(id_)

    def question(self, key: str) -> str:
        """A question, in quotation marks; or a value that rules work out, by its id."""
        asked = key in self.words.questions
        return self.words.question(key) if asked else self.say("value", name=key)

    def answers(self, key: str, values: Iterable[str]) -> str:
        """Answers to a question, as the form offers them."""
        return ", ".join(self._answer(key, value) for value in sorted(values))

    def _answer(self, key: str, value: str) -> str:
        if value == "":
            return self.say("no_answer")
        if value in ("True", "False"):
            return self.say("yes" if value == "True" else "no")
        for form in self.side.forms.values():
            for _, field in form.walk():
                if field.key == key:
                    for option in field.options:
                        if option.value == value:
                            return form.say(option.label, self.lang)
        return value


def processes_of(services: Services, bundle: Bundle) -> tuple[str, ...]:
    """The processes of a release that have a register of their own, the main one first: those that
    no other calls, and those whose cases the plan of retention names.
    """
    usual = services.programme.configuration
    configuration = configuration_of_draft(bundle, usual)
    side = FlowSide(services, bundle, configuration.matrix, "sv")
    called = {id_ for found in _calls(side).values() for id_ in found}
    named = {id_ for one in configuration.retention.records for id_ in one.process}
    ids = [id_ for id_ in side.survey.model.processes if id_ not in called or id_ in named]
    return tuple(sorted(ids, key=lambda id_: id_ != services.programme.process))


def _calls(side: FlowSide) -> dict[str, tuple[str, ...]]:
    """Process to the processes that it calls."""
    return {
        id_: tuple(node.calls for _, node in one.scope.walk() if node.calls)
        for id_, one in side.survey.model.processes.items()
    }
