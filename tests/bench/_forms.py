"""The fields of the forms of the stock loop: each form has its own, as forms have.

So its state grows with what was answered, to the 54,000 bytes that were measured when the targets
were set. In ours a field of a form is one of its case, whatever other forms call theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

STEERS = "answer"
"""What conditions and rules read, in whichever form it is asked."""


def own_fields(element: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers of one form, under the names of its own fields."""
    return {key if key == STEERS else f"{element}_{key}": text for key, text in answers.items()}
