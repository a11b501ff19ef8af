"""Help, and what is said of accessibility."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.web.doors import door
from service.web.here import here
from service.web.words import name_of

bp = Blueprint("help", __name__)


def danger_numbers() -> list[tuple[str, str]]:
    """(words, number) for where somebody may be in danger."""
    return [(name_of(words), number) for number, words in here().program.house.programme.danger]


@bp.get("/help")
@door("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """Questions and answers."""
    return render_template("help/page.html", danger=danger_numbers(), contact=here().program.settings.help_contact)


@bp.get("/accessibility")
@door("plain", signed_in=False)
def accessibility() -> ResponseReturnValue:
    """What is met, what is not, how to complain."""
    contact = here().program.settings.help_contact or here().t("access.whom")
    return render_template("help/accessibility.html", contact=contact)
