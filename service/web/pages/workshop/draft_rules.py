"""The rules of a draft: the list, a rule's table with its editor, and a rule tried by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.engine import DrawnTable
from service.errors import Finding, NotFound
from service.release.bundle import RULE_ENDING, unpack
from service.release.prepared import PreparedRelease
from service.store.installation import releases as rows
from service.web.error_pages import wants_json
from service.web.page_policy import page_policy, style_nonce
from service.web.pages.workshop.draft_head import draft_head
from service.web.pages.workshop.draft_saving import (
    finding_links,
    lint_reply,
    person_name,
    saved_reply,
)
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts, new_files
from service.workshop.rules import draft_rules, rule_inputs
from service.workshop.rules.draft_rules import FOLDER, DraftRules
from service.workshop.rules.rule_trial import RuleTrial, try_rule

bp = Blueprint("draft_rules", __name__)
TYPED = "in."
"""Before the name of each input of the form that tries a rule."""
TERMS: Mapping[str, str] = {
    "Hit policy": "rules.policy",
    "Hit policy:": "rules.policy",
    "Unique": "rules.policy_UNIQUE",
    "First": "rules.policy_FIRST",
    "Any": "rules.policy_ANY",
    "Priority": "rules.policy_PRIORITY",
    "Collect": "rules.policy_COLLECT",
    "Rule order": "rules.policy_RULE_ORDER",
    "Output order": "rules.policy_OUTPUT_ORDER",
    "string": "rules.kind_string",
    "boolean": "rules.kind_boolean",
    "number": "rules.kind_number",
    "integer": "rules.kind_integer",
    "long": "rules.kind_integer",
    "double": "rules.kind_number",
    "date": "rules.kind_date",
    "time": "rules.kind_time",
    "dateTime": "rules.kind_date_and_time",
    "dayTimeDuration": "rules.kind_duration",
    "yearMonthDuration": "rules.kind_months",
}
"""Words of dmn-js to keys of texts."""


@bp.get("/drafts/<draft>/rules")
@page_policy("plain", act="read_process")
def index(draft: str) -> ResponseReturnValue:
    """Every rule of a draft, and a form for a new one."""
    return _list(draft)


@bp.post("/drafts/<draft>/rules")
@page_policy("plain", act="edit_process")
def create(draft: str) -> ResponseReturnValue:
    """Make an empty decision table, to go on with in the editor."""
    row, _, _ = _draft(draft)
    made, faults = new_files.empty_rule(unpack(row.files), request.form)
    if faults:
        return _list(draft, faults), 422
    if current().rev != row.rev:
        return _list(draft, {"": "fault_stale"}), 409
    (file,) = made
    found = drafts.check_draft(current().program.services, row, made)
    rule = file.removeprefix(FOLDER).removesuffix(RULE_ENDING)
    return submit(
        partial(drafts.save_files, draft_id=draft, rev=row.rev, changed=made, found=found),
        then=url_for(".show", draft=draft, rule=rule),
    )


@bp.get("/drafts/<draft>/rules/<rule>")
@page_policy("code_editor", act="read_process")
def show(draft: str, rule: str) -> ResponseReturnValue:
    """One rule: its table, with script in an editor; its findings; and what it can ask for."""
    return _page(draft, rule)


@bp.put("/drafts/<draft>/rules/<rule>")
@page_policy("code_editor", act="edit_process")
def save(draft: str, rule: str) -> ResponseReturnValue:
    """Save the file of a rule, in a draft that is still at the revision that `If-Match` names."""
    table = _table(draft, rule)
    return saved_reply(
        draft, f"{FOLDER}{table.file}", lambda kept, found: _saved_json(kept, rule, found)
    )


@bp.post("/drafts/<draft>/rules/<rule>/lint")
@page_policy("code_editor", act="read_process")
def lint(draft: str, rule: str) -> ResponseReturnValue:
    """Lint a rule as it is on the screen; nothing is saved."""
    table = _table(draft, rule)
    return lint_reply(draft, f"{FOLDER}{table.file}", lambda kept, found: _json(kept, table, found))


@bp.post("/drafts/<draft>/rules/<rule>/try")
@page_policy("code_editor", act="read_process")
def attempt(draft: str, rule: str) -> ResponseReturnValue:
    """Ask a rule as it was saved last with typed values; nothing is kept."""
    row, _, _ = _draft(draft)
    sent = {
        name.removeprefix(TYPED): text
        for name, text in request.form.items()
        if name.startswith(TYPED)
    }
    context = current()
    tried = try_rule(_rules(row), rule, sent, now=context.now, zone=ZoneInfo(context.viewer.zone))
    if wants_json():
        return jsonify(asdict(tried))
    return _page(draft, rule, sent=sent, tried=tried), 422 if tried.faults else 200


def _list(draft: str, faults: Mapping[str, str] | None = None) -> str:
    row, _, live = _draft(draft)
    return render_template(
        "processes/rules.html",
        draft=draft_head(row, live),
        rules=_rules(row, linted=True).entries(),
        policies=new_files.POLICIES,
        typed=request.form,
        faults={name: current().t(f"rules.{key}") for name, key in (faults or {}).items()},
        can_edit=can_act(current().viewer, "edit_process"),
    )


def _draft(draft: str) -> tuple[rows.Draft, str, PreparedRelease]:
    """A draft, who saved it last, and the release in force."""
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        return row, person_name(tx, row.by), context.program.services.current(tx)


def _rules(row: rows.Draft, *, linted: bool = False) -> DraftRules:
    services = current().program.services
    lang = current().lang
    return draft_rules.load_rules(unpack(row.files), services, lang, linted=linted)


def _table(draft: str, rule: str) -> DrawnTable:
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    return draft_rules.find_table(unpack(row.files), rule)


def _saved_json(row: rows.Draft, rule: str, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings after a save, with the rows and columns of what was saved."""
    try:
        return _json(row, draft_rules.find_table(unpack(row.files), rule), found)
    except NotFound:  # the file names its rule otherwise now
        return []


def _json(row: rows.Draft, table: DrawnTable, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings for script: rows and columns where they are of this table, else a link."""
    link = finding_links(row)
    return [
        {
            **asdict(one.text),
            "rows": one.rows,
            "columns": one.columns,
            "here": one.text.element == table.id,
            "link": "" if one.text.element == table.id else link(one.text),
        }
        for one in draft_rules.rule_findings(found, table, current().lang)
    ]


def _terms() -> dict[str, str]:
    """Words of dmn-js that its makers' language has for engineers alone, in plain words."""
    return {word: current().t(key) for word, key in TERMS.items()}


def _page(
    draft: str,
    rule: str,
    *,
    sent: Mapping[str, str] | None = None,
    tried: RuleTrial | None = None,
) -> str:
    row, by, live = _draft(draft)
    rules = _rules(row, linted=True)
    lang = current().lang
    table = rules.table(rule)
    asked = rule_inputs.asked_inputs(rules, rule)
    known = rule_inputs.all_inputs(rules)
    can_save = can_act(current().viewer, "edit_process")
    return render_template(
        "processes/rule.html",
        draft=draft_head(row, live),
        rule=rules.entry(rule),
        table=table,
        headings=rule_inputs.column_labels(rules, rule),
        why_not=rules.why_not(table),
        offered=draft_rules.OFFERED,
        most_rows=draft_rules.MOST_ROWS,
        findings=_json(row, table, rules.findings),
        asked=asked,
        others=[one for one in known if one not in asked],
        known=known,
        saved=row.at,
        by=by,
        can_save=can_save,
        sent=sent or {},
        tried=tried,
        fired={fired.number for fired in tried.rows} if tried is not None else set(),
        nonce=style_nonce(),
        terms=_terms(),
        lang=lang,
        file=url_for("releases.download", release=row.id, name=f"{FOLDER}{table.file}"),
    )
