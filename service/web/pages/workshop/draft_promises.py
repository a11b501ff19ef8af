"""The promises of a draft: what holds, what is broken and by which way; add one, take one out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.errors import InvalidAnswers, Stale, UnusableFile
from service.release.bundle import unpack
from service.store.installation import releases as rows
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts
from service.workshop.promises.drafted import (
    FORMS,
    DraftPromise,
    DraftPromises,
    PromiseSummary,
    way_data,
)

bp = Blueprint("draft_promises", __name__)
PARTS = ("x", "y", "role", "field", "days")


@bp.get("/drafts/<draft>/promises")
@page_policy("diagram", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every promise of a draft, a form for each kind of promise, and the way that breaks one."""
    return _draw(draft)


@bp.post("/drafts/<draft>/promises")
@page_policy("diagram", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Add a promise, or take one out, as the pressed button says.

    Raises:
        Stale: somebody saved the draft since the page was made.
    """
    row, promises = _read(draft)
    sent, removed = request.form, request.form.get("out", "")
    try:
        if removed:
            process, _, number = removed.partition(":")
            changed = promises.without(process, number)
        else:
            parts = {part: sent.get(part, "") for part in PARTS}
            changed = promises.with_promise(sent.get("form", ""), parts)
    except InvalidAnswers as fault:
        faults = {one.path: current().t(one.key, **one.facts) for one in fault.faults}
        return _draw(draft, faults=faults, status=422)
    except UnusableFile:
        return _draw(draft, faults={"form": current().t("promises.not_here")}, status=422)
    rev = current().rev
    if rev is None:
        raise Stale
    found = drafts.check_draft(current().program.services, row, changed)
    command = partial(
        drafts.save_files, draft_id=draft, rev=rev, changed=dict(changed), found=found
    )
    return submit(command, then=url_for(".show", draft=draft))


def _read(draft: str) -> tuple[rows.Draft, DraftPromises]:
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    return row, DraftPromises(unpack(row.files), context.program.services, context.lang)


def _way(row: rows.Draft, promises: DraftPromises, chosen: DraftPromise) -> dict[str, Any]:
    def xml(file: str) -> str:
        return diagram_address(row.id, file)

    return way_data(promises, chosen, id_=row.id, name=row.title, xml=xml)


def _draw(
    draft: str, *, faults: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    context = current()
    row, promises = _read(draft)
    listed = promises.listed()
    shown = request.args.get("way", "")
    chosen = next((one for one in listed if f"{one.process}:{one.number}" == shown), None)
    with context.transaction() as tx:
        live = context.program.services.current(tx)
    sent = request.form
    page = render_template(
        "processes/promises.html",
        draft=draft_head(row, live),
        promises=PromiseSummary(tuple(listed)),
        shown=shown,
        chosen=chosen if chosen is not None and chosen.path else None,
        data=_way(row, promises, chosen) if chosen is not None and chosen.path else None,
        choices=promises.choices(),
        forms=FORMS,
        form=sent.get("form", ""),
        typed={part: sent.get(part, "") for part in PARTS},
        faults=faults or {},
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return page, status
