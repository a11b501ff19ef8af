"""A person's passkeys: made, named, ended; and signing in and proving with one."""

from __future__ import annotations

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import LastWay, NotAllowed, NotFound, NotSignedIn, SlowDown
from service.people import passkeys, rate_limits, sessions
from service.people import sign_in as signing_in
from service.people.rate_limits import TryLane
from service.people.sign_in import SIGN_IN_PAGE, SignInTry
from service.records.context import Actor, actor
from service.records.ids import ulid
from service.store.transaction import Tx
from service.web.accounts import passkey_forms
from service.web.accounts.browser_names import browser_in_words
from service.web.accounts.fresh_proof import go_on_proven, require_proof
from service.web.accounts.session_cookie import browser_kind, go_on_signed_in
from service.web.networks import network
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop.release_news import begin_reading

bp = Blueprint("passkeys", __name__)
log = structlog.get_logger("web")


@bp.get("/account/passkeys")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """Her passkeys, and the form for another one."""
    return _page()


def _page(*, fault: str = "", status: int = 200) -> ResponseReturnValue:
    context = current()
    person = context.viewer.person
    with context.transaction() as tx:
        challenge = passkey_forms.adding(
            tx, person=person, bound_to=context.token, name=context.signed_in.name
        )
        own = passkeys.list_passkeys(tx, context.program.services, person, context.wall)
    return render_template(
        "account/passkeys.html",
        challenge=challenge,
        own=own,
        proposed=browser_in_words(browser_kind()),
        fault=fault,
    ), status


@bp.post("/account/passkeys")
@page_policy("plain")
def add() -> ResponseReturnValue:
    """Add the passkey that her browser has made."""
    require_proof()
    context, here = current(), passkey_forms.site()
    if here is None:
        raise NotFound
    ticket, answer = passkey_forms.sent()
    try:
        context.write(
            lambda tx: passkeys.add_passkey(
                tx,
                context.program.services,
                here,
                by=context.viewer,
                bound_to=context.token,
                ticket=ticket,
                answer=answer,
                name=request.form.get("name", ""),
                now=context.wall,
            )
        )
    except NotSignedIn:
        return _page(fault=context.t("passkeys.refused"), status=422)
    except NotAllowed:
        return _page(fault=context.t("passkeys.many", most=passkeys.MOST), status=422)
    return redirect(url_for("passkeys.page"), 303)


@bp.post("/account/passkeys/change")
@page_policy("plain")
def change() -> ResponseReturnValue:
    """Call one otherwise, or end it."""
    require_proof()
    context, form = current(), request.form
    by, id_, wall = context.viewer, form.get("id", ""), context.wall

    def end(tx: Tx) -> None:
        passkeys.end_passkey(
            tx,
            by=by,
            id_=id_,
            second_factor=context.program.second_factor,
            now=wall,
            but=sessions.token_digest(context.token),
        )

    def rename(tx: Tx) -> None:
        services, name = context.program.services, form.get("name", "")
        passkeys.rename_passkey(tx, services, by=by, id_=id_, name=name, now=wall)

    acts = {"end": end, "rename": rename}
    if form.get("do", "") not in acts:
        raise NotFound
    try:
        context.write(acts[form["do"]])
    except LastWay:
        return _page(fault=context.t("passkeys.last"), status=409)
    return redirect(url_for("passkeys.page"), 303)


@bp.post("/sign-in/passkey")
@page_policy("plain", signed_in=False)
def sign_in() -> ResponseReturnValue:
    """Sign in with a passkey."""
    context = current()
    # wrong ones hold up wrong ones of their network alone: no number of them finds a signature,
    # and strangers there must not keep out who has a passkey
    lane = TryLane(f"passkey|{ulid(context.wall)}", network())

    def begin(tx: Tx) -> str:
        """Gives the token of the new session; "" where the passkey was refused: that is written."""
        services = context.program.services
        found = passkey_forms.shown(tx, by=SIGN_IN_PAGE)
        if found.credential is None:
            if not found.copied:  # that one was real, and what is said of it must stay
                rate_limits.count_try(tx, services, lane=lane, now=context.wall)
            _record_wrong(tx, SIGN_IN_PAGE, copied=found.copied)
            return ""
        begin_reading(tx, services, found.credential.person_id)
        return signing_in.begin_session_by(
            tx,
            services,
            shown=found.credential,
            limits=context.limits,
            now=context.wall,
            browser=browser_kind(),
        )

    try:
        token = context.write(begin)
    except (NotSignedIn, SlowDown):
        token = ""
    if not token:
        return redirect(
            url_for("sign_in.sign_in", back=context.back or None, passkey="refused"), 303
        )
    return go_on_signed_in(token, context.back)


@bp.post("/prove/passkey")
@page_policy("plain")
def prove() -> ResponseReturnValue:
    """Show with a passkey that it is she."""
    context = current()
    by = actor(context.viewer)

    def check(tx: Tx) -> bool:
        found = passkey_forms.shown(tx, by=by, person=context.viewer.person)
        if found.credential is None:
            _record_wrong(tx, by, copied=found.copied)
            return False
        way, token = found.credential.kind, context.token
        sessions.prove(tx, by=context.viewer, way=way, now=context.wall, token=token)
        return True

    try:
        proven = context.write(check)
    except NotSignedIn:
        proven = False
    if not proven:
        return redirect(url_for("fresh_proof.page", back=context.back or None, refused=1), 303)
    return go_on_proven()


def _record_wrong(tx: Tx, by: Actor, *, copied: bool) -> None:
    """Write that a passkey was refused."""
    context = current()
    if copied:
        log.warning("passkey_counter_back")
    tried = SignInTry("", network(), TryLane(""), by.id if by is not SIGN_IN_PAGE else "", None)
    if signing_in.record_wrong_try(
        tx, context.program.services, tried=tried, now=context.wall, by=by
    ):
        log.warning("sign_in_alarm")
