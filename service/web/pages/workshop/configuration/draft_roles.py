"""The roles of a draft: their names, the kinds of office that may hold them, a new role."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from service.release.bundle import ROLES
from service.release.programme.vocabulary import OFFICE_KIND
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import load, page, save, sent
from service.workshop.configuration import roles

bp = Blueprint("draft_roles", __name__)


@bp.get("/drafts/<draft>/configuration/roles")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every role of a draft."""
    return _draw(draft, {})


@bp.post("/drafts/<draft>/configuration/roles")
@page_policy("plain", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Save names and kinds of office, or add a role."""
    loaded = load(draft)
    form = sent()
    add = form.get("do", [""])[-1] == "add"
    edit = (roles.add_role if add else roles.save_roles)(loaded.bundle, form)
    return save(loaded, edit, url_for(".show", draft=draft), lambda faults: _draw(draft, faults))


def _draw(draft: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    steps = [node for p in loaded.drawn.model.processes.values() for _, node in p.scope.walk()]
    listed = roles.read_roles(loaded.bundle)
    kinds = loaded.words.vocabulary.ids(OFFICE_KIND)
    return page(
        loaded,
        "processes/configuration/roles.html",
        now=roles.role_values(loaded.bundle),
        faults=faults,
        files=(ROLES,),
        roles=listed,
        kinds=[(kind, loaded.words.office_kind(kind)) for kind in kinds],
        steps={role.id: sum(role.names["sv"] == node.lane for node in steps) for role in listed},
    )
