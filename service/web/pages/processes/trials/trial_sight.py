"""Whose sight of a draft is shown while it is tried: a role, in a stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from service.release.prepared import PreparedRelease
from service.web.pages.processes.trials.trial_desk import ROLE, STAGE
from service.web.request_context import current
from service.workshop.trial import trial_page as trials


def see_as(ready: PreparedRelease, sent: Mapping[str, str]) -> trials.SeeAs | None:
    """Whose sight is shown; None where nobody's was chosen."""
    role, stages = sent.get(ROLE, ""), ready.vocabulary.stages
    if role not in ready.roles or not stages:
        return None
    stage = sent.get(STAGE, "")
    chosen = stage if stage in stages else next(iter(stages))
    matrix = current().program.services.configuration(ready).matrix
    return trials.SeeAs(matrix, role, chosen)


def sight(ready: PreparedRelease) -> dict[str, Any]:
    """The roles and stages to choose from, and the chosen ones."""
    lang = current().lang
    chosen = see_as(ready, request.form)
    stages = ready.vocabulary.stages
    return {
        "roles": sorted(((r, ready.role_name(r, lang)) for r in ready.roles), key=lambda r: r[1]),
        "stages": [(id_, ready.vocabulary.word("stage", id_, lang)) for id_ in stages],
        "role": chosen.role if chosen else "",
        "role_name": ready.role_name(chosen.role, lang) if chosen else "",
        "stage": chosen.stage if chosen else "",
    }
