"""Wider data flows of a draft, compared with the release in force.

Wider is: a question about a person that was not asked, one that more roles may see or that is kept
for another purpose, a step that comes to a further role, a kind of office that may hold a role, an
automatic step that is new or is given more, a message or a paper that goes out, a promise that is
no longer made, and rules of sharing that changed. What narrows is never among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.access import Matrix
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.labels import localized_name, sentence_case
from service.release.prepared import PreparedRelease
from service.release.release_configuration import configuration_of_draft
from service.text import say
from service.workshop.comparison.release_changes import TEXT, ChangeTexts
from service.workshop.comparison.table_diff import diff_table_file, table_name
from service.workshop.data_flow.sides import ANY_OFFICE, OPEN_CLASS, FlowSide, FlowStep, WiderFlow
from service.workshop.data_flow.visible_more import (
    field_flows,
    matrix_sentences,
    roles_that_see_more_in,
)
from service.workshop.promises.drafted import DraftPromises

TASK, STAGE, OFFICE = "task", "stage", "office"
TOPIC, MESSAGE, PAPER, PROMISE = "topic", "message", "paper", "promise"
VISIBILITY, RULES = "visibility", "rules"
SHARING: Final = tuple(
    f"workflows/config/{name}.toml"
    for name in ("grants", "referrals", "parties", "channels", "approvals")
)
"""Configuration files of sharing: to whom a case opens, what is sent, who may approve it. Each
difference in them counts as wider, unless it is in a text: no rule can tell which one narrows."""
SENDS: Final = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
"""Kinds of steps that send a message."""


def wider_flows(
    services: Services,
    before: Bundle,
    after: Bundle,
    lang: str,
    matrices: tuple[Matrix, Matrix] | None = None,
) -> tuple[WiderFlow, ...]:
    """List where data flows wider in the newer of two bundles.

    Args:
        lang: of the sentences.
        matrices: who sees which class, as it holds with each of the two; as their own files have it
            when it is left out.
    """
    if before.digest == after.digest and matrices is None:
        return ()
    usual = services.programme.configuration
    old_matrix, new_matrix = matrices or (
        configuration_of_draft(before, usual).matrix,
        configuration_of_draft(after, usual).matrix,
    )
    old = FlowSide(services, before, old_matrix, lang)
    new = FlowSide(services, after, new_matrix, lang)
    return tuple(_Wider(old, new, lang).found())


@dataclass(frozen=True, slots=True)
class CheckedFlows:
    """The flows of files that were compared with a release, before the transaction that publishes
    them.
    """

    base: str
    """Id of the release with which they were compared."""
    digest: str
    """Of the files."""
    wider: tuple[WiderFlow, ...] = ()


def check_flows(
    services: Services, base: PreparedRelease, bundle: Bundle, lang: str
) -> CheckedFlows:
    """Compare the flows of a draft with those of the release in force; takes about a second."""
    wider = wider_flows(services, base.bundle, bundle, lang)
    return CheckedFlows(base.id, bundle.digest, wider)


class _Wider:
    """Two sides, compared in one language."""

    def __init__(self, before: FlowSide, after: FlowSide, lang: str) -> None:
        self.before, self.after, self.lang = before, after, lang

    def found(self) -> Iterator[WiderFlow]:
        """Every wider flow, what concerns most persons first."""
        for sentence in matrix_sentences(self.before, self.after):
            yield WiderFlow(VISIBILITY, sentence)
        yield from self._rules()
        yield from self._offices()
        yield from self._promises()
        yield from self._tasks()
        yield from self._stages()
        yield from self._topics()
        yield from self._messages()
        yield from self._papers()
        yield from field_flows(self.before, self.after)

    def _say(self, key: str, **facts: object) -> str:
        return say(f"flow.{key}", self.lang, **facts)

    def _at(self, kind: str, key: str, step: FlowStep, **facts: object) -> WiderFlow:
        name = localized_name(step.node.names, self.lang) or say(
            f"element.{step.node.kind}", self.lang
        )
        sentence = self._say(key, step=sentence_case(name), **facts)
        return WiderFlow(kind, sentence, step.node.id, step.file)

    def _rules(self) -> Iterator[WiderFlow]:
        """Files of sharing that differ in more than words, or are new.

        For a side that has none of its own, the installation's counts.
        """
        texts = ChangeTexts(self.lang)
        for file in SHARING:
            was, now = (_sharing(side, file) for side in (self.before, self.after))
            if now is None or was == now:
                continue
            if was is None:
                sentence = self._say("rules_new", table=table_name(file, texts))
                yield WiderFlow(RULES, sentence, file=file)
                continue
            for change in diff_table_file(was, now, file, texts):
                if change.kind != TEXT:
                    yield WiderFlow(RULES, change.text, file=file)

    def _offices(self) -> Iterator[WiderFlow]:
        """Kinds of offices that may hold a role and could not before."""
        for role in self.after.roles:
            now = self.after.offices_of(role)
            was = self.before.offices_of(role) if role in self.before.roles else frozenset()
            if ANY_OFFICE in was or now <= was:
                continue
            words = self.after.vocabulary
            kinds = ", ".join(
                self._say("any_office")
                if kind == ANY_OFFICE
                else words.word("office_kind", kind, self.lang) or kind
                for kind in sorted(now - was)
            )
            key = "office" if role in self.before.roles else "role_new"
            sentence = self._say(key, role=self.after.role_name(role), kinds=kinds)
            yield WiderFlow(OFFICE, sentence)

    def _promises(self) -> Iterator[WiderFlow]:
        """Promises that are no longer made, or are made otherwise."""
        kept = {text for _, text in self.after.promises()}
        gone = [(process, text) for process, text in self.before.promises() if text not in kept]
        if not gone:
            return
        words = DraftPromises(self.before.bundle, self.before.services, self.lang)
        for process, text in gone:
            sentence = self._say("promise", promise=words.words_of(text))
            yield WiderFlow(PROMISE, sentence, process.id, f"workflows/{process.file}")

    def _tasks(self) -> Iterator[WiderFlow]:
        """Steps that come to a role which was shown less by its steps before."""
        shown: dict[str, set[str]] = {}
        for step in self.before.steps():
            for role in step.roles:
                shown.setdefault(role, set()).update(_keys(self.before, step))
        said: set[tuple[str, str]] = set()
        for step in self.after.steps():
            keys = _keys(self.after, step)
            for role in sorted(step.roles):
                more = [key for key in keys if key not in shown.get(role, ())]
                old = [key for key in more if key in self.before.fields]
                # a question that is new altogether is said once, by its form
                if old and (role, step.node.form) not in said:
                    said.add((role, step.node.form))
                    facts = {
                        "role": self.after.role_name(role),
                        "fields": self.after.fields_named(old),
                    }
                    yield self._at(TASK, "task", step, **facts)

    def _stages(self) -> Iterator[WiderFlow]:
        """Steps that count to a stage in which some role sees more."""
        was = {step.node.id: step.node.properties.get("stage", "") for step in self.before.steps()}
        for step in self.after.steps():
            now = step.node.properties.get("stage", "")
            old = was.get(step.node.id, "")
            if now and old and now != old:
                roles = roles_that_see_more_in(self.after.matrix, old, now)
                if roles:
                    stages = {
                        "was": self.after.stage_name(old),
                        "now": self.after.stage_name(now),
                    }
                    yield self._at(
                        STAGE, "stage", step, **stages, roles=self.after.roles_named(roles)
                    )

    def _topics(self) -> Iterator[WiderFlow]:
        """Automatic steps that are called for the first time, or are given more."""
        given: dict[str, set[tuple[str, str]]] = {}
        for step in self.before.steps():
            if step.node.topic:
                given.setdefault(step.node.topic, set()).update(_given(step))
        for step in self.after.steps():
            topic = step.node.topic
            if topic and topic not in given:
                yield self._at(TOPIC, "topic_new", step, topic=topic, what=self._receives(topic))
            elif topic and (more := sorted(_given(step) - given[topic])):
                names = ", ".join(f"{name}: {self.after.role_name(text)}" for name, text in more)
                yield self._at(TOPIC, "topic_more", step, topic=topic, names=names)

    def _receives(self, topic: str) -> str:
        """What an automatic step reads and to whom it sends, as its declaration says."""
        declared = self.after.services.topics.get(topic)
        if declared is None:
            return self._say("topic_unknown")
        reads = self.after.fields_named([*declared.reads, *declared.fields])
        goes = [self.after.role_name(role) for role, _ in declared.letters]
        goes += [channel for channel, _ in declared.channels]
        parts = [self._say("topic_reads", fields=reads)] if reads else []
        if goes:
            parts.append(self._say("topic_sends", to=", ".join(dict.fromkeys(goes))))
        return " ".join(parts) or self._say("topic_nothing")

    def _messages(self) -> Iterator[WiderFlow]:
        """Messages that are sent and were not before."""
        known = {step.node.event.ref for step in self.before.steps() if _sends(step)}
        for step in self.after.steps():
            if _sends(step) and step.node.event.ref not in known:
                yield self._at(MESSAGE, "message", step, message=step.node.event.ref)

    def _papers(self) -> Iterator[WiderFlow]:
        """Papers that are new, print more, or are for another purpose."""
        for id_, paper in self.after.papers.items():
            was = self.before.papers.get(id_)
            old = set(was.fields) if was is not None else set()
            more = [key for key in paper.fields if key not in old]
            classes = paper.classes - (was.classes if was is not None else frozenset())
            facts = {"paper": paper.title_in(self.lang), "fields": self._printed(more)}
            file = f"workflows/papers/{id_}.typ"
            if was is None:
                yield WiderFlow(PAPER, self._say("paper_new", **facts), file=file)
            elif more or classes:
                yield WiderFlow(PAPER, self._say("paper_more", **facts), file=file)
            if was is not None and was.purpose != paper.purpose:
                yield WiderFlow(PAPER, self._say("paper_purpose", **facts), file=file)

    def _printed(self, keys: list[str]) -> str:
        return self._say("everything") if "*" in keys else self.after.fields_named(keys) or "–"


def _sharing(side: FlowSide, file: str) -> bytes | None:
    """A file of sharing as it holds on a side; None where nobody has it."""
    usual = side.services.programme.texts.get(file.rpartition("/")[2])
    return side.bundle.files.get(file) or (None if usual is None else usual.encode())


def _keys(side: FlowSide, step: FlowStep) -> list[str]:
    """Fields about a person in the form of a step."""
    form = side.forms.get(step.node.form)
    if form is None:
        return []
    return [field.key for _, field in form.walk() if field.data_class != OPEN_CLASS]


def _given(step: FlowStep) -> set[tuple[str, str]]:
    """What the diagram hands to an automatic step: name and value."""
    return {*step.node.inputs, *step.node.headers.items()}


def _sends(step: FlowStep) -> bool:
    return step.node.kind in SENDS and step.node.event.kind == "message"
