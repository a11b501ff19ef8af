"""What each view is: its page kind, whom it is for, and the headers that follow.

A view that says nothing stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil
from secrets import token_urlsafe
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import Forbidden, SecurityError
from werkzeug.exceptions import NotFound as WrongAddress
from werkzeug.sansio.utils import host_is_trusted

from service.access import Viewer, can_act
from service.errors import BadSettings, NotFound, NotSignedIn, OperationRefused

Kind: TypeAlias = Literal["plain", "polling", "diagram", "code_editor", "file"]
View = TypeVar("View", bound=Callable[..., Any])

BASE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp"
)
POLICIES: dict[str, str] = {
    "plain": f"{BASE}; require-trusted-types-for 'script'; trusted-types 'none'",
    "polling": BASE,  # htmx turns text into HTML and stops under Trusted Types
    "diagram": BASE,  # so does bpmn-js
    # dmn-js and form-js write style attributes, and the code editor in them makes <style> elements
    "code_editor": BASE.replace(
        "style-src 'self'",
        "style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'",
    ),
    "file": "default-src 'none'; sandbox",
}
"""Kind of a page to its Content-Security-Policy: as strict as the scripts of that kind allow."""
OFF = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
ALWAYS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in OFF),
}
WITH_PASSKEYS = ALWAYS["Permissions-Policy"].replace(
    "publickey-credentials-get=()", "publickey-credentials-get=(self)"
)
PAPERS = "documents.sent"
"""The one view of the host of documents."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LEADS_IN = "home.go"
"""The view that letters link to: it shows nothing, and redirects to the sign-in first."""
WORK = "work"
BEGIN = "begin"
"""The act of everybody who holds a lane role; the other acts are those of `access.ACTS`."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The policy of a view: its page kind, whom it is for, whether it counts as a sign of life."""

    kind: Kind
    act: str = ""
    """The act that the person must be able to do, else the view is not found for her: `work`, an
    act of `access.ACTS`, or "" for every signed-in person."""
    signed_in: bool = True
    awake: bool = True
    """Whether a request counts as a sign of life of the person; what a page asks by itself does
    not."""
    alone: bool = False
    """Touches neither session nor database."""


@dataclass(frozen=True, slots=True)
class RouteResource:
    """A variable part of an address: whether it names a thing of a case or of the installation, and
    the widest class that a page about that thing can show.
    """

    of_case: bool
    klass: str = "C0"


THINGS: dict[str, RouteResource] = {
    "case": RouteResource(of_case=True, klass="C3"),
    "task": RouteResource(of_case=True, klass="C3"),
    "target": RouteResource(of_case=True, klass="C3"),
    "document": RouteResource(of_case=True, klass="C3"),
    "referral": RouteResource(of_case=True, klass="C2"),
    "message": RouteResource(of_case=False),
    "element": RouteResource(of_case=False),
    "release": RouteResource(of_case=False),
    "draft": RouteResource(of_case=False),
    "run": RouteResource(of_case=False),
    "rule": RouteResource(of_case=False),
    "newer": RouteResource(of_case=False),
    "month": RouteResource(of_case=False),
    "look": RouteResource(of_case=False),
    "file": RouteResource(of_case=False),
    "name": RouteResource(of_case=False),
    "ticket": RouteResource(of_case=False, klass="C3"),
    "code": RouteResource(of_case=False),
    "approval": RouteResource(of_case=False),
    "glass": RouteResource(of_case=False, klass="C3"),
    "act": RouteResource(of_case=False),
    "asked": RouteResource(of_case=False),
    "fact": RouteResource(of_case=False),
    "form": RouteResource(of_case=False),
    "plan": RouteResource(of_case=False),
    "position": RouteResource(of_case=False),
    "provider": RouteResource(of_case=False),
    "program": RouteResource(of_case=False),
}
"""Every part that an address can have.

One that is missing here stops the start: nobody has said yet who may see it.
"""

PAGE_POLICIES: dict[Callable[..., Any], PagePolicy] = {}
UNKNOWN = PagePolicy("plain", signed_in=False)
"""For addresses that no view answers."""


def page_policy(
    kind: Kind, *, act: str = "", signed_in: bool = True, awake: bool = True, alone: bool = False
) -> Callable[[View], View]:
    """Say what a view is. Stands below the route."""

    def say(view: View) -> View:
        PAGE_POLICIES[view] = PagePolicy(kind, act, signed_in, awake, alone)
        return view

    return say


def policy_of(app: Flask) -> PagePolicy:
    """The policy of the view that this request came to."""
    view = app.view_functions.get(request.endpoint or "")
    return UNKNOWN if view is None else PAGE_POLICIES[view]


def require_policies(app: Flask) -> None:
    """Refuse to start with a view that says nothing of itself, or whose address names something
    that nobody has thought of.

    Raises:
        BadSettings: with its name.
    """
    for rule in app.url_map.iter_rules():
        if app.view_functions[rule.endpoint] not in PAGE_POLICIES:
            raise BadSettings(f"the view {rule.endpoint} has no page policy")
        if unknown := sorted(rule.arguments - THINGS.keys()):
            names = ", ".join(unknown)
            raise BadSettings(
                f"the address {rule.rule} names {names}, which service/web/page_policy.py"
                " does not know"
            )
        if (
            any(THINGS[name].of_case for name in rule.arguments)
            and not PAGE_POLICIES[app.view_functions[rule.endpoint]].signed_in
            and rule.endpoint != LEADS_IN
        ):
            raise BadSettings(f"the view {rule.endpoint} is about a case and lets strangers in")


def only_our_host(base_url: str, files_host: str) -> Callable[[], None]:
    """Answer the configured name and this machine's own, no other.

    The host of documents has nothing else, and they are nowhere else.
    """
    hosts = [urlsplit(base_url).hostname or "", *LOOPBACK, *filter(None, (files_host,))]

    @lru_cache(maxsize=64)
    def is_ours(host: str | None) -> bool:
        return host_is_trusted(host, hosts)

    def check() -> None:
        if not is_ours(request.headers.get("Host")):
            raise SecurityError("no such host here")
        at_papers = (
            bool(files_host) and urlsplit(f"//{request.host}").hostname == files_host.lower()
        )
        if at_papers != (request.endpoint == PAPERS):
            raise NotFound

    return check


def only_from_our_pages(base_url: str, is_excused: Callable[[], bool]) -> Callable[[], None]:
    """An unsafe request must come from a page of ours: the browser says so, or at least names our
    origin.

    Args:
        is_excused: whether the request comes from no browser: it bears a token of a program.
    """

    def check() -> None:
        if request.method in SAFE or request.endpoint == "health.csp" or is_excused():
            return
        if not from_our_pages(base_url):
            raise Forbidden("from another site")

    return check


def from_our_pages(base_url: str) -> bool:
    """Whether the browser says that this request comes from a page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    named = request.headers.get("Origin")
    return named == _origin(base_url) or named == request.host_url.rstrip("/")


@cache
def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def only_text() -> None:
    """An address that holds what no text can hold leads nowhere: not every database takes it even
    as a question.
    """
    if "\0" in request.path or any(
        "\0" in part for pair in request.args.items(multi=True) for part in pair
    ):
        raise WrongAddress


def require_operation(endpoint: str, operations: Collection[str] | None) -> None:
    """Require that the token of a program is for an operation.

    Args:
        operations: ids of those that it is for; None where a person asks.
    Raises:
        OperationRefused: with the id.
    """
    operation = endpoint.removeprefix("v1.")
    if operations is not None and operation not in operations:
        raise OperationRefused(operation=operation)


def may_open(opened: PagePolicy, viewer: Viewer | None) -> None:
    """Whether this person may come in.

    Raises:
        NotSignedIn: somebody must.
        NotFound: it is no page for her; a wrong address looks the same.
    """
    if not opened.signed_in:
        return
    if viewer is None:
        raise NotSignedIn
    works = opened.act in (WORK, BEGIN) and bool(viewer.lane_roles)
    if opened.act and not works and not can_act(viewer, opened.act):
        raise NotFound


def reload_after(seconds: float) -> None:
    """Let the browser load the page of this request anew, with and without script: what stands on
    it may be seen until then only.
    """
    g.refresh = max(1, ceil(seconds) + 1)


def allow_passkeys() -> None:
    """Let the browser show passkeys on this page."""
    g.passkeys = True


def style_nonce() -> str:
    """The nonce of this request, for the `<style>` elements that a script of ours makes."""
    if "style_nonce" not in g:
        g.style_nonce = token_urlsafe(16)
    nonce: str = g.style_nonce
    return nonce


def headers(response: Response) -> Response:
    """Set the headers of every response, also of errors: content policy, caching, reload."""
    kind = g.get("kind", "plain")
    policy = POLICIES[kind]
    for name, value in ALWAYS.items():
        response.headers.add(name, value)  # no view sets one of these, so none is looked for
    if "passkeys" in g:
        response.headers["Permissions-Policy"] = WITH_PASSKEYS
    response.headers["Content-Security-Policy"] = (
        policy.replace("{nonce}", style_nonce()) if kind == "code_editor" else policy
    )
    if "refresh" in g:
        response.headers["Refresh"] = str(g.refresh)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
