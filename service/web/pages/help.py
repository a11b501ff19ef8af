"""Help pages: questions and answers; the way of a change, FEEL and rules; accessibility."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.break_glass.opening import may_break
from service.casework.tasks.task_page import danger_numbers
from service.engine import DrawnTable
from service.errors import NotFound
from service.release.bundle import Bundle
from service.release.programme.help_examples import RuleExample
from service.web.accessibility_check import last_check
from service.web.page_policy import BEGIN, page_policy
from service.web.request_context import current
from service.workshop.rules.draft_rules import find_table

bp = Blueprint("help", __name__)
OPERATOR = "operator"
COMMANDS = {
    "list": "tresteg incident list",
    "retry": "tresteg incident retry",
    "doctor": "tresteg doctor",
    "verify": "tresteg verify",
}
"""What an operator works with on the server."""

COMPLAINTS = "https://www.digg.se/tdosanmalan"
"""Where the authority that supervises accessibility takes complaints."""
NOT_MET = ("1", "2")
"""What does not work yet: while there is anything, the service is partly compliant."""
WORDS = (
    "give",
    "call",
    "six",
    "pause",
    "found",
    "phone",
    "desk",
    "child",
    "read",
    "shield",
    "lost",
)
"""Questions about two words and a card, in their order."""
PARTS = (
    *("begin", "draw", "forms", "promises", "compare", "try", "dry_run"),
    *("publish", "move", "back"),
)
"""Parts of the way of a change, in their order."""


@bp.get("/help")
@page_policy("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """Questions and answers, with the numbers to call in danger."""
    context = current()
    numbers = danger_numbers(context.program.services, context.lang)
    contact = context.program.settings.help_contact
    operates = context.session is not None and OPERATOR in context.viewer.roles
    owns = context.session is not None and can_act(context.viewer, "read_process")
    return render_template(
        "help/page.html",
        danger=numbers,
        contact=contact,
        commands=COMMANDS if operates else {},
        works=context.session is not None
        and (bool(context.viewer.lane_roles) or can_act(context.viewer, BEGIN)),
        audits=context.session is not None and can_act(context.viewer, "audit"),
        owns=owns,
        breaks=context.session is not None and may_break(context.program.services, context.viewer),
    )


@bp.get("/help/words")
@page_policy("plain", act=BEGIN)
def words() -> ResponseReturnValue:
    """Two words and a card: how a person is heard who cannot keep a paper with a name on it."""
    return render_template("help/words.html", parts=WORDS)


@bp.get("/help/process")
@page_policy("plain", act="read_process")
def process() -> ResponseReturnValue:
    """The way of a change: from the first one to a release, and back."""
    return render_template("help/process.html", parts=PARTS)


@bp.get("/help/feel")
@page_policy("plain", act="read_process")
def feel() -> ResponseReturnValue:
    """FEEL, by examples of the programme."""
    context = current()
    groups = context.program.services.programme.help_examples.feel
    return render_template("help/feel.html", groups=groups, lang=context.lang)


@bp.get("/help/rules")
@page_policy("plain", act="read_process")
def rules() -> ResponseReturnValue:
    """Rules, by examples of the programme: cells, and whole tables."""
    context = current()
    examples = context.program.services.programme.help_examples
    with context.transaction() as tx:
        bundle = context.program.services.current(tx).bundle
    drawn = ((example, _table(bundle, example)) for example in examples.rules)
    return render_template(
        "help/rules.html",
        cells=examples.cells,
        tables=[(example, table) for example, table in drawn if table is not None],
        lang=context.lang,
    )


def _table(bundle: Bundle, example: RuleExample) -> DrawnTable | None:
    """The rule that an example asks; None where the release in force has it no more."""
    try:
        return find_table(bundle, example.rule)
    except NotFound:
        return None


@bp.get("/accessibility")
@page_policy("plain", signed_in=False)
def accessibility() -> ResponseReturnValue:
    """The accessibility statement: what is met, what is not, how to complain."""
    settings, check = current().program.settings, last_check()
    return render_template(
        "help/accessibility.html",
        settings=settings,
        check=check,
        result="access.result" if check.faults else "access.result_none",
        not_met=NOT_MET,
        complaints=COMPLAINTS,
    )
