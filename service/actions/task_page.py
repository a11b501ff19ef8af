"""The page of a task: its form as the reader may see it, why it is there, what each button leads to, and who else is at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from service.access import Viewer
from service.actions import accounts, asking, cases, drafting, inbox, memory, noting, papers, preview, seeing, why
from service.actions.asking import Reader
from service.actions.house import House
from service.actions.seeing import Eyes
from service.actions.telling import element_name
from service.actions.turn import Held, hold
from service.actions.wording import Pair, Wording, without_numbers
from service.engine import Element
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, TaskClosed, TaskTaken, TooLarge, WrongKind
from service.forms import Checked, Context, DrawnSection, Form, Raw, Widget, check, draw, fill_in
from service.store import cases as case_rows
from service.store import documents, facts, tasks, unsent
from service.store.database import Tx
from service.text import say

EARLIER_MOST = 12
UNSENT_LASTS = timedelta(days=30)
"""How long unsent answers stay readable for their author after the task. Assumed."""
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
class Button:
    """One way to send, and what it leads to."""

    name: str
    value: str
    label: str
    tone: str
    lines: tuple[str, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class Earlier:
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
class File:
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
    buttons: tuple[Button, ...]
    why: tuple[str, ...]
    rule: str | None
    case_facts: tuple[Pair, ...]
    earlier: tuple[Earlier, ...]
    hidden: int
    notes: tuple[noting.Note, ...]
    files: tuple[File, ...]
    other_unsent: tuple[OtherUnsent, ...]
    colleagues: tuple[Pair, ...]
    danger: tuple[Pair, ...]
    classes: frozenset[str]


@dataclass(frozen=True)
class Seat:
    """A person in front of an open task."""

    house: House
    viewer: Viewer
    reader: Reader
    task: tasks.Task
    held: Held
    eyes: Eyes
    told: Sequence[memory.Told]
    context: Context

    @property
    def element(self) -> Element:
        """The step of the diagram."""
        return self.held.definition.elements[self.task.element]

    @property
    def form(self) -> Form | None:
        """Its form; None for a step that is one button."""
        return asking.form_of(self.held.release, self.element.form)

    @cached_property
    def newest(self) -> Mapping[str, memory.Told]:
        """The last answer of each key of the case."""
        return memory.newest(self.told)

    @cached_property
    def shown(self) -> Mapping[str, memory.Told]:
        """Those of them that the reader may see."""
        return {key: one for key, one in self.newest.items() if self.eyes.see(one)}

    @cached_property
    def words(self) -> Wording:
        """Answers in the reader's language."""
        return Wording(self.held.release, self.reader, self.context.directories)

    @property
    def paper_context(self) -> Context:
        """What the drawn form may know: as the check, without lists that the reader may not see and that the form would offer to choose from."""
        form = self.form
        fields = [f for _, f in form.walk()] if form is not None else []
        sources = {f.properties[name] for f in fields for name in ("options.from", "rows.from") if name in f.properties}
        closed = {key for key in sources if key in self.newest and key not in self.shown}
        earlier = {k: v for k, v in self.context.earlier.items() if k not in closed}
        return replace(self.context, earlier=earlier, routing={k: v for k, v in self.context.routing.items() if k not in closed})

    @cached_property
    def base(self) -> dict[str, list[str]]:
        """What a fresh page begins with."""
        form = self.form
        return fill_in(form, {key: one.value for key, one in self.shown.items()}, self.paper_context) if form is not None else {}

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields of the form; buttons, and what a page carries beside them, are left out."""
        keys = {f.key for f in self.form.fields if f.key and not f.buttons} if self.form is not None else set()
        return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}

    def check(self, raw: Raw) -> Checked:
        """What can be read of some texts now."""
        return check(self.form, raw, self.context) if self.form is not None else cases.NO_ANSWERS


def sit(tx: Tx, house: House, viewer: Viewer, key: str, reader: Reader) -> Seat:
    """Sit down before an open task.

    Raises:
        TaskClosed: it is over, or never was.   NotFound: it waits for another office.   NotAllowed: for another role of hers.
    """
    found = case_rows.load_for_task(tx, key)
    if found is None:
        raise TaskClosed(key)
    task, loaded = found
    if task.office_id != viewer.office:
        raise NotFound
    if task.role not in viewer.lane_roles:
        raise NotAllowed(why="role")
    held = hold(tx, house, loaded)
    told = memory.told(tx, held.key, held.case.id)
    eyes = seeing.look(tx, house, viewer, held.case, reader.now)
    return Seat(house, viewer, reader, task, held, eyes, told, asking.context(tx, house, held.release, held, reader, told))


def page(tx: Tx, seat: Seat, *, typed: Raw | None = None, faults: tuple[FieldFault, ...] = (), refused: str | None = None, rev: int | None = None) -> TaskPage:
    """Draw the page.

    Args:
        typed: what was sent, when it comes back to be corrected.
        rev: the revision of the unsent answers that the texts belong to, when it is not the newest.
    """
    saved = drafting.kept(tx, seat.house, seat.viewer, seat.task.key)
    values = dict(typed) if typed is not None else drafting.merged(seat.base, saved)
    drawn = draw(seat.form, values, lang=seat.reader.lang, faults=faults, context=seat.paper_context) if seat.form is not None else ()
    history = facts.of_case(tx, seat.held.case.id)
    files = _files(tx, seat)
    other = cases.done_before(tx, seat.held, seat.element, seat.viewer)
    story = why.storyteller(tx, seat.house, seat.eyes, seat.reader, seat.newest, history)
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
        notes=tuple(noting.read(tx, seat.house, seat.viewer, seat.held.case.id)),
        files=files,
        other_unsent=tuple(_others(tx, seat, story.names)),
        colleagues=tuple(p for p in accounts.colleagues(tx, seat.house, seat.viewer.office, seat.task.role) if p[0] != seat.viewer.person),
        danger=danger(seat.house, seat.reader.lang) if any(w.offer == "danger" for w in widgets(drawn)) else (),
        classes=seeing.classes(one for one in seat.told if seat.eyes.see(one)) | {"C0"},
    )


def _head(tx: Tx, seat: Seat, saved: drafting.Kept, *, can: bool, rev: int | None) -> TaskHead:
    task, mine = seat.task, seat.task.claimed_by == seat.viewer.person
    name = accounts.names(tx, seat.house, {task.claimed_by}).get(task.claimed_by, "") if task.claimed_by else ""
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


def stage_name(held: Held, stage: str, lang: str) -> str:
    """The name of a stage: that of the frame which bears it."""
    frame = next((e for e in held.definition.elements.values() if e.properties.get("stage") == stage and e.kind == "subProcess"), None)
    return bare(element_name(frame, lang)) if frame is not None else ""


def bare(name: str) -> str:
    """A stage's name without its number: `Steg 1 – Information och stöd` as `Information och stöd`."""
    return name.partition(" – ")[2] or name


def _buttons(tx: Tx, seat: Seat, values: Raw) -> Iterable[Button]:
    form = seat.form
    field = form.button if form is not None else None
    ways = [(o.value, form.say(o.label, seat.reader.lang)) for o in field.options] if form is not None and field is not None else []
    for number, (value, label) in enumerate(ways or [("1", say("task.send", seat.reader.lang))]):
        raw = {**values, field.key: [value]} if field is not None else values
        found = preview.of_task(tx, seat.house, seat.held, seat.task, seat.check(raw), seat.reader)
        ends = any(c.kind == preview.END and not c.usual for c in found)
        unknown = all(c.kind == preview.UNKNOWN for c in found)
        lines = () if unknown else tuple(preview.sentences(found, seat.reader))
        yield Button(field.key if field is not None else SEND, value, label, "danger" if ends else "secondary" if number else "primary", lines, unknown)


def told(tx: Tx, seat: Seat, raw: Raw) -> dict[str, object]:
    """What the page's script asks for while somebody types: lines of each button, and which questions are asked now."""
    buttons = tuple(_buttons(tx, seat, seat.own(raw)))
    drawn = draw(seat.form, seat.own(raw), lang=seat.reader.lang, faults=(), context=seat.paper_context) if seat.form is not None else ()
    return {
        "buttons": {b.value: list(b.lines) for b in buttons if not b.late},
        "late": all(b.late for b in buttons),
        "widgets": {w.path: widget_told(w, seat.reader.lang) for w in widgets(drawn)},
    }


def widget_told(one: Widget, lang: str) -> dict[str, object]:
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


def _why(story: why.Storyteller, history: Sequence[facts.Fact], task: tasks.Task) -> tuple[tuple[str, ...], str | None]:
    fact = why.opened_by(history, task.element, task.nth)
    if fact is None:
        return (), None
    before = next((f for f in reversed(history) if f.rev < fact.rev and f.kind in ("complete", "start", "message")), None)
    turns = [fact] if fact.kind in ("complete", "start", "message") or before is None else [before, fact]
    rules = [line for turn in turns for line in story.led(turn)]
    return tuple(story.did(turn) for turn in turns), " ".join(rules) or None


def _earlier(seat: Seat, story: why.Storyteller) -> Iterable[Earlier]:
    by_turn: dict[int, list[memory.Told]] = {}
    for one in seat.told:
        if seat.eyes.see(one):
            by_turn.setdefault(one.rev, []).append(one)
    for rev in sorted(by_turn, reverse=True)[:EARLIER_MOST]:
        first = by_turn[rev][0]
        by = ", ".join(filter(None, (story.names.get(first.by, ""), story.places.get(first.office, ""))))
        yield Earlier(story.name(first.element), by, first.at, tuple(seat.words.pair(one) for one in by_turn[rev]))


def _case_facts(seat: Seat) -> Iterable[Pair]:
    """The headline answers of the case, and its consents."""
    for key, one in seat.shown.items():
        found = seeing.field_of(seat.held.release, one.form, key)
        if found is not None and found.headline:
            yield seat.words.pair(one)
    given = ", ".join(say(f"purpose.{purpose}", seat.reader.lang) for purpose in sorted(seat.context.consents))
    yield say("case.consents", seat.reader.lang), given or say("consent.none", seat.reader.lang)


def _files(tx: Tx, seat: Seat) -> tuple[File, ...]:
    rows = [row for row in documents.of_case(tx, seat.held.case.id) if row.state != "dropped"]
    return tuple(file_of(row, n, seat.reader.lang) for n, row in enumerate(rows, 1) if seat.eyes.see_paper(row))


def file_of(row: documents.Document, number: int, lang: str) -> File:
    """A paper by a name that tells nothing: its place in the case, its kind, its size."""
    return File(row.id, say("form.kept_paper", lang, n=number), papers.label(row.kind), papers.size_in_words(row.size))


def _others(tx: Tx, seat: Seat, names: Mapping[str, str]) -> Iterable[OtherUnsent]:
    """What colleagues typed; only for the one who has the task now."""
    if seat.task.claimed_by != seat.viewer.person or seat.form is None:
        return
    rows = [row for row in unsent.of_key(tx, seat.task.key) if row.person_id != seat.viewer.person]
    people = accounts.names(tx, seat.house, {row.person_id for row in rows})
    for row in rows:
        saved = drafting.kept(tx, seat.house, seat.viewer, seat.task.key, author=row.person_id)
        name = people.get(row.person_id) or names.get(row.person_id, "")
        yield OtherUnsent(name, row.at, tuple(seat.words.typed(seat.form, saved.raw)), row.person_id)


def danger(house: House, lang: str) -> tuple[Pair, ...]:
    """Whom to call when somebody is in danger: (words, number)."""
    return tuple((words.get(lang) or words.get("sv", ""), number) for number, words in house.programme.danger)


def keep(tx: Tx, seat: Seat, raw: Raw, rev: int) -> drafting.Kept:
    """Keep what was typed; the first change that is kept claims a free task.

    Raises:
        TaskTaken: a colleague has it.
    """
    if seat.task.claimed_by not in (None, seat.viewer.person):
        raise TaskTaken(by=seat.task.claimed_by, since=seat.task.claimed_at)
    step = drafting.Step(seat.task.element, seat.task.nth)
    now = seat.reader.now
    saved = drafting.keep(tx, seat.house, seat.viewer, seat.task.key, seat.task.case_id, seat.own(raw), base=seat.base, rev=rev, now=now, step=step)
    if saved.at == now and seat.task.claimed_by is None:
        inbox.claim(tx, seat.viewer, seat.task.key, now)
    return saved


def use(tx: Tx, seat: Seat, author: str) -> None:
    """Take over what a colleague typed, where one has typed nothing else oneself.

    Raises:
        NotFound: she typed nothing.   TaskTaken: the task is not the viewer's.
    """
    theirs = drafting.kept(tx, seat.house, seat.viewer, seat.task.key, author=author)
    if not theirs.rev or seat.task.claimed_by != seat.viewer.person:
        raise NotFound
    mine = drafting.kept(tx, seat.house, seat.viewer, seat.task.key)
    keep(tx, seat, {**seat.base, **mine.raw, **theirs.raw}, mine.rev)


def attach(tx: Tx, house: House, viewer: Viewer, key: str, path: str, upload: papers.Upload, *, most_mb: int, reader: Reader) -> str:
    """Keep a file that answers a field of the task, and give its id.

    Raises:
        InvalidAnswers: the file is too large, or none of the kinds that are taken.   NotFound: the form has no such field.   TaskTaken: a colleague has it.
    """
    seat = sit(tx, house, viewer, key, reader)
    field = next((f for p, f in seat.form.walk() if p == without_numbers(path) and f.kind == "file"), None) if seat.form is not None else None
    if field is None:
        raise NotFound
    inbox.claim(tx, viewer, key, reader.now)
    try:
        return papers.attach(
            tx, house, viewer, case_id=seat.task.case_id, task_key=key, field=path, klass=field.data_class, upload=upload, most_mb=most_mb, now=reader.now
        )
    except (TooLarge, WrongKind) as e:
        why = {"too_large": "form.file_many" if e.facts.get("why") == "count" else "form.file_large", "wrong_kind": "form.file_kind"}[e.code]
        raise InvalidAnswers((FieldFault(path, why, {"most": e.facts.get("most", "")}),)) from e


@dataclass(frozen=True, slots=True)
class Over:
    """A task that is over: what became of it, and what the reader had typed."""

    name: str
    ref: str
    case: str
    why: str
    kept: tuple[Pair, ...]
    until: datetime
    raced: bool
    """A colleague, or another office, did it meanwhile."""


def over(tx: Tx, house: House, viewer: Viewer, key: str, reader: Reader, *, case: str = "", step: str = "") -> Over:
    """What became of a task that is gone.

    Args:
        case, step: as the page said that the task was on; what was kept of it knows better.
    Raises:
        TaskClosed: nothing more can be told to this viewer.
    """
    saved = drafting.kept(tx, house, viewer, key)
    element, _, nth = step.partition(":")
    if saved.step.element:
        element, nth = saved.step.element, str(saved.step.nth)
    brief = case_rows.get(tx, saved.case_id or case)
    if brief is None or not nth.isdigit():
        raise TaskClosed(key)
    try:
        eyes = seeing.look(tx, house, viewer, brief, reader.now)
    except NotFound as e:
        raise TaskClosed(key) from e
    history = facts.of_case(tx, brief.id)
    story = why.storyteller(tx, house, eyes, reader, {}, history)
    end = why.closed_by(history, element, int(nth))
    form = eyes.release.forms.get(eyes.definition.elements[element].form) if element in eyes.definition.elements else None
    words = Wording(eyes.release, reader, asking.directories(tx, house, reader.lang))
    return Over(
        name=story.name(element),
        ref=brief.ref,
        case=brief.id,
        why=story.did(end).rstrip(".") if end is not None else say("why.unknown", reader.lang),
        kept=tuple(words.typed(form, saved.raw)) if form is not None else (),
        until=(saved.at or reader.now) + UNSENT_LASTS,
        raced=end is not None and end.kind == "complete" and end.actor != viewer.person,
    )


def keep_after(tx: Tx, house: House, viewer: Viewer, key: str, raw: Raw, reader: Reader, *, case: str, step: str) -> None:
    """Keep what was typed for a task that ended meanwhile, so that its author can read it still."""
    brief = case_rows.get(tx, case)
    element, _, nth = step.partition(":")
    if brief is None or not nth.isdigit():
        return
    eyes = seeing.look(tx, house, viewer, brief, reader.now)
    form = eyes.release.forms.get(eyes.definition.elements[element].form) if element in eyes.definition.elements else None
    if form is None:
        return
    keys = {f.key for f in form.fields if f.key and not f.buttons}
    own = {path: texts for path, texts in raw.items() if path.partition(".")[0] in keys}
    before = drafting.kept(tx, house, viewer, key)
    drafting.keep(tx, house, viewer, key, case, own, base={}, rev=before.rev, now=reader.now, step=drafting.Step(element, int(nth)))


def on_paper(seat: Seat, *, filled: bool, raw: Raw) -> list[tuple[str, tuple[Pair, ...]]]:
    """The form for paper: section to (question, answer); unanswered questions leave a line to write on."""
    if seat.form is None:
        return []
    drawn = draw(seat.form, raw if filled else {}, lang=seat.reader.lang, faults=(), context=seat.paper_context)
    return [(section.label or element_name(seat.element, seat.reader.lang), tuple(_printed(section.widgets))) for section in drawn if not section.hidden]


def _printed(found: Iterable[Widget]) -> Iterable[Pair]:
    for one in found:
        if one.hidden or one.shape == "paragraph":
            continue
        if one.fields or one.rows:
            yield from ((f"{one.label}: {label}", text) for row in (one, *one.rows) for label, text in _printed(row.fields))
        else:
            yield one.label, ", ".join(o.label for o in one.options if o.chosen) if one.options else one.value


def typed_so_far(tx: Tx, seat: Seat) -> dict[str, list[str]]:
    """What the form holds now: what it began with, and what was typed and kept."""
    return drafting.merged(seat.base, drafting.kept(tx, seat.house, seat.viewer, seat.task.key))
