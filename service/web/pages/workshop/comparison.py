"""Comparing a draft with a release, and two releases: on the diagram, and as a list by class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.casefile import diagram_viewer
from service.errors import NotFound
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current
from service.workshop import comparison_page as comparing
from service.workshop import drafts
from service.workshop.comparison import line_diff
from service.workshop.comparison_page import ComparedSide, Comparison, Jump

bp = Blueprint("comparison", __name__)
BETWEEN, WITH = "comparison.between", "with"


@bp.get("/drafts/<draft>/compare")
@page_policy("diagram", act="read_process")
def draft(draft: str) -> ResponseReturnValue:
    """A draft against a release: the one that the query names, else the one it was begun from."""
    services = current().program.services
    viewer = current().viewer
    with current().transaction() as tx:
        row = drafts.require_draft(tx, viewer, draft)
        choices = _choices(tx, row.process, row.base or "")
        chosen = request.args.get(WITH, row.base or "") or (choices[0][0] if choices else "")
        if not choices:
            raise NotFound
        before = comparing.load_release_side(tx, chosen)
        after = comparing.load_draft_side(tx, services, viewer, draft)
        live = services.current(tx)
    about = draft_head(row, live)
    address = url_for(".draft", draft=draft)
    return _draw(before, after, choices, address, {WITH: chosen}, draft=about)


@bp.get("/releases/<release>/compare/<newer>")
@page_policy("diagram", act="read_process")
def between(release: str, newer: str) -> ResponseReturnValue:
    """Two releases. The form that chooses the older one is sent here, and on to its address."""
    if chosen := request.args.get(WITH, ""):
        return redirect(url_for(".between", release=chosen, newer=newer), 303)
    with current().transaction() as tx:
        left = comparing.load_release_side(tx, release)
        right = comparing.load_release_side(tx, newer)
        choices = [one for one in _choices(tx, _process()) if one[0] != newer]
    address = url_for(".between", release=release, newer=newer)
    return _draw(left, right, choices, address, {})


def _process() -> str:
    return current().program.services.programme.process


def _choices(tx: Tx, process: str, base: str = "") -> list[tuple[str, str]]:
    """The releases to compare with, the newest first: id and name."""
    live = rows.live(tx, process)
    found = []
    for title in rows.of_process(tx, process):
        name = f"v{title.number}"
        if title.id == base:
            name = current().t("compare.base", name=name)
        elif live is not None and title.id == live.id:
            name = current().t("compare.current", name=name)
        found.append((title.id, name))
    return found


def _draw(
    before: ComparedSide,
    after: ComparedSide,
    choices: Sequence[tuple[str, str]],
    address: str,
    chosen: dict[str, str],
    draft: object = None,
) -> ResponseReturnValue:
    context = current()
    found = comparing.compare_sides(context.program.services, before, after, context.lang)
    marked = [name for name in found.diagrams if name in found.marks]
    file = request.args.get("file", "") or (marked or found.diagrams)[0]
    text = request.args.get("text", "")
    if file not in found.diagrams or (text and text not in found.files):
        raise NotFound

    def link(**more: str) -> str:
        args = {**chosen, "file": file, **more}
        return f"{address}?{urlencode({key: value for key, value in args.items() if value})}"

    def show(jump: Jump | None) -> str:
        return f"{link(file=jump.file, at=jump.element)}#diagrams" if jump is not None else ""

    return render_template(
        "processes/compare.html",
        draft=draft,
        before=_side(before),
        after=_side(after),
        choices=choices,
        chosen=before.id,
        address=address,
        damaged=[side.name for side in (before, after) if not side.intact],
        groups=[(kind, [_line(one, show, file) for one in group]) for kind, group in found.groups],
        files=[
            SimpleNamespace(
                title=found.titles.get(name, name),
                link=link(file=name),
                shown=name == file,
                marks=len(found.marks.get(name, {})),
            )
            for name in found.diagrams
        ],
        sides=[_drawing(side, file) for side in (before, after)],
        signs=dict(found.marks.get(file, {})),
        at=request.args.get("at", ""),
        texts=[(name, f"{link(text=name)}#text", name == text) for name in found.files],
        text=_text(found, text),
        text_name=text,
    )


def _side(side: ComparedSide) -> SimpleNamespace:
    name = current().t("compare.draft", name=side.name) if side.is_draft else side.name
    return SimpleNamespace(id=side.id, name=name, is_draft=side.is_draft)


def _line(
    line: comparing.ChangeLine, show: Callable[[Jump | None], str], file: str
) -> SimpleNamespace:
    change = line.change
    return SimpleNamespace(
        text=change.text,
        sign=change.sign,
        was=change.was,
        now=change.now,
        link=show(line.jump),
        element=line.jump.element if line.jump is not None and line.jump.file == file else "",
        moved=[
            (name, show(jump), jump.element if jump.file == file else "")
            for name, jump in line.moved
        ],
    )


def _drawing(side: ComparedSide, file: str) -> dict[str, Any] | None:
    """Data of the viewer for one side; None when it does not have the file."""
    if f"workflows/{file}" not in side.bundle.files:
        return None
    return diagram_viewer.drawing_data(side.id, side.name, file, diagram_address)


def _text(found: Comparison, name: str) -> list[str] | None:
    """A file as a patch; None when it is not asked for, or too long."""
    if not name:
        return None
    sides = (found.before, found.after)
    data = [side.bundle.files.get(name) for side in sides]
    return line_diff.patch(data[0], data[1], (found.before.name, found.after.name))
