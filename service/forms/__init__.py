"""Forms: read the files, check what people typed, and say what a page shows.

Pure: no clock, no store, no engine, no HTML.
"""

from service.forms.checking import CheckedAnswers, check
from service.forms.drawing import draw
from service.forms.field_rules import KINDS, STEERS
from service.forms.fields import (
    LANGUAGES,
    SOURCE,
    Condition,
    Feel,
    Field,
    Form,
    Json,
    Option,
    Raw,
    Section,
)
from service.forms.filling import as_sent, fill_in
from service.forms.form_findings import finding as form_finding
from service.forms.reading import TRANSLATIONS, inspect_form, load_form, read_form
from service.forms.sample_answers import sample_answers
from service.forms.scope import DIRECTORIES, Ask, ConsentWording, FormContext
from service.forms.steps import DrawnStep, drawn_steps, form_steps
from service.forms.typed_answers import changed_rows, flatten, last_row, with_row, without_row
from service.forms.values import typed_day
from service.forms.widgets import DrawnSection, ListRow, Widget

__all__ = [
    "DIRECTORIES",
    "KINDS",
    "LANGUAGES",
    "SOURCE",
    "STEERS",
    "TRANSLATIONS",
    "Ask",
    "CheckedAnswers",
    "Condition",
    "ConsentWording",
    "DrawnSection",
    "DrawnStep",
    "Feel",
    "Field",
    "Form",
    "FormContext",
    "Json",
    "ListRow",
    "Option",
    "Raw",
    "Section",
    "Widget",
    "as_sent",
    "changed_rows",
    "check",
    "draw",
    "drawn_steps",
    "fill_in",
    "flatten",
    "form_finding",
    "form_steps",
    "inspect_form",
    "last_row",
    "load_form",
    "read_form",
    "sample_answers",
    "typed_day",
    "with_row",
    "without_row",
]
