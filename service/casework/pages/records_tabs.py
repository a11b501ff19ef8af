"""Tabs of a case's records: documents, letters, history, and its answers for print."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.casework.casefile import documents as case_documents
from service.casework.casefile import papers
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.hidden_answers import hidden_documents
from service.casework.casefile.paper_data import code_of
from service.casework.cases import given_answers
from service.casework.history import narrative
from service.casework.letters import letter_mail
from service.casework.letters.gathered_letters import MORNING
from service.casework.pages.tab_content import FIRST, ON_A_PAGE, TabContent
from service.casework.tasks.case_facts import document_link
from service.release.programme.channel_rules import on_call_office
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import documents, facts
from service.store.installation import ledger_entries, releases
from service.store.keyset import PageRequest, page_of_rows
from service.store.transaction import Tx
from service.store.work import letters
from service.text import known


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document by a name that tells nothing."""

    id: str
    name: str
    kind: str
    size: str
    by: str
    at: datetime
    state: str
    why: str
    """Why it cannot be opened."""
    droppable: bool
    """Whether the viewer may drop it: it is her office's own."""
    code: str = ""
    """Of a paper that was made: what its page bears; empty when it bears none."""
    signed_by: str = ""
    """Of a paper that was made: the name of its signed copy."""
    signs: str = ""
    """Of a signed copy: the title of the paper that was made."""


def all_documents(at: CaseView) -> TabContent:
    """The documents that the viewer may open, and the kinds that open tasks ask for.

    A dropped one leaves a gap in their numbers, and so does one that is not sent yet: it is seen in
    its form alone.
    """
    seen = [
        (number, row)
        for number, row in enumerate(documents.of_case(at.at_hand, at.case.id), 1)
        if row.state != "dropped" and at.visibility.see_document(row)
        if not at.visibility.is_unsent(row)
    ]
    names = {row.id: _document_name(at, row, number) for number, row in seen}
    signed = {row.signs: names[row.id] for _, row in seen if row.signs}
    said = {text for answer in at.answers for text in given_answers.texts_of(answer.value)}
    rows = tuple(_document(at, row, names, signed) for _, row in seen)
    loose = frozenset(row.id for _, row in seen if _is_loose(at, row, said))
    expected = tuple(dict.fromkeys(_expected(at)))
    makes = bool(papers.paper_choices(at))
    values = {"papers": rows, "loose": loose, "expected": expected, "makes": makes}
    return TabContent({**values, "hidden_papers": hidden_documents(at)})


def _is_loose(at: CaseView, row: documents.Document, said: Collection[str]) -> bool:
    """Whether a document came with a form that has been sent without it, as far as she may see: up
    to 0.2.0 a file that was unticked stayed.
    """
    brought = row.field.partition(".")[0] if row.task_key and not row.signs else ""
    seen = bool(brought) and at.visibility.sees_field(brought, row.office)
    return seen and row.id not in said


def _document_name(at: CaseView, row: documents.Document, number: int) -> str:
    """A name that tells nothing; of a paper that was made, its title."""
    title = case_documents.open_name(at.keys, row) if row.template else ""
    return title or document_link(row, number, at.lang).name


def _document(
    at: CaseView, row: documents.Document, names: Mapping[str, str], signed: Mapping[str, str]
) -> DocumentRow:
    state = {"infected": "refused", "waiting": "waiting"}.get(row.state, "done")
    template = at.visibility.release.papers.get(row.template.partition(":")[0])
    bears_code = bool(row.template) and row.kind == "pdf" and (template is None or template.code)
    return DocumentRow(
        id=row.id,
        name=names[row.id],
        kind=case_documents.label(row.kind),
        size=case_documents.size_in_words(row.size),
        by=at.who(row.by, row.office),
        at=row.at,
        state=state,
        why=at.say("case.paper_refused" if state == "refused" else "case.paper_waits"),
        droppable=at.visibility.by_office and case_documents.may_drop(at.viewer, row),
        code=code_of(row.id) if bears_code else "",
        signed_by=signed.get(row.id, ""),
        signs=names.get(row.signs, ""),
    )


def _expected(at: CaseView) -> Iterable[str]:
    """Labels of the file fields that open tasks ask for."""
    for task in at.waiting:
        element = at.visibility.definition.elements.get(task.element)
        form = at.visibility.release.forms.get(element.form) if element is not None else None
        for field in form.fields if form is not None else ():
            if field.kind == "file":
                yield form.say(field.label, at.lang) if form is not None else ""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that goes or went out."""

    kind: str
    to: str
    state: str
    at: datetime
    why: str
    text: str


def all_letters(at: CaseView) -> TabContent:
    """Every letter; its text only for the office that gets it."""
    return TabContent(
        {"letters": tuple(_letter(at, row) for row in letters.of_case(at.at_hand, at.case.id))}
    )


def _letter(at: CaseView, row: letters.Letter) -> LetterRow:
    gathered = row.state in ("waiting", "leased") and MORNING in row.params
    kind = f"letter_kind.{row.template}"
    why = f"letter_why.{'gathered' if gathered else row.state}"
    office, text = at.places.get(row.office_id, ""), ""
    channel = at.services.programme.channels.get(row.channel)
    if on_call_office(row.channel):
        office = at.say("word.on_call", office=office)
    to = channel.name(at.lang) if channel is not None else office or row.channel
    if row.office_id == at.viewer.office:
        text = letter_mail.letter_text(row, at.case.ref, office, at.services.base_url)
    return LetterRow(
        kind=at.say(kind) if known(kind) else row.template,
        to=to,
        state={"leased": "waiting"}.get(row.state, row.state),
        at=row.sent_at or row.made_at,
        why=at.say(why) if known(why) else "",
        text=text,
    )


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the case's history."""

    n: int
    at: datetime
    who: str
    office: str
    kind: str
    text: str
    show: bool
    caused: tuple[str, ...] = ()
    """What a move to another release changed, in sentences."""
    corrected: int = 0
    """Number of the fact, of a correction: a page says what it changed."""


def reads_of_letters(case_id: str) -> list[Read]:
    """What `all_letters` reads besides the view of the case."""
    return [(letters.OF_CASE, {"case_id": case_id})]


def reads_of_history(case_id: str) -> list[Read]:
    """What `history` reads besides the view of the case: the stream, as far as it comes at once."""
    return [ledger_entries.read_of_stream(f"case/{case_id}")]


def history(
    tx: Tx, at: CaseView, kind: str, step: PageRequest = FIRST, line: int | None = None
) -> TabContent:
    """A page of the entries of the case's stream in words, the newest first, and whether the whole
    hash chain holds.

    Args:
        tx: asks for what the entries of the page name, and for more of a long stream.
        at: loaded with `reads_of_history`.
        kind: the one kind that is shown; "" for all.
        step: the page; its cursors are numbers of lines.
        line: number of a line whose page is wanted instead; None for none.
    """
    stream = f"case/{at.case.id}"
    chain = _all_lines(tx, at.at_hand, stream)
    broken = any(ledger_lines.verify(stream, chain))
    chosen = [entry for entry in reversed(chain) if not kind or _kind_of(entry) == kind]
    page = page_of_rows(chosen, lambda entry: str(entry.seq), step, ON_A_PAGE, str(line or ""))
    return TabContent(
        {
            "lines": tuple(_history_lines(tx, at, page.rows)),
            "kinds": tuple((k, at.say(f"kind.{k}")) for k in narrative.KINDS),
            "kind": kind,
            "verified": None if broken else len(chain),
            "marked": line,
            "previous": page.previous,
            "next": page.next,
        }
    )


def _all_lines(reader: Reader, at_hand: AtHand, stream: str) -> list[LedgerEntry]:
    """Every line of a stream, in order.

    Args:
        at_hand: has its beginning.
    """
    chain = part = at_hand.all(LedgerEntry, *ledger_entries.read_of_stream(stream))
    while len(part) == ledger_entries.AT_ONCE:
        part = ledger_entries.of_stream(reader, stream, after=part[-1].seq)
        chain = [*chain, *part]
    return chain


def _kind_of(entry: LedgerEntry) -> str:
    return narrative.KIND_OF.get(entry.kind, narrative.OTHER)


def load_lines(
    tx: Tx, at: CaseView, entries: Sequence[LedgerEntry]
) -> list[narrative.HistoryEntry]:
    """Load what entries of the case's stream tell."""
    services, case_id = at.services, at.case.id
    at.at_hand.take(tx.read(*narrative.reads_of_history(at.at_hand, services, case_id, entries)))
    if (live := releases.live(at.at_hand, services.programme.process)) is not None:
        services.release(tx, live.id)
    office = at.viewer.office if at.visibility.is_named else ""
    return narrative.load_history(
        at.at_hand, services, case_id, at.lang, stream=entries, office=office
    )


def _history_lines(tx: Tx, at: CaseView, entries: Sequence[LedgerEntry]) -> Iterable[HistoryLine]:
    for entry in load_lines(tx, at, entries):
        yield HistoryLine(
            n=entry.n,
            at=entry.at,
            who=entry.who or at.say("word.tresteg"),
            office=entry.office,
            kind=entry.kind,
            text=entry.text,
            show=bool(entry.rev),
            caused=entry.caused if entry.kind == narrative.MIGRATION else (),
            corrected=entry.rev if entry.what == facts.CORRECTION else 0,
        )
