"""The list of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.pages import case_list, message_form
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.cases import bp
from service.web.request_context import current, page_request
from service.web.template_globals import stage_filter

EVERY = "every"
"""The state that an address asks for to see ended cases too."""
KNOWN = (*case_list.STATES, EVERY)


@bp.get("/cases")
@page_policy("plain", act=WORK)
def index() -> ResponseReturnValue:
    """The cases that the viewer may see."""
    context, args = current(), request.args
    services, viewer = context.program.services, context.viewer
    asked = {name: args.get(name, "") for name in ("stage", "officer")}
    state = args.get("state") or case_list.OPEN
    sort = args.get("sort") or case_list.SORTS[0]
    with context.transaction() as tx:
        loaded = case_list.load_case_list(
            tx,
            services,
            viewer,
            context.now,
            page_request(),
            stage=asked["stage"],
            officer=asked["officer"],
            state="" if state == EVERY else state,
            sort=sort,
            with_colleagues=True,
        )
    context.read_vocabulary(loaded.at_hand)
    found = case_list.case_list_page(services, viewer, context.now, loaded)
    can_start = message_form.can_start(loaded.at_hand, services, viewer, context.lang)
    return render_template(
        "case_list/page.html",
        rows=found.rows,
        total=found.total,
        previous=found.previous,
        next=found.next,
        can_start=can_start,
        states=[(code, context.t(f"cases.state_{code}")) for code in KNOWN],
        people=found.colleagues,
        chips=_chips({**asked, "state": state}, sort, dict(found.colleagues)),
        filtered=bool(asked["stage"] or asked["officer"] or state != case_list.OPEN),
        state=state,
        sort=sort,
        **asked,
    )


def _chips(asked: Mapping[str, str], sort: str, people: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words, address without it) of each filter in force; the tabs say whether only one's own
    cases are shown.
    """
    t = current().t
    words = {
        "stage": f"{t('word.step')} {stage_filter(asked['stage'])}",
        "officer": f"{t('cases.officer')}: {people.get(asked['officer'], '–')}",
        "state": t(f"cases.state_{asked['state']}") if asked["state"] in KNOWN else "–",
    }
    usual = {"stage": ("",), "officer": ("", case_list.MINE), "state": (case_list.OPEN,)}
    return [
        (text, url_for("cases.index", **_without(name, {**asked, "sort": sort})))
        for name, text in words.items()
        if asked[name] not in usual[name]
    ]


def _without(name: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """What is asked for, as arguments of an address, but for one."""
    return {other: value for other, value in asked.items() if value and other != name}
