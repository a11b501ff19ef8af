"""Forms: read the files, check what people typed, and say what a page shows.

Pure: no clock, no store, no engine, no HTML. Everybody above may import it; it imports `errors`.
"""

from service.forms.checking import CheckedAnswers, check
from service.forms.drawing import draw
from service.forms.fields import Condition, Feel, Field, Form, Json, Option, Raw, Section
from service.forms.filling import fill_in
from service.forms.list_rows import changed_rows, with_row, without_row
from service.forms.reading import inspect_form, read_form
from service.forms.scope import Ask, ConsentWording, FormContext
from service.forms.typed_answers import flatten
from service.forms.widgets import DrawnSection, ListRow, Widget, WidgetOption

__all__ = [
    "Ask",
    "CheckedAnswers",
    "Condition",
    "ConsentWording",
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
