"""Answers of a form as a program sends them: JSON by key or by key path, checked by the same form
checker as a page's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.casework.casefile.answer_text import without_numbers
from service.errors import FieldFault, InvalidAnswers, NotUnderstood
from service.forms import Form, Raw, flatten

DEEPEST = 8
"""Levels of JSON; a form has three."""


def texts(form: Form | None, answers: Mapping[str, Any]) -> Raw:
    """Answers as a browser would send them.

    Raises:
        InvalidAnswers: the form asks for no such thing; each is named.
        NotUnderstood: they are nested deeper than any form.
    """
    if _deeper(answers, DEEPEST):
        raise NotUnderstood(field="answers", why="kind")
    raw = flatten(answers)
    known = {path for path, _ in form.walk()} if form is not None else set()
    unknown = sorted(path for path in raw if without_numbers(path) not in known)
    if unknown:
        raise InvalidAnswers(tuple(FieldFault(path, "form.unknown") for path in unknown))
    return raw


def _deeper(value: Any, left: int) -> bool:  # noqa: ANN401  # any JSON
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (left == 0 or any(_deeper(one, left - 1) for one in inner))
