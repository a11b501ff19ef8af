"""The visibility matrix of a draft: a stage at a time, and the rows that narrow it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from service.access import CLASSES, OWN_OFFICE
from service.errors import NotFound
from service.release.programme.process_configuration import VISIBILITY
from service.release.programme.vocabulary import GROUP
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import (
    DraftConfiguration,
    load,
    page,
    save,
    sent,
)
from service.workshop.configuration import visibility
from service.workshop.configuration.words import role_rows

bp = Blueprint("draft_visibility", __name__)


@bp.get("/drafts/<draft>/configuration/visibility")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Who sees what in a stage."""
    return _draw(draft, {})


@bp.post("/drafts/<draft>/configuration/visibility")
@page_policy("plain", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Save the cells of a stage, add a row that narrows, or take one out."""
    loaded = load(draft)
    form = sent()
    text = loaded.text(VISIBILITY)
    act = form.get("do", [""])[-1]
    stage = _stage(loaded)
    roles = _roles(loaded)
    if act == "add":
        edit = visibility.add_narrowing(text, roles, form)
    elif act == "save":
        edit = visibility.save_cells(text, roles, stage, form)
    else:
        edit = visibility.remove_narrowing(text, form.get("out", [""])[-1])
    then = url_for(".show", draft=draft, stage=stage)
    return save(loaded, edit, then, lambda faults: _draw(draft, faults))


def _stages(loaded: DraftConfiguration) -> tuple[str, ...]:
    return visibility.stages_of(loaded.words.vocabulary.stages)


def _stage(loaded: DraftConfiguration) -> str:
    stages = _stages(loaded)
    stage = request.values.get("stage") or stages[0]
    if stage not in stages:
        raise NotFound
    return stage


def _roles(loaded: DraftConfiguration) -> tuple[str, ...]:
    """The roles of the release, then what else the matrix has a row for."""
    rows = visibility.read_letters(loaded.text(VISIBILITY))
    named = role_rows(loaded.bundle)
    lanes = [id_ for id_, row in named.items() if not row.get("house")]
    return (*dict.fromkeys((*lanes, *named, *rows)),)


def _draw(draft: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    text = loaded.text(VISIBILITY)
    stage = _stage(loaded)
    roles = _roles(loaded)
    words, narrowings = loaded.words, visibility.read_narrowings(text)
    groups = (*words.vocabulary.ids(GROUP), OWN_OFFICE)
    return page(
        loaded,
        "processes/configuration/visibility.html",
        now=visibility.cell_values(text, roles, stage),
        faults=faults,
        files=(visibility.FILE,),
        stage=stage,
        stages=[(one, words.stage(one)) for one in _stages(loaded)],
        roles=[(role, words.role(role)) for role in roles],
        classes=[(one, words.data_class(one)) for one in CLASSES],
        modes=[(mode, words.mode(mode)) for mode in visibility.MODES],
        narrowings=[row for row in narrowings if stage in row.stages],
        groups=[(group, words.group(group)) for group in groups],
    )
