"""Help pages: questions and answers, and the accessibility statement."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.tasks.task_page import danger_numbers
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("help", __name__)
OPERATOR = "operator"
COMMANDS = {
    "list": "tresteg incident list",
    "retry": "tresteg incident retry",
    "doctor": "tresteg doctor",
    "verify": "tresteg verify",
}
"""What an operator works with; operators have no pages of their own."""


@bp.get("/help")
@page_policy("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """Questions and answers, with the numbers to call in danger."""
    at = current()
    numbers = danger_numbers(at.program.services, at.lang)
    contact = at.program.settings.help_contact
    operates = at.session is not None and OPERATOR in at.viewer.roles
    return render_template(
        "help/page.html",
        danger=numbers,
        contact=contact,
        commands=COMMANDS if operates else {},
        audits=at.session is not None and can_act(at.viewer, "audit"),
    )


@bp.get("/accessibility")
@page_policy("plain", signed_in=False)
def accessibility() -> ResponseReturnValue:
    """The accessibility statement: what is met, what is not, how to complain."""
    contact = current().program.settings.help_contact or current().t("access.whom")
    return render_template("help/accessibility.html", contact=contact)
