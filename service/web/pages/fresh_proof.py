"""The page where somebody shows once more that it is she (`accounts.fresh_proof`)."""

from __future__ import annotations

import structlog
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.errors import ManyPasswords, SlowDown
from service.people import one_time_codes, own_account, sessions
from service.people import sign_in as password_sign_in
from service.records.context import actor
from service.security.passwords import LONGEST, PlaceInLine
from service.store.installation import credentials
from service.store.transaction import Tx
from service.web.accounts import passkey_forms
from service.web.accounts.fresh_proof import go_on_proven
from service.web.accounts.provider_choices import linked_choices
from service.web.networks import network
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("fresh_proof", __name__)
log = structlog.get_logger("web")
CARD = "card"
"""The way of people of a demo, who have no credential."""


@bp.get("/prove")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """The ways that she has, each as a form."""
    return _page()


@bp.post("/prove")
@page_policy("plain")
def prove() -> ResponseReturnValue:
    """Check what she shows, and go on where she was."""
    try:
        shown = _has_shown()
    except ManyPasswords:
        return _page(fault=current().t("error.many_passwords.text"), status=503)
    if not shown:
        return _page(fault=current().t("fresh_proof.wrong"), status=422)
    return go_on_proven()


def _page(*, fault: str = "", status: int = 200) -> ResponseReturnValue:
    context = current()
    person = context.viewer.person
    with context.transaction() as tx:
        ways = credentials.of_person(tx, person, now=context.wall)
    kinds = {row.kind for row in ways}
    has_passkey = credentials.PASSKEY in kinds
    challenge = passkey_forms.showing(person=person, own=ways) if has_passkey else None
    return render_template(
        "sign_in/fresh_proof.html",
        fault=fault or (context.t("passkeys.refused") if "refused" in request.args else ""),
        challenge=challenge,
        password=credentials.PASSWORD in kinds,
        codes=credentials.CODES in kinds,
        providers=linked_choices(ways),
        card=not kinds and context.program.demo,
        lost="lost" in request.args,
        back=context.back,
    ), status


def _has_shown() -> bool:
    """Whether she has shown what she has: her password, and a code where she has an app.

    Raises:
        ManyPasswords: too many wait to be checked.
    """
    context = current()
    with context.transaction() as tx:
        ways = credentials.of_person(tx, context.viewer.person, now=context.wall)
    if not ways and context.program.demo:
        context.write(lambda tx: _note(tx, CARD))
        return True
    if not any(row.kind == credentials.PASSWORD for row in ways):
        return False
    with context.program.passwords.place() as place:
        return _fits(place)


def _fits(place: PlaceInLine) -> bool:
    """Whether password and code are right; wrong ones count, as at sign-in."""
    context = current()
    services, by, wall = context.program.services, context.viewer, context.wall
    try:
        tried = context.write(
            lambda tx: own_account.begin_own_try(tx, services, by=by, network=network(), now=wall)
        )
    except SlowDown:
        return False
    right = place.fits(tried.stored, request.form.get("password", "")[: LONGEST + 1])
    code = request.form.get("code", "")[:LONGEST]

    def finish(tx: Tx) -> bool:
        """Note the proof where both are right. Gives whether they are."""
        asked = one_time_codes.asks_code(tx, by.person, now=wall)
        taken = (
            right
            and asked
            and one_time_codes.take_code(tx, services, person=by.person, code=code, now=wall)
        )
        if right and (taken or not asked):
            own_account.end_own_try(tx, services, tried=tried)
            _note(tx, credentials.CODES if asked else credentials.PASSWORD)
            return True
        if password_sign_in.record_wrong_try(tx, services, tried=tried, now=wall, by=actor(by)):
            log.warning("sign_in_alarm")
        return False

    return context.write(finish)


def _note(tx: Tx, way: str) -> None:
    context = current()
    sessions.prove(tx, by=context.viewer, way=way, now=context.wall, token=context.token)
