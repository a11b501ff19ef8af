"""The page of a task: its form as the reader may see it, why it is there, what each button leads to, and who else is at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile import documents as case_documents
from service.actions.casefile import notes as case_notes
from service.actions.casefile.answer_text import Pair
from service.actions.cases import given_answers, visibility
from service.actions.cases.turn import LoadedCase
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.people import accounts
from service.actions.releases.labels import element_name
from service.actions.tasks import explanation, preview, unsent_answers
from service.actions.tasks.form_session import FormSession
from service.errors import FieldFault
from service.forms import DrawnSection, Raw, Widget, draw
from service.store.casefile import documents, facts
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.work import unsent_answers as unsent_rows
from service.text import say

EARLIER_MOST = 12
SEND = "send"
"""Name of the one button of a form whose answers steer nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has the task."""

    name: str
    since: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class TaskHead:
    """What stands on top of the page."""

    id: str
    name: str
    rev: int
    ref: str
    case: str
    step: str
    """`element:nth`, so that a page of a task that is gone can still tell what became of it."""
    stage: str
    stage_name: str
    due: datetime | None
    help: str
    claim: Claim | None
    can_edit: bool
    can_take_over: bool
    saved: datetime | None
    fill_rev: int


@dataclass(frozen=True, slots=True)
class SendButton:
    """One way to send, and what it leads to."""

    name: str
    value: str
    label: str
    tone: str
    lines: tuple[str, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class EarlierStep:
    """What one step of the case answered, as far as the reader may see it."""

    title: str
    by: str
    at: datetime
    answers: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class OtherUnsent:
    """What a colleague typed before she passed the task on."""

    name: str
    at: datetime
    answers: tuple[Pair, ...]
    id: str


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A paper by its neutral name."""

    id: str
    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Everything that the template names, and the classes of what is on it."""

    task: TaskHead
    ref: str
    refused: str | None
    faults: tuple[FieldFault, ...]
    form: tuple[DrawnSection, ...]
    papers: Mapping[str, str]
    buttons: tuple[SendButton, ...]
    why: tuple[str, ...]
    rule: str | None
    case_facts: tuple[Pair, ...]
    earlier: tuple[EarlierStep, ...]
    hidden: int
    notes: tuple[case_notes.NoteView, ...]
    files: tuple[DocumentLink, ...]
    other_unsent: tuple[OtherUnsent, ...]
    colleagues: tuple[Pair, ...]
    danger: tuple[Pair, ...]
    classes: frozenset[str]


def load_task_page(
    tx: Tx, seat: FormSession, *, typed: Raw | None = None, faults: tuple[FieldFault, ...] = (), refused: str | None = None, rev: int | None = None
) -> TaskPage:
    """Draw the page.

    Args:
        typed: what was sent, when it comes back to be corrected.
        rev: the revision of the unsent answers that the texts belong to, when it is not the newest.
    """
    saved = unsent_answers.load_unsent(tx, seat.services, seat.viewer, seat.task.key)
    values = dict(typed) if typed is not None else unsent_answers.merge_unsent(seat.base, saved)
    drawn = draw(seat.form, values, lang=seat.reader.lang, faults=faults, context=seat.paper_context) if seat.form is not None else ()
    history = facts.of_case(tx, seat.held.case.id)
    files = _files(tx, seat)
    other = case_commands.four_eyes_conflict(tx, seat.held, seat.element, seat.viewer)
    story = explanation.load_turn_explainer(tx, seat.services, seat.eyes, seat.reader, seat.newest, history)
    head = _head(tx, seat, saved, can=not other, rev=rev)
    if other and refused is None:
        refused = say("task.four_eyes", seat.reader.lang, task=story.name(other))
    reasons, rule = _why(story, history, seat.task)
    earlier = tuple(_earlier(seat, story))
    return TaskPage(
        task=head,
        ref=seat.held.case.ref,
        refused=refused,
        faults=faults,
        form=drawn,
        papers={file.id: f"{file.name}, {file.kind}, {file.size}" for file in files},
        buttons=tuple(_buttons(tx, seat, values)) if head.can_edit else (),
        why=reasons,
        rule=rule,
        case_facts=tuple(_case_facts(seat)),
        earlier=earlier,
        hidden=len(seat.newest) - len(seat.shown),
        notes=tuple(case_notes.read(tx, seat.services, seat.viewer, seat.held.case.id)),
        files=files,
        other_unsent=tuple(_others(tx, seat, story.names)),
        colleagues=tuple(p for p in accounts.colleagues(tx, seat.services, seat.viewer.office, seat.task.role) if p[0] != seat.viewer.person),
        danger=danger_numbers(seat.services, seat.reader.lang) if any(w.offer == "danger" for w in widgets(drawn)) else (),
        classes=visibility.classes(one for one in seat.told if seat.eyes.see(one)) | {"C0"},
    )


def _head(tx: Tx, seat: FormSession, saved: unsent_answers.SavedAnswers, *, can: bool, rev: int | None) -> TaskHead:
    task, mine = seat.task, seat.task.claimed_by == seat.viewer.person
    name = accounts.names(tx, seat.services, {task.claimed_by}).get(task.claimed_by, "") if task.claimed_by else ""
    stage = task.stage or seat.held.case.stage or "1"
    return TaskHead(
        id=task.key,
        name=element_name(seat.element, seat.reader.lang),
        rev=seat.held.case.rev,
        ref=seat.held.case.ref,
        case=task.case_id,
        step=f"{task.element}:{task.nth}",
        stage=stage,
        stage_name=stage_name(seat.held, stage, seat.reader.lang),
        due=task.due,
        help=seat.element.documentation if seat.reader.lang == "sv" else seat.element.properties.get(f"documentation.{seat.reader.lang}", ""),
        claim=Claim(name, task.claimed_at, mine) if task.claimed_by else None,
        can_edit=can and (task.claimed_by is None or mine),
        can_take_over=bool(task.claimed_by) and not mine,
        saved=saved.at,
        fill_rev=saved.rev if rev is None else rev,
    )


def stage_name(held: LoadedCase, stage: str, lang: str) -> str:
    """The name of a stage: that of the frame which bears it."""
    frame = next((e for e in held.definition.elements.values() if e.properties.get("stage") == stage and e.kind == "subProcess"), None)
    return without_number(element_name(frame, lang)) if frame is not None else ""


def without_number(name: str) -> str:
    """A stage's name without its number: `Steg 1 – Information och stöd` as `Information och stöd`."""
    return name.partition(" – ")[2] or name


def _buttons(tx: Tx, seat: FormSession, values: Raw) -> Iterable[SendButton]:
    form = seat.form
    field = form.button if form is not None else None
    ways = [(o.value, form.say(o.label, seat.reader.lang)) for o in field.options] if form is not None and field is not None else []
    for number, (value, label) in enumerate(ways or [("1", say("task.send", seat.reader.lang))]):
        raw = {**values, field.key: [value]} if field is not None else values
        found = preview.preview_task(tx, seat.services, seat.held, seat.task, seat.check(raw), seat.reader)
        ends = any(c.kind == preview.END and not c.usual for c in found)
        unknown = all(c.kind == preview.UNKNOWN for c in found)
        lines = () if unknown else tuple(preview.consequence_texts(found, seat.reader))
        yield SendButton(field.key if field is not None else SEND, value, label, "danger" if ends else "secondary" if number else "primary", lines, unknown)


def preview_buttons(tx: Tx, seat: FormSession, raw: Raw) -> dict[str, object]:
    """What the page's script asks for while somebody types: lines of each button, and which questions are asked now."""
    buttons = tuple(_buttons(tx, seat, seat.own(raw)))
    drawn = draw(seat.form, seat.own(raw), lang=seat.reader.lang, faults=(), context=seat.paper_context) if seat.form is not None else ()
    return {
        "buttons": {b.value: list(b.lines) for b in buttons if not b.late},
        "late": all(b.late for b in buttons),
        "widgets": {w.path: widget_state(w, seat.reader.lang) for w in widgets(drawn)},
    }


def widget_state(one: Widget, lang: str) -> dict[str, object]:
    """How a question stands now, for the script of the page."""
    words = {"true": say("word.yes", lang), "false": say("word.no", lang)}
    answer: dict[str, object] = {"hidden": one.hidden, "hint": one.hint}
    return {**answer, "told": words.get(one.value, one.value)} if one.shape == "computed" else answer


def widgets(drawn: Iterable[DrawnSection]) -> Iterable[Widget]:
    """Every question of a drawn form, those inside others too."""
    for section in drawn:
        yield from _inner(section.widgets)


def _inner(found: Iterable[Widget]) -> Iterable[Widget]:
    for one in found:
        yield one
        yield from _inner(one.fields)
        for row in one.rows:
            yield from _inner(row.fields)


def _why(story: explanation.TurnExplainer, history: Sequence[facts.Fact], task: tasks.Task) -> tuple[tuple[str, ...], str | None]:
    fact = explanation.opened_by(history, task.element, task.nth)
    if fact is None:
        return (), None
    before = next((f for f in reversed(history) if f.rev < fact.rev and f.kind in ("complete", "start", "message")), None)
    turns = [fact] if fact.kind in ("complete", "start", "message") or before is None else [before, fact]
    rules = [line for turn in turns for line in story.led(turn)]
    return tuple(story.did(turn) for turn in turns), " ".join(rules) or None


def _earlier(seat: FormSession, story: explanation.TurnExplainer) -> Iterable[EarlierStep]:
    by_turn: dict[int, list[given_answers.GivenAnswer]] = {}
    for one in seat.words.in_order(seat.told):
        if seat.eyes.see(one):
            by_turn.setdefault(one.rev, []).append(one)
    for rev in sorted(by_turn, reverse=True)[:EARLIER_MOST]:
        first = by_turn[rev][0]
        by = ", ".join(filter(None, (story.names.get(first.by, ""), story.places.get(first.office, ""))))
        yield EarlierStep(story.name(first.element), by, first.at, tuple(seat.words.pair(one) for one in by_turn[rev]))


def _case_facts(seat: FormSession) -> Iterable[Pair]:
    """The headline answers of the case, and its consents."""
    for key, one in seat.shown.items():
        found = visibility.field_of(seat.held.release, one.form, key)
        if found is not None and found.headline:
            yield seat.words.pair(one)
    given = ", ".join(say(f"purpose.{purpose}", seat.reader.lang) for purpose in sorted(seat.context.consents))
    yield say("case.consents", seat.reader.lang), given or say("consent.none", seat.reader.lang)


def _files(tx: Tx, seat: FormSession) -> tuple[DocumentLink, ...]:
    rows = enumerate(documents.of_case(tx, seat.held.case.id), 1)
    return tuple(file_of(row, n, seat.reader.lang) for n, row in rows if row.state != "dropped" and seat.eyes.see_paper(row))


def file_of(row: documents.Document, number: int, lang: str) -> DocumentLink:
    """A paper by a name that tells nothing: its place in the case, its kind, its size."""
    return DocumentLink(row.id, say("form.kept_paper", lang, n=number), case_documents.label(row.kind), case_documents.size_in_words(row.size))


def _others(tx: Tx, seat: FormSession, names: Mapping[str, str]) -> Iterable[OtherUnsent]:
    """What colleagues typed; only for the one who has the task now."""
    if seat.task.claimed_by != seat.viewer.person or seat.form is None:
        return
    rows = [row for row in unsent_rows.of_key(tx, seat.task.key) if row.person_id != seat.viewer.person]
    people = accounts.names(tx, seat.services, {row.person_id for row in rows})
    for row in rows:
        saved = unsent_answers.load_unsent(tx, seat.services, seat.viewer, seat.task.key, author=row.person_id)
        name = people.get(row.person_id) or names.get(row.person_id, "")
        yield OtherUnsent(name, row.at, tuple(seat.words.typed(seat.form, saved.raw)), row.person_id)


def danger_numbers(services: Services, lang: str) -> tuple[Pair, ...]:
    """Whom to call when somebody is in danger: (words, number)."""
    return tuple((words.get(lang) or words.get("sv", ""), number) for number, words in services.programme.danger)


def printed_form(seat: FormSession, *, filled: bool, raw: Raw) -> list[tuple[str, tuple[Pair, ...]]]:
    """The form for paper: section to (question, answer); unanswered questions leave a line to write on."""
    if seat.form is None:
        return []
    drawn = draw(seat.form, raw if filled else {}, lang=seat.reader.lang, faults=(), context=seat.paper_context)
    return [(section.label or element_name(seat.element, seat.reader.lang), tuple(_printed(section.widgets))) for section in drawn if not section.hidden]


def _printed(found: Iterable[Widget]) -> Iterable[Pair]:
    for one in found:
        if one.hidden or one.shape == "paragraph":
            continue
        inner = (*one.fields, *(f for row in one.rows for f in row.fields))
        if inner:
            yield from ((f"{one.label}: {label}", text) for label, text in _printed(inner))
        else:
            yield one.label, ", ".join(o.label for o in one.options if o.chosen) if one.options else one.value
