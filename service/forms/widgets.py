"""The values of a drawn form, which templates render: sections, widgets, options, rows of lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from service.errors import FieldFault
from service.forms.fields import Json
from service.forms.scope import ConsentWording


@dataclass(frozen=True, slots=True)
class Widget:
    """One question, or a holder of questions, ready to be shown.

    `shape` names the template: text, longtext, number, date, datetime, money, radio, select,
    checks, file, list, group, matrix, consent, consents, computed, paragraph.
    `kind` is the kind of the answer (fields.py). `path` is the input's name.
    """

    path: str
    key: str
    kind: str
    shape: str
    label: str
    help: str = ""
    required: bool = False
    optional: bool = False
    """Never required, whatever else is answered."""
    hidden: bool = False
    value: str = ""
    """As it was typed; of a computed field, the answer in words."""
    values: tuple[str, ...] = ()
    """All texts of a field that may have several: checks, files."""
    options: tuple[tuple[str, str], ...] = ()
    """(code, label) of what may be chosen; chosen are those whose code is among `values`."""
    common: int = 0
    """How many of the options stand first because they are common; 0 for no such part."""
    fields: tuple[Widget, ...] = ()
    """Fields of a group or consent; of money: amount and currency."""
    rows: tuple[ListRow, ...] = ()
    blank: ListRow | None = None
    """Of a list: the row that is added, `new` in the place of its number."""
    fewest_rows: int = 0
    most_rows: int = 0
    longest: int | None = None
    least: str = ""
    """Of a date: the first day that is allowed now, as ISO; "" for no limit, as of `most`."""
    most: str = ""
    multiple: bool = False
    faults: tuple[FieldFault, ...] = ()
    data_class: str = "C0"
    group: str = ""
    purpose: str = ""
    """The purpose that the answer is kept for; of a consent, the one it is about."""
    warning: str = ""
    """Text key of a warning that is always shown, such as that others read this text."""
    origin: tuple[str, str] | None = None
    """Title of the form, and day, that the proposed answer in the field is from."""
    stated: str = ""
    """Of a judgement: the answer that the programme's own lists give, in words."""
    hint: str = ""
    """A sentence that this answer calls for."""
    offer: str = ""
    """A message that the page offers to send because of this answer, such as `alert`; `danger`
    means the emergency numbers."""
    shared: bool = False
    """Of a consent: the same group asks once how it was given, for several purposes."""
    live: Mapping[str, Json] = attribute(default_factory=dict)
    """The consent that is live already."""
    text: ConsentWording | None = None
    """Of a consent: what is asked, word for word."""
    other_languages: tuple[tuple[str, str, ConsentWording], ...] = ()
    """Of an information: the other languages it is there in, each with its code, its name and its
    text."""
    routing: bool = False
    buttons: bool = False
    answered: bool = False
    """Whether it has an answer, or something inside it has."""
    left: int = 0
    """How many answers are still needed, in a holder those of the questions inside."""

    @property
    def chosen(self) -> list[str]:
        """Labels of the options that are chosen."""
        return [label for code, label in self.options if code in self.values]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list. `number` counts from 1; `path` is what its inputs begin with."""

    number: int
    path: str
    fields: tuple[Widget, ...]
    faults: tuple[FieldFault, ...] = ()
    filled: bool = False
    """Whether it has an answer; a row without one is not kept."""


def answers_left(
    shape: str,
    value: object,
    fields: tuple[Widget, ...],
    rows: tuple[ListRow, ...],
    *,
    required: bool,
    fewest_rows: int,
) -> int:
    """How many answers a question that is asked still needs, and those inside it.

    Args:
        value: its answer so far; None for none.
    """
    if shape in ASKS_NOTHING:
        return 0
    if shape == "consent":
        given = isinstance(value, dict) and value.get("given") is True
        return sum(inner.left for inner in fields) if given else int(required)
    if shape in ("group", "matrix", "consents"):
        asked = shape == "consents" or required or value is not None
        return sum(inner.left for inner in fields) if asked else 0
    if shape == "list":
        return _left_in_rows(rows, max(fewest_rows, int(required)))
    return int(required and value in (None, []))


ASKS_NOTHING = frozenset({"computed", "paragraph", "row_id"})


def _left_in_rows(rows: tuple[ListRow, ...], fewest: int) -> int:
    """Answers that the rows of a list lack: those with an answer, and as many more as it needs."""
    filled = [row for row in rows if row.filled]
    blank = [row for row in rows if not row.filled]
    lacking = max(fewest - len(filled), 0)
    left = sum(inner.left for row in filled for inner in row.fields)
    wanted = [max(sum(inner.left for inner in row.fields), 1) for row in blank[:lacking]]
    return left + sum(wanted) + lacking - len(wanted)


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """A heading of the page and the widgets under it; `hidden` when all of them are."""

    id: str
    label: str
    help: str
    widgets: tuple[Widget, ...]
    hidden: bool
    faults: int
    """How many faults its fields have."""
    left: int
    """How many answers are still needed, besides the one that the buttons give."""
    needed: bool = False
    """Whether any question in it must be answered."""
    step: int = 0
    """Number of the step that it is drawn in, from 1; 0 in a form that is one page."""
