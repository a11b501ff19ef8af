"""Requests by script of the editors of a draft: save a file on the revision it was made from, and
lint what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import Finding, NotFound, Stale
from service.people import accounts
from service.release.bundle import unpack
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.page_parts import moment_filter
from service.web.request_context import current
from service.workshop import drafts, editor
from service.workshop.editor import FindingText
from service.workshop.forms.form_file import ENDING, FOLDER
from service.workshop.open_cases import with_open_cases

FindingsJson: TypeAlias = Callable[[rows.Draft, Sequence[Finding]], list[dict[str, Any]]]
"""Findings of a draft as an editor shows them."""


def saved_reply(draft: str, name: str, findings: FindingsJson) -> ResponseReturnValue:
    """Save a file of a draft that is still at the revision that `If-Match` names.

    It is linted between a transaction that reads and one that writes: linting is slow.

    Args:
        name: of the file in the release.
    Raises:
        Stale: no revision was named.   NotFound: the draft has no such file.
        BadDiagram: nobody could open it again.
    """
    revision = request.headers.get("If-Match", "").strip('"').removeprefix("r")
    if not revision.isdigit():
        raise Stale
    services = current().program.services
    content = request.get_data()
    row = _draft_with(draft, name)
    if row.rev != int(revision):
        return stale_reply(draft)
    found = drafts.check_draft(services, row, {name: content})
    try:
        with current().transaction(write=True) as tx:
            rev = drafts.save_files(
                tx,
                services,
                by=current().viewer,
                draft_id=draft,
                changed={name: content},
                found=found,
                rev=int(revision),
                now=current().now,
            )
            kept = drafts.require_draft(tx, current().viewer, draft)
            found = with_open_cases(tx, services, unpack(kept.files), found)
    except Stale:
        return stale_reply(draft)
    return jsonify(rev=rev, saved=current().clock_time, findings=findings(kept, found))


def lint_reply(draft: str, name: str, findings: FindingsJson) -> ResponseReturnValue:
    """Lint a draft with a file as it is on the screen; nothing is saved.

    Raises:
        NotFound: the draft has no such file.
    """
    row = _draft_with(draft, name)
    content = request.get_data()
    services = current().program.services
    found = drafts.check_draft(services, row, {name: content})
    with current().transaction() as tx:
        found = with_open_cases(tx, services, unpack(row.files).with_file(name, content), found)
    return jsonify(findings=findings(row, found))


def finding_links(row: rows.Draft) -> Callable[[FindingText], str]:
    """A function that gives the address at which a finding can be mended, "" when there is none."""
    drawn = frozenset(editor.diagrams(unpack(row.files), row.process))

    def link(text: FindingText) -> str:
        if text.file in drawn:
            return (
                f"{url_for('draft_diagram.edit', draft=row.id, file=text.file)}?at={text.element}"
            )
        if text.file.endswith(".dmn") and text.element:
            return url_for("draft_rules.show", draft=row.id, rule=text.element)
        if text.file.startswith(FOLDER) and text.file.endswith(ENDING):
            form = text.file.removeprefix(FOLDER).removesuffix(ENDING)
            return url_for("draft_form.show", draft=row.id, form=form)
        return ""

    return link


def person_name(tx: Tx, person: str) -> str:
    """The name of somebody who saved; empty when she has none."""
    return accounts.names(tx, current().program.services, [person]).get(person, "")


def _draft_with(draft: str, name: str) -> rows.Draft:
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
    if name not in unpack(row.files).files:
        raise NotFound
    return row


def stale_reply(draft: str, key: str = "owner.saved_by") -> ResponseReturnValue:
    """The answer 409 when somebody else has saved the draft first: who, and when.

    Args:
        key: of the sentence.
    """
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        who = person_name(tx, row.by) or context.t("word.somebody")
    detail = context.t(key, who=who, time=moment_filter(row.at))
    return jsonify(code="stale", status=409, detail=detail), 409
