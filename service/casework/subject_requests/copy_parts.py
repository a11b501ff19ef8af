"""The parts of a copy: everything that one office keeps of a person in a case, in words.

The walk of the columns that bear content decides what there is (`COPIED`, `NOT_COPIED`): a column
that is added later is in one of them, or a test fails. What other offices wrote is theirs to give.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from service.access import Viewer
from service.casework.casefile import documents, form_context, given_by_duty, notes
from service.casework.casefile.answer_text import TYPED, AnswerTexts, has_typed_part, in_one_line
from service.casework.cases import consents, given_answers
from service.casework.cases.case_visibility import field_of
from service.casework.cases.given_answers import GivenAnswer
from service.casework.commands import late_withdrawal
from service.casework.retention.left import DISCLOSED
from service.errors import CannotOpen
from service.records import ledger_kinds
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.ledger_append import open_reason
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.casefile import cases, facts, holds, referrals, subject_requests
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents as document_rows
from service.store.casefile import notes as note_rows
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.store.work import letters
from service.text import known, say

COPIED: Final[Mapping[tuple[str, str], str]] = {
    **{("fact_payload", column): "answers" for column in ("c0", "c1", "c2", "c3")},
    ("document", "name"): "documents",
    ("document_chunk", "sealed"): "documents: listed by name, the files are given with the copy",
    ("note", "sealed"): "notes",
    ("consent", "detail"): "consents",
    ("consent", "withdrawal"): "consents",
    ("hold", "reason"): "reasons",
    ("subject_request", "wish"): "reasons",
    ("subject_request", "answer"): "reasons",
}
"""Table and column of what is sealed of a case, to the part of the copy that it is in."""
NOT_COPIED: Final[Mapping[tuple[str, str], str]] = {
    ("cases", "snapshot"): "worked out from the answers",
    ("fact_payload", "routing"): "values of answers, a second time",
    ("job", "inputs"): "values of answers, for as long as a call takes",
    ("unsent", "sealed"): "not sent: nobody has said it to the office yet",
    ("approval", "reason"): "why one person of an office asked another, about her own work",
}
"""What is in no copy, and why."""
LENGTHENED: Final = "request_longer"
"""Kind of the entry whose words are sealed for the office."""
PURPOSE_LIST, LETTER_LIST, LOOK_LIST = LISTS = ("purposes", "letters", "looks")
"""Ids of parts that grow line by line while the case is worked with, and when somebody looks."""
READS: Final = ("read", "print", "lookup", "reveal", "export")
_PIECE: Final = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class CopyPart:
    """One part of a copy.

    `pieces` are what can be struck out one by one: the sentences of free text, the lines of a list.
    """

    id: str
    heading: str
    label: str
    pieces: tuple[str, ...]
    is_free: bool
    """Whether somebody typed it freely, so that a person must read it before it leaves."""
    klass: str = "C3"
    """Class of what it tells; free text about anything is of the most sensitive one."""
    names: tuple[str, ...] = ()
    """What each piece is called as long as the list grows, in no language: a line that is struck
    out stays so by it, wherever it comes to stand. Empty where pieces keep their numbers."""


@dataclass(frozen=True, slots=True)
class CopySource:
    """What the parts of a copy are made of: the case, its keys, and in which language for whom."""

    tx: Tx
    services: Services
    viewer: Viewer
    case: cases.CaseSummary
    keys: CaseKeys
    history: Sequence[facts.Fact]
    places: Mapping[str, str]
    """Office to its name."""
    released: datetime
    """When it was released, or now: by that day it is decided what she may know of it."""

    @property
    def lang(self) -> str:
        return self.viewer.lang

    @property
    def office(self) -> str:
        return self.viewer.office

    def say(self, key: str, **values: object) -> str:
        """A text in the language of the copy."""
        return say(f"copy.{key}", self.lang, **values)


def load_copy(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    case: cases.CaseSummary,
    lang: str,
    *,
    now: datetime,
) -> tuple[CopyPart, ...]:
    """Load the parts of a copy: what the viewer's office keeps of a case.

    Whoever calls it has looked at whether she may.

    Args:
        lang: language of the copy.
        now: or when the copy was released: what she may know later is not in it.
    Raises:
        CannotOpen: something that is kept does not open.
    """
    source = CopySource(
        *(tx, services, replace(viewer, lang=lang), case, services.case_keys(tx, case.id)),
        history=facts.of_case(tx, case.id),
        places=offices.names(tx),
        released=now,
    )
    makers = (
        *(_purposes, _answers, _reasons, _documents, _notes, _consents),
        *(_referrals, _duties, _letters, _looks),
    )
    return tuple(part for make in makers for part in make(source))


def pieces_of(text: str) -> tuple[str, ...]:
    """Free text as its sentences and lines."""
    return tuple(piece.strip() for piece in _PIECE.split(text) if piece.strip())


def _own_answers(at: CopySource) -> Iterator[tuple[PreparedRelease, GivenAnswer]]:
    """Every answer of the office, old ones too, with the release on which it was given."""
    facts_by_number = {fact.rev: fact for fact in at.history}
    for answer in given_answers.load_answers(at.tx, at.keys, at.case.id):
        if answer.office == at.office and answer.rev in facts_by_number:
            yield at.services.release(at.tx, facts_by_number[answer.rev].release_id), answer


def _purposes(at: CopySource) -> Iterator[CopyPart]:
    """What the answers of the office are used for."""
    found = dict[str, str]()
    for release, answer in _own_answers(at):
        field = field_of(release, answer.form, answer.key)
        if field is not None and field.purpose:
            words = at.services.word("purpose", field.purpose, at.lang, release)
            found.setdefault(words, field.purpose)
    if found:
        heading = at.say("purposes")
        of_lines = (PURPOSE_LIST, heading, at.say("purposes_about"), (*found,))
        yield CopyPart(*of_lines, is_free=False, names=(*found.values(),), klass="C0")


def _answers(at: CopySource) -> Iterator[CopyPart]:
    """Every answer of the office, with its question as it was worded then."""
    directories = form_context.load_directories(at.tx, at.services, at.lang)
    texts: dict[str, AnswerTexts] = {}
    for release, answer in _own_answers(at):
        if release.id not in texts:
            texts[release.id] = AnswerTexts(release, at.viewer, directories)
        yield _answer(at, release, texts[release.id], answer)


def _answer(
    at: CopySource, release: PreparedRelease, words: AnswerTexts, answer: GivenAnswer
) -> CopyPart:
    label, value = words.label(answer.form, answer.key), answer.value
    if answer.correction:
        label = at.say("corrected", label=label)
    field = field_of(release, answer.form, answer.key)
    is_free = field is None or field.kind in TYPED or has_typed_part(field, value)
    lines = words.lines_of(answer)
    texts = [in_one_line((line,)) if isinstance(line, tuple) else line for line in lines]
    pieces = tuple(piece for text in texts for piece in (pieces_of(text) if is_free else (text,)))
    return CopyPart(
        f"a.{answer.rev}.{answer.key}",
        _step(at, release, answer),
        label,
        pieces,
        is_free,
        answer.klass,
    )


def _step(at: CopySource, release: PreparedRelease, answer: GivenAnswer) -> str:
    """The step at which something was answered, and the day."""
    definition = release.definitions.get(at.case.process)
    element = definition.elements.get(answer.element) if definition is not None else None
    name = element_name(element, at.lang) if element is not None else answer.element
    return f"{name}, {at.viewer.day(answer.at)}"


def _reasons(at: CopySource) -> Iterator[CopyPart]:
    """Words that somebody of the office gave for what was done in the case."""
    heading = at.say("reasons")
    for rev, reason in sorted(given_answers.load_reasons(at.tx, at.keys, at.case.id).items()):
        if reason.office == at.office:
            label = at.say("why_corrected", day=at.viewer.day(reason.at))
            pieces = pieces_of(str(reason.value))
            yield CopyPart(f"w.{rev}", heading, label, pieces, is_free=True, klass=reason.klass)
    of_office = at.services.key(at.tx, f"office:{at.office}")
    for hold in holds.of_case(at.tx, at.case.id):
        if hold.office_id == at.office and hold.reason and of_office:
            place = {"table": "hold", "column": "reason", "row": hold.id}
            text = of_office.open("notes", hold.reason, **place).decode()
            label = at.say("why_held", day=at.viewer.day(hold.at))
            yield CopyPart(f"h.{hold.id}", heading, label, pieces_of(text), is_free=True)
    yield from _words_of_entries(at, heading)
    yield from _words_of_requests(at, heading)


def _words_of_entries(at: CopySource, heading: str) -> Iterator[CopyPart]:
    """Words in lines of the history, and of the log of who looked."""
    for stream in (f"case/{at.case.id}", f"reads/{at.case.id}"):
        for entry in reversed([*ledger_entries.every(at.tx, stream, ledger_kinds.WORDS)]):
            word = json.loads(entry.body).get("word")
            if entry.office != at.office or not word or entry.kind in given_by_duty.KINDS:
                continue
            of_office = at.services.key(at.tx, f"office:{at.office}")
            key = of_office if entry.kind == LENGTHENED else at.keys.own
            try:
                text = open_reason(key, stream, entry.actor, str(word))
            except CannotOpen:
                continue  # sealed for who gave it, or for the records of a task: no word of hers
            what = say(f"audit_kind.{entry.kind}", at.lang)
            label = f"{what}, {at.viewer.day(entry.at)}"
            id_ = f"{stream[0]}.{entry.seq}"
            yield CopyPart(id_, heading, label, pieces_of(text), is_free=True)


def _words_of_requests(at: CopySource, heading: str) -> Iterator[CopyPart]:
    for row in subject_requests.of_case(at.tx, at.case.id):
        if row.office_id != at.office:
            continue
        for column in ("wish", "answer"):
            sealed = getattr(row, column)
            if sealed:
                text = open_words(at.tx, at.services, row, column)
                label = at.say(column, day=at.viewer.day(row.at))
                yield CopyPart(
                    f"q.{row.id}.{column}", heading, label, pieces_of(text), is_free=True
                )


def words_place(row: subject_requests.SubjectRequest, column: str) -> dict[str, str]:
    """Where the words of a request are sealed."""
    return {"table": "subject_request", "column": column, "row": row.id}


def open_words(
    reader: Reader, services: Services, row: subject_requests.SubjectRequest, column: str
) -> str:
    """What she wants, or what was decided, in words; "" where there are none.

    Raises:
        CannotOpen: they were changed.
    """
    sealed: bytes | None = getattr(row, column)
    key = services.key(reader, f"office:{row.office_id}")
    if sealed is None or key is None:
        return ""
    return key.open("notes", sealed, **words_place(row, column)).decode()


def _documents(at: CopySource) -> Iterator[CopyPart]:
    """Files of the office: their names; the files themselves are given with the copy."""
    for row in document_rows.of_case(at.tx, at.case.id):
        if row.office == at.office and row.name and row.state != "dropped":
            name = documents.open_name(at.keys, row)
            label = f"{documents.label(row.kind)}, {at.viewer.day(row.at)}"
            of_row = (f"d.{row.id}", at.say("documents"), label, (name,))
            yield CopyPart(*of_row, is_free=True, klass=row.klass)


def _notes(at: CopySource) -> Iterator[CopyPart]:
    for row in note_rows.everyones(at.tx, at.case.id):
        if row.office_id == at.office:
            text = notes.open_note(at.keys, row).decode()
            day = at.viewer.day(row.at)
            yield CopyPart(f"n.{row.id}", at.say("notes"), day, pieces_of(text), is_free=True)


def _consents(at: CopySource) -> Iterator[CopyPart]:
    """Consents that the office took down: for what, since when, and what was said with them."""
    own = {fact.rev for fact in at.history if fact.office == at.office}
    for row in consent_rows.of_case(at.tx, at.case.id):
        if row.rev_given not in own:
            continue
        label = at.services.word("purpose", row.purpose, at.lang)
        dates = at.say("given_on", day=row.given_on.isoformat())
        if row.withdrawn_on is not None:
            dates += "; " + at.say("withdrawn_on", day=row.withdrawn_on.isoformat())
        elif row.valid_to is not None:
            dates += "; " + at.say("valid_to", day=row.valid_to.isoformat())
        said = [consents.open_detail(at.keys, at.office, row)]
        if row.withdrawal is not None:
            said.append(late_withdrawal.open_withdrawal(at.keys, at.office, row))
        words = [text for one in said if one for text in _texts(json.loads(one))]
        pieces = (dates, *(piece for text in words for piece in pieces_of(text)))
        of_row = (f"c.{row.id}", at.say("consents"), label, pieces)
        yield CopyPart(*of_row, is_free=bool(words), klass=consents.WORDS)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - what was sealed, as JSON
    return (text for text in given_answers.texts_of(value) if text.strip())


def _referrals(at: CopySource) -> Iterator[CopyPart]:
    """Who received what, why and when."""
    release = at.services.release(at.tx, at.case.release_id)
    fields = {key: (form.id, key) for form in release.forms.values() for key in form.by_key}
    words = AnswerTexts(release, at.viewer)
    for row in referrals.of_case(at.tx, at.case.id):
        if at.office not in (row.from_office, row.to_office) or row.sent_at is None:
            continue
        way = "sent_to" if row.from_office == at.office else "received_from"
        other = row.to_office if way == "sent_to" else row.from_office
        label = at.say(way, who=at.places.get(other, other), day=at.viewer.day(row.sent_at))
        listed = (words.label(*fields[key]) for key in row.fields if key in fields)
        pieces = tuple(dict.fromkeys(listed))
        of_row = (f"r.{row.id}", at.say("referrals"), label, pieces)
        yield CopyPart(*of_row, is_free=False, klass="C2")
    yield from _disclosed(at)


def _disclosed(at: CopySource) -> Iterator[CopyPart]:
    """What anybody was given as a public document: when, and of which classes."""
    for entry in reversed([*ledger_entries.every(at.tx, f"case/{at.case.id}", [DISCLOSED])]):
        if entry.office == at.office:
            label = at.say("disclosed", day=at.viewer.day(entry.at))
            classes = json.loads(entry.body)["classes"]
            pieces = tuple(say(f"audit.classes_{klass}", at.lang) for klass in classes)
            of_entry = (f"p.{entry.seq}", at.say("referrals"), label, pieces)
            yield CopyPart(*of_entry, is_free=False, klass="C0")


def _duties(at: CopySource) -> Iterator[CopyPart]:
    """Who received what because a law demands it, as far as she may know of it."""
    release = at.services.release(at.tx, at.case.release_id)
    entries = ledger_entries.every(at.tx, f"case/{at.case.id}", given_by_duty.KINDS)
    on = date.fromisoformat(at.viewer.day(at.released))
    for line in reversed(given_by_duty.lines_of(entries, at.keys, at.office)):
        if line.at > at.released or not line.may_know(on):
            continue
        label = at.say("given_by_duty", day=line.day.isoformat())
        ground = at.services.ground(line.ground, at.lang, release)
        to, why = at.say("given_to", who=line.to), at.say("given_why", ground=ground)
        pieces = (to, *pieces_of(line.what), why)
        yield CopyPart(f"g.{line.number}", at.say("referrals"), label, pieces, is_free=True)


def _letters(at: CopySource) -> Iterator[CopyPart]:
    """Letters about the case to the office; none of them says who she is."""
    counts = Counter(
        (row.template, at.viewer.day(row.made_at))
        for row in letters.of_case(at.tx, at.case.id)
        if row.office_id == at.office and not row.channel
    )
    lines = tuple(
        f"{day}: {say(f'letter_kind.{template}', at.lang)}" for template, day in sorted(counts)
    )
    if lines:
        of_lines = (LETTER_LIST, at.say("letters"), at.say("letters_about"), lines)
        names = tuple(f"{day} {template}" for template, day in sorted(counts))
        yield CopyPart(*of_lines, is_free=False, names=names, klass="C0")


def _looks(at: CopySource) -> Iterator[CopyPart]:
    """On which days the office looked at the case, and for what."""
    days = Counter[tuple[str, str]]()
    for entry in ledger_entries.every(at.tx, f"reads/{at.case.id}", READS):
        if entry.office == at.office:
            purpose = str(json.loads(entry.body).get("purpose", ""))
            days[at.viewer.day(entry.at), purpose] += 1
    lines = tuple(
        at.say("looked", day=day, why=_purpose(purpose, at.lang), n=n)
        for (day, purpose), n in sorted(days.items())
    )
    if lines:
        of_lines = (LOOK_LIST, at.say("looks"), at.say("looks_about"), lines)
        names = tuple(f"{day} {purpose}" for day, purpose in sorted(days))
        yield CopyPart(*of_lines, is_free=False, names=names, klass="C0")


def _purpose(purpose: str, lang: str) -> str:
    key = f"audit.purpose_{purpose}"
    return say(key, lang) if known(key) else purpose
