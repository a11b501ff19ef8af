"""The token of forms against forgery, masked anew in each answer.

A page is compressed, and how much shorter it gets tells whether two of its parts are alike. Who may
put words into a page and sees its length could guess a token that stands there in the same
characters each time (the BREACH attack). A masked one stands in no two answers alike.
Source: docs/decisions/0064.
"""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import cast

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from service.web.request_context import current

HEADER, JSON = "X-CSRF-Token", "application/json"


def mask(token: str) -> str:
    """A token under a one-time pad, after the pad itself."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(pad + _xor(plain, pad)).decode()


def unmask(sent: str) -> str:
    """The token that was masked; what is no masked token comes back as it is.

    That lets the pages go on that were open when the program was renewed: their tokens have no
    mask. The mask hides a token and proves nothing; the check of the token follows.
    """
    try:
        both = urlsafe_b64decode(sent)
        pad, masked = both[: len(both) // 2], both[len(both) // 2 :]
        return _xor(masked, pad).decode() if urlsafe_b64encode(both).decode() == sent else sent
    except (binascii.Error, ValueError):  # so are characters that no token has
        return sent


def _xor(left: bytes, right: bytes) -> bytes:
    both = int.from_bytes(left, "big") ^ int.from_bytes(right, "big")
    return both.to_bytes(len(left), "big")


def form_token() -> str:
    """The token for the forms of this answer; the same in all of them."""
    if "masked_form_token" not in g:
        g.masked_form_token = mask(generate_csrf())
    token: str = g.masked_form_token
    return token


class FormTokens(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """The check of Flask-WTF, on tokens that pages carry masked."""

    def init_app(self, app: Flask) -> None:
        """Let templates write masked tokens, and check those that come back."""
        super().init_app(app)
        self.serializer = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token")
        self.signer = cast("TimestampSigner", self.serializer.make_signer(self.serializer.salt))
        app.jinja_env.globals["csrf_token"] = form_token
        app.context_processor(lambda: {"csrf_token": form_token})  # the latter of two holds

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - as Flask-WTF has it
        """Let a change in that bears a token of this sign-in; Flask-WTF says what is wrong with any
        other. A program that bears a token of its own needs none.
        """
        if request.method not in current_app.config["WTF_CSRF_METHODS"] or current().bearer:
            return
        if self._is_good(self._get_csrf_token()):
            g.csrf_valid = True
        else:
            super().protect(apply_exemptions)

    def _is_good(self, token: str | None) -> bool:
        """Whether Flask-WTF would let this token in: it has been signed by us, is young enough, and
        is of this sign-in. Flask-WTF itself makes the signer anew for each check.
        """
        most, known = current_app.config["WTF_CSRF_TIME_LIMIT"], session.get("csrf_token")
        if not token or not known or current_app.config["WTF_CSRF_SSL_STRICT"]:
            return False
        try:
            proven = self.serializer.load_payload(self.signer.unsign(token, max_age=most))
        except BadData:
            return False
        return hmac.compare_digest(str(proven), known)

    def _get_csrf_token(self) -> str | None:
        # JSON is no form: Flask-WTF would look for one in it first
        sent = request.headers.get(HEADER) if request.mimetype == JSON else None
        sent = sent or super()._get_csrf_token()
        return unmask(sent) if sent else None
