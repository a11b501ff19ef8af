"""Signing in at a provider (OpenID Connect), and linking an identity there to one's account."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import structlog
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from service.errors import (
    IdentityTaken,
    LastWay,
    NotFound,
    NotSignedIn,
    ProviderDown,
    ProviderRefused,
)
from service.people import provider_sign_in
from service.people.sessions import token_digest
from service.records.context import actor
from service.security.openid.client import Handshake, Identity, ProviderClient
from service.security.openid.client import Response as Answer
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.accounts.session_cookie import browser_kind, go_on_signed_in
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop.release_news import begin_reading

bp = Blueprint("provider_sign_in", __name__)
log = structlog.get_logger("web")
FAULTS: Final = {
    "access_denied": "sign_in.provider.denied",
    "browser": "sign_in.provider.late",
    "replayed": "sign_in.provider.late",
    "state": "sign_in.provider.late",
}
"""Code of a refusal to its sentence; all others have one."""
SENT: Final = ("state", "code", "error", "iss")
"""What is read of an answer. Its words (`error_description`) are not: anybody can write them."""


@bp.post("/sign-in/provider/<provider>")
@page_policy("plain", signed_in=False)
def begin(provider: str) -> ResponseReturnValue:
    """Send the person to a provider, to sign in."""
    return _send_to(_client(provider), back=current().back)


@bp.post("/account/provider/<provider>")
@page_policy("plain")
def link(provider: str) -> ResponseReturnValue:
    """Send the person to a provider of her office, to link who she is there to her account."""
    require_proof()
    client = _client(provider)
    if client.provider.office != current().viewer.office:
        raise NotFound
    return _send_to(client, person=current().viewer.person)


@bp.post("/account/provider/<provider>/end")
@page_policy("plain")
def unlink(provider: str) -> ResponseReturnValue:
    """End a link of the person's own, also at a provider that the settings name no longer."""
    require_proof()
    context = current()
    try:
        context.write(
            lambda tx: provider_sign_in.unlink(
                tx,
                by=context.viewer,
                provider=provider,
                second_factor=context.program.second_factor,
                now=context.wall,
                but=token_digest(context.token),
            )
        )
    except LastWay:
        return redirect(url_for("settings.page", refused="last"), 303)
    return redirect(url_for("settings.page", done="unlinked"), 303)


@bp.get("/sign-in/provider/<provider>/callback")
@page_policy("plain", signed_in=False)
def callback(provider: str) -> ResponseReturnValue:
    """Take what the provider sent the browser back with, and sign the person in or link her.

    It comes from another site, and no `SameSite=Strict` cookie with it. So the page asks once more
    from inside this one before anything is looked at.
    """
    client = _client(provider)
    if "again" not in request.args:
        return _ask_again(provider)
    try:
        handshake, identity = _identity(client)
        response = (
            _linked(handshake, identity) if handshake.person else _signed_in(identity, handshake)
        )
    except ProviderRefused as e:
        why = str(e.facts["why"])
        log.warning("provider_refused", provider=provider, why=why)
        response = _fault(client, FAULTS.get(why, "sign_in.provider.refused"), 422)
    except ProviderDown as e:
        log.warning("provider_down", provider=provider, why=e.facts["why"])
        response = _fault(client, "sign_in.provider.down", 503)
    _forget(response)
    return response


def _client(provider: str) -> ProviderClient:
    found = current().program.providers.get(provider)
    if found is None:
        raise NotFound
    return found


def _redirect_uri(client: ProviderClient) -> str:
    """Where the provider sends browsers back to: as it was registered, whatever host was asked."""
    path = url_for("provider_sign_in.callback", provider=client.provider.id)
    return current().program.settings.base_url.rstrip("/") + path


def _send_to(client: ProviderClient, *, person: str = "", back: str = "") -> ResponseReturnValue:
    """A page that leads on to the provider by itself.

    No redirect: browsers hold the target of a form's redirect against `form-action`, which names
    this site alone.
    """
    context = current()
    try:
        address, handshake = client.begin(
            _redirect_uri(client), now=context.wall, person=person, back=back
        )
    except (ProviderDown, ProviderRefused) as e:
        log.warning("provider_down", provider=client.provider.id, why=e.facts["why"])
        return _fault(client, "sign_in.provider.down", 503)
    response = make_response(
        render_template(
            "sign_in/provider.html", name=client.provider.name(context.lang), address=address
        )
    )
    response.headers["Refresh"] = f"0; url={address}"
    kept = provider_sign_in.keep(context.program.services, handshake, now=context.wall)
    response.set_cookie(
        _cookie(),
        kept,
        max_age=provider_sign_in.LIFE // timedelta(seconds=1),
        secure=context.site.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _ask_again(provider: str) -> ResponseReturnValue:
    """An empty page that loads the same address once more from inside this site."""
    given = [(name, value) for name in SENT for value in request.args.getlist(name)]
    path = url_for("provider_sign_in.callback", provider=provider)
    again = f"{path}?{urlencode([*given, ('again', '1')])}"
    response = make_response(render_template("sign_in/back.html", address=again))
    response.headers["Refresh"] = f"0; url={again}"
    return response


def _identity(client: ProviderClient) -> tuple[Handshake, Identity]:
    """The handshake that this browser has begun, spent, and who has signed in.

    Raises:
        ProviderRefused, ProviderDown: as `ProviderClient.finish` does.
    """
    context, services = current(), current().program.services
    kept = request.cookies.get(_cookie(), "")
    handshake, ticket = provider_sign_in.kept_handshake(services, kept, now=context.wall)
    answer = _answer()
    client.check_response(handshake, answer)
    context.write(lambda tx: provider_sign_in.spend(tx, services, ticket, now=context.wall))
    identity = client.finish(handshake, answer, _redirect_uri(client), now=context.wall)
    return handshake, identity


def _answer() -> Answer:
    """What stands in the address; what stands there twice counts for nothing."""

    def once(name: str) -> str | None:
        found = request.args.getlist(name)
        return found[0] if len(found) == 1 else None

    error = request.args.get("error")
    issuers = len(request.args.getlist("iss"))
    return Answer(once("state"), once("code"), error, once("iss"), issuers)


def _signed_in(identity: Identity, handshake: Handshake) -> Response:
    """The way on for who is linked to an identity; a page that says so for who is not."""
    context, services = current(), current().program.services

    def begin_session(tx: Tx) -> str:
        token, person = provider_sign_in.begin_session_of(
            tx,
            services,
            identity=identity,
            limits=context.limits,
            now=context.wall,
            browser=browser_kind(),
        )
        begin_reading(tx, services, person)
        return token

    try:
        token = context.write(begin_session)
    except NotSignedIn:
        context.write(
            lambda tx: provider_sign_in.record_unknown(
                tx, services, identity=identity, now=context.wall
            )
        )
        return _unknown(identity)
    return go_on_signed_in(token, handshake.back)


def _linked(handshake: Handshake, identity: Identity) -> Response:
    """Link the person who began; nobody else may have signed in meanwhile."""
    context, services = current(), current().program.services
    if context.session is None or context.viewer.person != handshake.person:
        raise ProviderRefused(why="person")
    by = actor(context.viewer)
    try:
        context.write(
            lambda tx: provider_sign_in.link(
                tx, services, handshake.person, identity, by, context.wall
            )
        )
    except IdentityTaken:
        return redirect(url_for("settings.page", refused="taken"), 303)
    return redirect(url_for("settings.page", done="linked"), 303)


def _unknown(identity: Identity) -> Response:
    name = identity.provider.name(current().lang)
    return make_response(render_template("sign_in/unknown.html", name=name), 403)


def _fault(client: ProviderClient, sentence: str, status: int) -> Response:
    """A page that says what happened, in words of ours alone, and leads to the other ways."""
    name = client.provider.name(current().lang)
    said = current().t(sentence, name=name)
    return make_response(
        render_template("sign_in/provider_fault.html", name=name, said=said), status
    )


def _cookie() -> str:
    """The name of the cookie of who is at a provider."""
    return current().site.cookie("provider", "tresteg_provider")


def _forget(response: Response) -> None:
    secure = current().site.secure
    response.delete_cookie(_cookie(), secure=secure, httponly=True, samesite="Lax")
