"""Forms: reads the files, checks what people typed, and says what a page shows.

Pure: no clock, no store, no engine, no HTML.
"""

from service.forms.checking import CheckedAnswers, check
from service.forms.drawing import (
    DrawnSection,
    ListRow,
    Widget,
    WidgetOption,
    changed_rows,
    draw,
    with_row,
    without_row,
)
from service.forms.fields import Condition, Feel, Field, Form, Json, Option, Raw, Section
from service.forms.filling import fill_in
from service.forms.flattening import flatten
from service.forms.reading import inspect_form, read_form
from service.forms.scope import Ask, FormContext

__all__ = [
    "Ask",
    "CheckedAnswers",
    "Condition",
    "DrawnSection",
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
    "WidgetOption",
    "changed_rows",
    "check",
    "draw",
    "fill_in",
    "flatten",
    "inspect_form",
    "read_form",
    "with_row",
    "without_row",
]
