"""A case of a protected identity: naming a further person, taking that back, and asking for a
second person's approval.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals.waiting_list import what_text
from service.casework.casefile.protected_commands import (
    ask_approval,
    name_person,
    require_subject,
    take_back_name,
)
from service.casework.cases import protection
from service.errors import NotFound, NotNamed, TrestegError
from service.people import accounts
from service.store.installation import people
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.case_forms import (
    FRESH,
    RefusedForm,
    case_head,
    draw_act,
    opened_view,
    reason_refused,
)
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("protected_identity", __name__)


@bp.get("/cases/<case>/named")
@page_policy("plain", act=WORK)
def name(case: str) -> ResponseReturnValue:
    """The form to name a further person, with those who are named and the candidates."""
    return _draw_named(case)


@bp.post("/cases/<case>/named")
@page_policy("plain", act=WORK)
def name_now(case: str) -> ResponseReturnValue:
    """Name a further person."""
    command = partial(
        name_person,
        case_id=case,
        person=request.form.get("person", ""),
        reason=request.form.get("why", ""),
    )
    then = url_for("cases.show", case=case, done="named")
    return submit(command, then=then, refused=partial(_named_refused, case))


def _named_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = reason_refused(fault)
    return _draw_named(case, refused) if refused is not None else None


def _draw_named(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context = current()
    return draw_act(
        context.read_and_log(lambda tx: _load_named(tx, case, take_back=False)),
        refused,
        title=context.t("named.title"),
        label=context.t("named.do"),
        address=url_for("protected_identity.name_now", case=case),
        lines=[context.t("named.then_sees"), context.t("named.then_history")],
        choice="person",
        choose=context.t("named.choose"),
        chosen=request.form.get("person", ""),
        other=(context.t("named.back_title"), url_for("protected_identity.take_back", case=case)),
    )


@bp.get("/cases/<case>/named/end")
@page_policy("plain", act=WORK)
def take_back(case: str) -> ResponseReturnValue:
    """The form to take back that a person is named, with those who are."""
    return _draw_take_back(case)


@bp.post("/cases/<case>/named/end")
@page_policy("plain", act=WORK)
def take_back_now(case: str) -> ResponseReturnValue:
    """Take back that a person is named."""
    command = partial(
        take_back_name,
        case_id=case,
        person=request.form.get("person", ""),
        reason=request.form.get("why", ""),
    )
    then = url_for("cases.show", case=case, done="unnamed")
    return submit(command, then=then, refused=partial(_take_back_refused, case))


def _take_back_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = reason_refused(fault)
    return _draw_take_back(case, refused) if refused is not None else None


def _draw_take_back(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context = current()
    return draw_act(
        context.read_and_log(lambda tx: _load_named(tx, case, take_back=True)),
        refused,
        title=context.t("named.back_title"),
        label=context.t("named.back_do"),
        address=url_for("protected_identity.take_back_now", case=case),
        lines=[context.t(f"named.back_{what}") for what in ("nothing", "tasks")]
        + [context.t("named.then_history")],
        choice="person",
        choose=context.t("named.back_choose"),
        chosen=request.form.get("person", ""),
    )


def _load_named(tx: Tx, case: str, *, take_back: bool) -> dict[str, Any]:
    """The values of either form: who is named, and whom to choose from. Writes the line of the read
    log.
    """
    context = current()
    view = opened_view(tx, case, "named")
    services = context.program.services
    named = protection.load_named(view.at_hand, view.case)
    if named is None:
        raise NotFound
    if not protection.may_name(services, context.viewer, view.case, view.at_hand):
        raise NotNamed
    at_hand, reads = view.at_hand, protection.reads_of_candidates(view.parties)
    at_hand.take(tx.read(*people.reads_of(at_hand, named), *reads))
    known = people.of(at_hand, named)
    others = protection.candidates(at_hand, context.viewer, view.case)
    if take_back:
        others = {id_: one.person.office_id for id_, one in known.items()}
    names = accounts.names(at_hand, services, {*named, *others})
    listed = ", ".join(sorted(names.get(person, "") for person in named))
    return {
        **case_head(view),
        "text": context.t("named.about", names=listed or "–"),
        "choices": [
            (person, names.get(person, ""), view.places.get(office, ""))
            for person, office in sorted(others.items(), key=lambda one: names.get(one[0], ""))
        ],
    }


@bp.get("/cases/<case>/approvals")
@page_policy("plain", act=WORK)
def ask(case: str) -> ResponseReturnValue:
    """The form to ask a second person for an approval."""
    return _draw_ask(case)


@bp.post("/cases/<case>/approvals")
@page_policy("plain", act=WORK)
def ask_now(case: str) -> ResponseReturnValue:
    """Ask for a second person's approval."""
    kind, subject = (request.form.get(name, "") for name in ("kind", "subject"))
    command = partial(
        ask_approval, case_id=case, kind=kind, subject=subject, reason=request.form.get("why", "")
    )
    then = url_for("approvals.index")
    return submit(command, then=then, refused=partial(_ask_refused, case))


def _ask_refused(case: str, fault: TrestegError) -> ResponseReturnValue | None:
    refused = reason_refused(fault)
    return _draw_ask(case, refused) if refused is not None else None


def _draw_ask(case: str, refused: RefusedForm = FRESH) -> ResponseReturnValue:
    context = current()
    kind, subject = (request.values.get(name, "") for name in ("kind", "subject"))

    def load(tx: Tx) -> dict[str, Any]:
        view = opened_view(tx, case, "approvals")
        require_subject(tx, view, kind, subject)
        return case_head(view)

    return draw_act(
        context.read_and_log(load),
        refused,
        title=what_text(kind, context.lang),
        text=context.t("approval.ask_about"),
        label=context.t("approval.ask"),
        address=url_for("protected_identity.ask_now", case=case),
        lines=[context.t("approval.then_waits"), context.t("approval.then_once")],
        hidden={"kind": kind, "subject": subject},
    )
