"""Help pages: questions and answers, and the accessibility statement."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.template_globals import name_of

bp = Blueprint("help", __name__)


def danger_numbers() -> list[tuple[str, str]]:
    """(words, number) for where somebody may be in danger."""
    return [
        (name_of(words), number) for number, words in current().program.services.programme.danger
    ]


@bp.get("/help")
@page_policy("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """Questions and answers."""
    return render_template(
        "help/page.html", danger=danger_numbers(), contact=current().program.settings.help_contact
    )


@bp.get("/accessibility")
@page_policy("plain", signed_in=False)
def accessibility() -> ResponseReturnValue:
    """What is met, what is not, how to complain."""
    contact = current().program.settings.help_contact or current().t("access.whom")
    return render_template("help/accessibility.html", contact=contact)
