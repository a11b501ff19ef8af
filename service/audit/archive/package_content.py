"""What goes into a package: the answers, notes and papers that one office wrote in an ended case,
and what it gave by a duty in law; its history, and the proof of it.

Nothing that another office wrote is opened. Who did what in the case stands in its history, which
every office reads that has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.audit.proof.proof_bundle import ProofOrder, make_bundle
from service.casework.casefile import documents as case_documents
from service.casework.casefile import given_by_duty
from service.casework.casefile import notes as case_notes
from service.casework.casefile.answer_text import AnswerTexts, Pair
from service.casework.casefile.form_context import load_directories
from service.casework.cases import consents, given_answers
from service.casework.cases.given_answers import REASON, GivenAnswer
from service.casework.commands import late_withdrawal
from service.casework.history import narrative
from service.casework.history.narrative import HistoryEntry
from service.casework.retention.handing_over import HandOver
from service.casework.subject_requests.copy_parts import open_words
from service.errors import NotPackable
from service.people import accounts
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.ids import ulid
from service.release.labels import element_name, localized_name, process_name
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents, facts, notes, subject_requests
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.text import say

FOLDER: Final = "documents"
"""Folder of the papers in a package."""
GONE: Final = frozenset({"dropped", "waiting", "infected"})
"""States of a document that has no content, or none that anybody may open."""


@dataclass(frozen=True, slots=True)
class PackagedDocument:
    """A paper of the office: where it lies in the package, what it is, and its bytes."""

    file: str
    title: str
    kind: str
    at: datetime
    made: bool
    """Whether Tresteg made it; else somebody brought it."""
    content: bytes


@dataclass(frozen=True, slots=True)
class PackagedStep:
    """What the office answered at one step: the questions as they were worded then."""

    title: str
    under: str
    rows: tuple[Pair, ...]


@dataclass(frozen=True)
class PackageContent:
    """Everything of a package before its papers are made."""

    id: str
    """Name of the package and of its file: the number of the case and the id of the office, and
    what tells it from every other package."""
    order: HandOver
    office: offices.Office
    rules: tuple[str, ...]
    """The rules of the plan, each with its id and the ground on which it rests."""
    process: str
    began: datetime
    ended: datetime
    made: datetime
    lang: str
    zone: str
    steps: tuple[PackagedStep, ...]
    notes: tuple[PackagedStep, ...]
    """What was written besides the steps: consents that were taken back after the end, notes, and
    what the person asked for."""
    documents: tuple[PackagedDocument, ...]
    history: tuple[HistoryEntry, ...]
    proof: bytes
    """The proof bundle, without any content."""

    def say(self, key: str, **facts: object) -> str:
        """A text of the package in its language."""
        return say(f"archive.{key}", self.lang, **facts)

    def when(self, at: datetime) -> str:
        """A moment where the reader is, with its zone."""
        return moment(at, self.zone)


def moment(at: datetime, zone: str) -> str:
    """A moment in a zone, which is named."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def load_content(
    tx: Tx, services: Services, viewer: Viewer, order: HandOver, now: datetime
) -> PackageContent:
    """Load and open what goes into a package.

    Raises:
        NotPackable: the history of the case does not hold, or lines of it have no place in the log
            yet.
        CannotOpen: something of it is not what was sealed.
    """
    case = order.case
    bundle = make_bundle(tx, services, ProofOrder((case,)), viewer=viewer, now=now)
    if bundle.verifier is None or bundle.waiting:
        raise NotPackable(why="no_log")
    if not bundle.content:
        raise NotPackable(why="history")
    load = _Loader(tx, services, viewer, order)
    papers = tuple(load.papers())
    return PackageContent(
        id=f"{case.number}-{order.office}-{ulid(now).lower()}",
        order=order,
        office=offices.everyone(tx)[order.office],
        rules=tuple(_with_ground(tx, services, rule, viewer.lang) for rule in order.rules),
        process=process_name(services.release(tx, case.release_id), case.process, viewer.lang),
        began=case.opened_at,
        ended=case.closed_at or case.moved_at,
        made=now,
        lang=viewer.lang,
        zone=viewer.zone,
        steps=tuple(load.steps({id_: paper.file for id_, paper in papers})),
        notes=(*load.taken_back(), *load.notes(), *load.requests()),
        documents=tuple(paper for _, paper in papers),
        history=tuple(
            narrative.load_history(tx, services, case.id, viewer.lang, office=order.office)
        ),
        proof=bundle.content,
    )


def _with_ground(tx: Tx, services: Services, id_: str, lang: str) -> str:
    """A rule of the plan by its id, with the act or document that it rests on, in words."""
    plan = services.current_configuration(tx).retention
    rule = plan.rule(id_)
    ground = plan.ground(rule.ground) if rule is not None else None
    if ground is None:
        return id_
    name = localized_name({"sv": ground.sv, "en": ground.en}, lang)
    return f"{id_} ({name}, {ground.number})"


@dataclass(frozen=True)
class _Loader:
    """Opens what one office wrote in one case."""

    tx: Tx
    services: Services
    viewer: Viewer
    order: HandOver

    @cached_property
    def keys(self) -> CaseKeys:
        return self.services.case_keys(self.tx, self.order.case.id)

    def say(self, key: str, **facts: object) -> str:
        return say(f"archive.{key}", self.viewer.lang, **facts)

    def when(self, at: datetime, by: str, names: Mapping[str, str]) -> str:
        who = names.get(by, "")
        return " · ".join(part for part in (moment(at, self.viewer.zone), who) if part)

    # ---- answers

    def steps(self, files: Mapping[str, str]) -> Iterator[PackagedStep]:
        """What the office answered, step by step, oldest first.

        Args:
            files: document to its file in the package.
        """
        order = self.order
        rows = facts.answers(self.tx, order.case.id, classes=order.classes)
        mine = [row for row in rows if row.office == order.office]
        by_fact = dict[int, list[GivenAnswer]]()
        for answer in given_answers.open_answers(self.keys, mine):
            by_fact.setdefault(answer.rev, []).append(answer)
        names = accounts.names(self.tx, self.services, {row.actor for row in mine})
        directories = load_directories(self.tx, self.services, self.viewer.lang)
        history = {fact.rev: fact for fact in facts.of_case(self.tx, order.case.id)}
        for rev, answers in sorted(by_fact.items()):
            fact = history[rev]
            release = self.services.release(self.tx, fact.release_id)
            texts = AnswerTexts(release, self.viewer, directories)
            element = release.definitions[order.case.process].elements.get(fact.element)
            title = element_name(element, self.viewer.lang) if element is not None else fact.element
            if fact.kind == facts.CORRECTION:
                title = self.say("corrected", step=title)
            yield PackagedStep(
                title,
                self.when(fact.at, fact.actor, names),
                tuple(self._rows(texts, answers, files)),
            )

    def _rows(
        self, texts: AnswerTexts, answers: Sequence[GivenAnswer], files: Mapping[str, str]
    ) -> Iterator[Pair]:
        for answer in texts.in_order(answers):
            if answer.key == REASON:
                yield self.say("why_corrected"), str(answer.value)
                continue
            label, text = texts.pair(answer)
            papers = [files[id_] for id_ in given_answers.texts_of(answer.value) if id_ in files]
            yield label, ", ".join(papers) or text or "–"

    # ---- notes and papers

    def taken_back(self) -> Iterator[PackagedStep]:
        """How consents that the office took down were taken back after the end of the case."""
        if consents.WORDS not in self.order.classes:
            return
        case = self.order.case.id
        history = facts.of_case(self.tx, case)
        offices_of = late_withdrawal.offices_of(history)
        rows = consent_rows.of_case(self.tx, case)
        mine = [row for row in rows if offices_of.get(row.rev_given) == self.order.office]
        lang = self.viewer.lang
        for kept in late_withdrawal.kept_withdrawals(self.keys, history, mine):
            purpose = self.services.word("purpose", kept.purpose, lang)
            said = [
                say(f"withdrawal.who_{kept.who}", lang),
                say(f"withdrawal.how_{kept.how}", lang),
            ]
            words = ((say("withdrawal.who", lang), said[0]), (say("withdrawal.how", lang), said[1]))
            effect = ((say("withdrawal.effect", lang), kept.effect),) if kept.effect else ()
            title = self.say("taken_back", purpose=purpose)
            yield PackagedStep(title, kept.on.isoformat(), (*words, *effect))

    def requests(self) -> Iterator[PackagedStep]:
        """What the person asked of the office about its records, and what it answered."""
        if case_notes.CLASS not in self.order.classes:
            return
        for row in subject_requests.of_case(self.tx, self.order.case.id):
            if row.office_id != self.order.office:
                continue
            words = tuple(
                (self.say(f"request_{column}"), text)
                for column in ("wish", "answer")
                if (text := open_words(self.tx, self.services, row, column))
            )
            kind = say(f"request.kind_{row.kind}", self.viewer.lang)
            yield PackagedStep(
                self.say("request", kind=kind), moment(row.at, self.viewer.zone), words
            )

    def notes(self) -> Iterator[PackagedStep]:
        """The notes of the office, oldest first."""
        if case_notes.CLASS not in self.order.classes:
            return
        every = notes.everyones(self.tx, self.order.case.id)
        mine = [row for row in every if row.office_id == self.order.office]
        names = accounts.names(self.tx, self.services, {row.by for row in mine})
        for row in mine:
            text = case_notes.open_note(self.keys, row).decode()
            yield PackagedStep(self.say("note"), self.when(row.at, row.by, names), (("", text),))
        yield from self._given_by_duty()

    def _given_by_duty(self) -> Iterator[PackagedStep]:
        """What the office gave by a duty in law, oldest first, with what was struck."""
        lang, case = self.viewer.lang, self.order.case
        entries = ledger_entries.every(self.tx, f"case/{case.id}", given_by_duty.KINDS)
        lines = given_by_duty.lines_of(entries, self.keys, self.order.office)
        names = accounts.names(self.tx, self.services, {line.by for line in lines})
        release = self.services.release(self.tx, case.release_id)
        for line in reversed(lines):
            until = f", {line.until.isoformat()}" if line.until is not None else ""
            rows = (
                ("to", line.to),
                ("day", line.day.isoformat()),
                ("what", line.what),
                ("ground", self.services.ground(line.ground, lang, release)),
                ("know", say(f"duty.know_{line.know}", lang) + until),
                ("why_wrong", line.wrong),
            )
            said = tuple((say(f"duty.{name}", lang), text) for name, text in rows if text)
            yield PackagedStep(say("duty.title", lang), self.when(line.at, line.by, names), said)

    def papers(self) -> Iterator[tuple[str, PackagedDocument]]:
        """The papers of the office with their ids, oldest first."""
        for row in self._documents():
            number = row.id[-6:].lower()
            yield (
                row.id,
                PackagedDocument(
                    file=f"{FOLDER}/{row.at:%Y-%m-%d}-{number}.{row.kind}",
                    title=case_documents.open_name(self.keys, row),
                    kind=row.kind,
                    at=row.at,
                    made=bool(row.template),
                    content=case_documents.read_content(self.tx, self.services, row),
                ),
            )

    def _documents(self) -> list[documents.Document]:
        return [
            row
            for row in documents.of_case(self.tx, self.order.case.id)
            if row.office == self.order.office
            and case_documents.sealed_class(row) in self.order.classes
            and row.name
            and row.state not in GONE
        ]
