"""The page of a task: its form as the reader may see it, why it is there, what each button leads
to, and who else is at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile import documents as case_documents
from service.actions.casefile import notes as case_notes
from service.actions.casefile.answer_text import Pair
from service.actions.cases import case_visibility, given_answers
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
    tx: Tx,
    session: FormSession,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
    refused: str | None = None,
    rev: int | None = None,
) -> TaskPage:
    """Draw the page.

    Args:
        typed: what was sent, when it comes back to be corrected.
        rev: the revision of the unsent answers that the texts belong to, when it is not the newest.
    """
    saved = unsent_answers.load_unsent(tx, session.services, session.viewer, session.task.key)
    values = dict(typed) if typed is not None else unsent_answers.merge_unsent(session.base, saved)
    drawn = (
        draw(
            session.form,
            values,
            lang=session.viewer.lang,
            faults=faults,
            context=session.paper_context,
        )
        if session.form is not None
        else ()
    )
    history = facts.of_case(tx, session.loaded.case.id)
    files = _files(tx, session)
    other = case_commands.four_eyes_conflict(tx, session.loaded, session.element, session.viewer)
    story = explanation.load_turn_explainer(
        tx, session.services, session.visibility, session.newest, history
    )
    head = _head(tx, session, saved, can=not other, rev=rev)
    if other and refused is None:
        refused = say("task.four_eyes", session.viewer.lang, task=story.name(other))
    reasons, rule = _why(story, history, session.task)
    earlier = tuple(_earlier(session, story))
    return TaskPage(
        task=head,
        ref=session.loaded.case.ref,
        refused=refused,
        faults=faults,
        form=drawn,
        papers={file.id: f"{file.name}, {file.kind}, {file.size}" for file in files},
        buttons=tuple(_buttons(tx, session, values)) if head.can_edit else (),
        why=reasons,
        rule=rule,
        case_facts=tuple(_case_facts(session)),
        earlier=earlier,
        hidden=len(session.newest) - len(session.shown),
        notes=tuple(case_notes.read(tx, session.services, session.viewer, session.loaded.case.id)),
        files=files,
        other_unsent=tuple(_others(tx, session, story.names)),
        colleagues=tuple(
            p
            for p in accounts.colleagues(
                tx, session.services, session.viewer.office, session.task.role
            )
            if p[0] != session.viewer.person
        ),
        danger=danger_numbers(session.services, session.viewer.lang)
        if any(w.offer == "danger" for w in widgets(drawn))
        else (),
        classes=case_visibility.classes(one for one in session.told if session.visibility.see(one))
        | {"C0"},
    )


def _head(
    tx: Tx, session: FormSession, saved: unsent_answers.SavedAnswers, *, can: bool, rev: int | None
) -> TaskHead:
    task, mine = session.task, session.task.claimed_by == session.viewer.person
    name = (
        accounts.names(tx, session.services, {task.claimed_by}).get(task.claimed_by, "")
        if task.claimed_by
        else ""
    )
    stage = task.stage or session.loaded.case.stage or "1"
    return TaskHead(
        id=task.key,
        name=element_name(session.element, session.viewer.lang),
        rev=session.loaded.case.rev,
        ref=session.loaded.case.ref,
        case=task.case_id,
        step=f"{task.element}:{task.nth}",
        stage=stage,
        stage_name=stage_name(session.loaded, stage, session.viewer.lang),
        due=task.due,
        help=session.element.documentation
        if session.viewer.lang == "sv"
        else session.element.properties.get(f"documentation.{session.viewer.lang}", ""),
        claim=Claim(name, task.claimed_at, mine) if task.claimed_by else None,
        can_edit=can and (task.claimed_by is None or mine),
        can_take_over=bool(task.claimed_by) and not mine,
        saved=saved.at,
        fill_rev=saved.rev if rev is None else rev,
    )


def stage_name(loaded: LoadedCase, stage: str, lang: str) -> str:
    """The name of a stage: that of the frame which bears it."""
    frame = next(
        (
            e
            for e in loaded.definition.elements.values()
            if e.properties.get("stage") == stage and e.kind == "subProcess"
        ),
        None,
    )
    return without_number(element_name(frame, lang)) if frame is not None else ""


def without_number(name: str) -> str:
    """A stage's name without its number: `Steg 1 – Information och stöd` as `Information och stöd`."""
    return name.partition(" – ")[2] or name


def _buttons(tx: Tx, session: FormSession, values: Raw) -> Iterable[SendButton]:
    form = session.form
    field = form.button if form is not None else None
    ways = (
        [(o.value, form.say(o.label, session.viewer.lang)) for o in field.options]
        if form is not None and field is not None
        else []
    )
    for number, (value, label) in enumerate(ways or [("1", say("task.send", session.viewer.lang))]):
        raw = {**values, field.key: [value]} if field is not None else values
        found = preview.preview_task(
            tx,
            session.services,
            session.viewer,
            session.loaded,
            session.task,
            session.check(raw),
            session.now,
        )
        ends = any(c.kind == preview.END and not c.usual for c in found)
        unknown = all(c.kind == preview.UNKNOWN for c in found)
        lines = () if unknown else tuple(preview.consequence_texts(found, session.viewer))
        yield SendButton(
            field.key if field is not None else SEND,
            value,
            label,
            "danger" if ends else "secondary" if number else "primary",
            lines,
            unknown,
        )


def preview_buttons(tx: Tx, session: FormSession, raw: Raw) -> dict[str, object]:
    """What the page's script asks for while somebody types: lines of each button, and which
    questions are asked now.
    """
    buttons = tuple(_buttons(tx, session, session.own(raw)))
    drawn = (
        draw(
            session.form,
            session.own(raw),
            lang=session.viewer.lang,
            faults=(),
            context=session.paper_context,
        )
        if session.form is not None
        else ()
    )
    return {
        "buttons": {b.value: list(b.lines) for b in buttons if not b.late},
        "late": all(b.late for b in buttons),
        "widgets": {w.path: widget_state(w, session.viewer.lang) for w in widgets(drawn)},
    }


def widget_state(one: Widget, lang: str) -> dict[str, object]:
    """How a question stands now, for the script of the page."""
    words = {"true": say("word.yes", lang), "false": say("word.no", lang)}
    answer: dict[str, object] = {"hidden": one.hidden, "hint": one.hint}
    return (
        {**answer, "told": words.get(one.value, one.value)} if one.shape == "computed" else answer
    )


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


def _why(
    story: explanation.TurnExplainer, history: Sequence[facts.Fact], task: tasks.Task
) -> tuple[tuple[str, ...], str | None]:
    fact = explanation.opened_by(history, task.element, task.nth)
    if fact is None:
        return (), None
    before = next(
        (
            f
            for f in reversed(history)
            if f.rev < fact.rev and f.kind in ("complete", "start", "message")
        ),
        None,
    )
    turns = (
        [fact]
        if fact.kind in ("complete", "start", "message") or before is None
        else [before, fact]
    )
    rules = [line for turn in turns for line in story.led(turn)]
    return tuple(story.did(turn) for turn in turns), " ".join(rules) or None


def _earlier(session: FormSession, story: explanation.TurnExplainer) -> Iterable[EarlierStep]:
    by_turn: dict[int, list[given_answers.GivenAnswer]] = {}
    for one in session.words.in_order(session.told):
        if session.visibility.see(one):
            by_turn.setdefault(one.rev, []).append(one)
    for rev in sorted(by_turn, reverse=True)[:EARLIER_MOST]:
        first = by_turn[rev][0]
        by = ", ".join(
            filter(None, (story.names.get(first.by, ""), story.places.get(first.office, "")))
        )
        yield EarlierStep(
            story.name(first.element),
            by,
            first.at,
            tuple(session.words.pair(one) for one in by_turn[rev]),
        )


def _case_facts(session: FormSession) -> Iterable[Pair]:
    """The headline answers of the case, and its consents."""
    for key, one in session.shown.items():
        found = case_visibility.field_of(session.loaded.release, one.form, key)
        if found is not None and found.headline:
            yield session.words.pair(one)
    given = ", ".join(
        say(f"purpose.{purpose}", session.viewer.lang)
        for purpose in sorted(session.context.consents)
    )
    yield (
        say("case.consents", session.viewer.lang),
        given or say("consent.none", session.viewer.lang),
    )


def _files(tx: Tx, session: FormSession) -> tuple[DocumentLink, ...]:
    rows = enumerate(documents.of_case(tx, session.loaded.case.id), 1)
    return tuple(
        file_of(row, n, session.viewer.lang)
        for n, row in rows
        if row.state != "dropped" and session.visibility.see_paper(row)
    )


def file_of(row: documents.Document, number: int, lang: str) -> DocumentLink:
    """A paper by a name that tells nothing: its place in the case, its kind, its size."""
    return DocumentLink(
        row.id,
        say("form.kept_paper", lang, n=number),
        case_documents.label(row.kind),
        case_documents.size_in_words(row.size),
    )


def _others(tx: Tx, session: FormSession, names: Mapping[str, str]) -> Iterable[OtherUnsent]:
    """What colleagues typed; only for the one who has the task now."""
    if session.task.claimed_by != session.viewer.person or session.form is None:
        return
    rows = [
        row
        for row in unsent_rows.of_key(tx, session.task.key)
        if row.person_id != session.viewer.person
    ]
    people = accounts.names(tx, session.services, {row.person_id for row in rows})
    for row in rows:
        saved = unsent_answers.load_unsent(
            tx, session.services, session.viewer, session.task.key, author=row.person_id
        )
        name = people.get(row.person_id) or names.get(row.person_id, "")
        yield OtherUnsent(
            name, row.at, tuple(session.words.typed(session.form, saved.raw)), row.person_id
        )


def danger_numbers(services: Services, lang: str) -> tuple[Pair, ...]:
    """Whom to call when somebody is in danger: (words, number)."""
    return tuple(
        (words.get(lang) or words.get("sv", ""), number)
        for number, words in services.programme.danger
    )


def printed_form(
    session: FormSession, *, filled: bool, raw: Raw
) -> list[tuple[str, tuple[Pair, ...]]]:
    """The form for paper: section to (question, answer); unanswered questions leave a line to write
    on.
    """
    if session.form is None:
        return []
    drawn = draw(
        session.form,
        raw if filled else {},
        lang=session.viewer.lang,
        faults=(),
        context=session.paper_context,
    )
    return [
        (
            section.label or element_name(session.element, session.viewer.lang),
            tuple(_printed(section.widgets)),
        )
        for section in drawn
        if not section.hidden
    ]


def _printed(found: Iterable[Widget]) -> Iterable[Pair]:
    for one in found:
        if one.hidden or one.shape == "paragraph":
            continue
        inner = (*one.fields, *(f for row in one.rows for f in row.fields))
        if inner:
            yield from ((f"{one.label}: {label}", text) for label, text in _printed(inner))
        else:
            yield (
                one.label,
                ", ".join(o.label for o in one.options if o.chosen) if one.options else one.value,
            )
