"""What templates may call: sentences, times in the reader's zone, and the frame of a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, g, request

from service import VERSION
from service.access import PRODUCT_ROLES
from service.casework.break_glass import opening
from service.casework.document_requests.deciding import is_offered
from service.casework.pages.message_form import may_start
from service.casework.tasks.form_as_text import fault_lines, fault_text
from service.errors import TrestegError
from service.people import new_browsers, passkeys
from service.people.page_mark import page_mark
from service.records.ids import ulid
from service.release.programme.help_examples import named_parts, value_as_feel
from service.release.programme.vocabulary import stage_number
from service.text import languages, say, section
from service.web import page_parts
from service.web.accounts.browser_names import browser_in_words
from service.web.assets import asset
from service.web.demo_tour import strip_of, workshop_strip_of
from service.web.page_parts import (
    day_filter,
    due_of,
    iso_filter,
    moment_filter,
    option_list,
    today,
    utc_filter,
)
from service.web.request_context import RequestContext, current

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from service.people.sessions import SignedInSession

OWN_NAMES = {"sv": "Svenska", "en": "English"}
THEMES = ("auto", "light", "dark")
START = ("nav.new_case", "cases.new")
WORKERS = (
    ("nav.inbox", "inbox.index"),
    ("nav.cases", "cases.index"),
    START,
    ("nav.my_office", "office.page"),
)
READERS = (("nav.processes", "releases.index"),)
DOCUMENTS = ("nav.documents", "document_requests.index")
APPROVALS = ("nav.approvals", "approvals.index")
MENUS: dict[str, tuple[tuple[str, str], ...]] = {
    "owner": (*READERS, APPROVALS),
    "reviewer": (*READERS, APPROVALS),
    "data-protection": (*READERS, APPROVALS, ("nav.retention", "retention.index")),
    "records-officer": (
        ("nav.requests", "subject_requests.index"),
        DOCUMENTS,
        ("nav.retention", "retention.index"),
    ),
    "desk": (("nav.new_call", START[1]),),
    "operator": (("nav.operations", "operations.index"),),
    "auditor": (
        ("nav.find", "audit.index"),
        ("nav.reads", "audit.of_all"),
        ("nav.log_review", "audit.list_reviews"),
        ("nav.report", "report.show"),
        ("nav.verify", "audit.verify_all"),
        APPROVALS,
    ),
}


def name_of(names: Mapping[str, str], lang: str = "") -> str:
    """A name of the release in the reader's language, or in Swedish."""
    return str(names.get(lang or current().lang) or names.get("sv") or "")


def stages() -> tuple[str, ...]:
    """The stages of the process, in their order, as the current release has them."""
    return current().stages


def stage_choices() -> list[tuple[str, str]]:
    """Every stage with its number, to choose from."""
    return [(stage, stage_filter(stage)) for stage in stages()]


def stage_filter(stage: str) -> str:
    """A stage by its number; a dash for work that belongs to none."""
    return stage_number(stages(), stage) if stage else "–"


def once() -> str:
    """A fresh key for a form."""
    return ulid(current().wall)


def register(app: Flask) -> None:
    """Teach the templates to speak."""
    app.jinja_env.filters.update(
        moment=moment_filter, day=day_filter, iso=iso_filter, utc=utc_filter, due=due_of
    )
    app.jinja_env.filters.update(as_feel=value_as_feel, named_parts=named_parts)
    app.jinja_env.filters["stage"] = stage_filter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = False
    app.jinja_env.globals.update(asset=asset, once=once, t=_t, section=section)
    app.jinja_env.globals["option_list"] = option_list
    app.jinja_env.globals["page_parts"] = page_parts
    app.jinja_env.globals["stage_choices"] = stage_choices
    app.jinja_env.globals.update(fault_lines=fault_lines, fault_text=fault_text, today=today)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    """What each page knows: its frame, and `t`, which need not look for the request each time."""
    context = current()
    return {"frame": frame(context), "t": context.t}


def _t(key: str, **facts: object) -> str:
    return say(key, current().lang, **facts)


def page_values(page: DataclassInstance) -> dict[str, Any]:
    """The fields of a page by their names, as its template reads them."""
    return {f.name: getattr(page, f.name) for f in fields(page)}


def _shown_name(session: SignedInSession) -> str:
    """The name of who is signed in; none on the page of a fault that opening it may have caused."""
    try:
        return session.name
    except Exception:  # whatever it is, it is the fault that the page is about
        if "cause" not in g:
            raise
        return ""


def _new_browser(context: RequestContext, choices: Mapping[str, str]) -> SimpleNamespace | None:
    """The newest sign-in of the reader from a browser that the account had not known; None in the
    session that it began.
    """
    found = new_browsers.newest(choices)
    if found is None or found.began(context.token):
        return None
    return SimpleNamespace(at=found.at, name=browser_in_words(found.browser))


def frame(context: RequestContext) -> SimpleNamespace:
    """The frame of a page for this reader. Asks no database, so that an error page has one too."""
    session = context.session
    choices = session.settings if session is not None else {}
    theme = choices.get("theme", "auto")
    return SimpleNamespace(
        lang=context.lang,
        languages=[(code, OWN_NAMES[code]) for code in languages()],
        theme=theme if theme in THEMES else "auto",
        dense=choices.get("dense") == "yes",
        shortcuts=choices.get("shortcuts", "yes") == "yes",
        here=request.full_path.removesuffix("?")
        if request.method in ("GET", "HEAD")
        else context.back or "/",
        works=session is not None and bool(session.viewer.lane_roles),
        mark=page_mark(context.program.services, person=session.viewer.person, lang=context.lang)
        if session is not None
        else "",
        person=SimpleNamespace(
            name=_shown_name(session),
            office=session.office.name,
            roles=roles_in_words(context, session.viewer.roles),
        )
        if session is not None
        else None,
        menu=[
            (key, endpoint, request.endpoint == endpoint)
            for key, endpoint in menu(context)
            if endpoint in current_app.view_functions
        ],
        demo=SimpleNamespace(walk=strip_of(context), workshop=workshop_strip_of(context))
        if context.program.demo
        else None,
        restored=context.restored and session is not None,
        matter=context.matter,
        glasses=open_glass_lines(context),
        passkey_alarm=bool(choices.get(passkeys.ALARM)),
        new_browser=_new_browser(context, choices),
        version=VERSION,
        closed="",
        upload_mb=context.program.settings.upload_max_mb,
        idle=context.program.settings.session_idle_minutes if session is not None else 0,
    )


def prepare_menu(context: RequestContext) -> None:
    """Make the release ready that new cases begin on, where none is: the menu goes by it."""
    services = context.program.services
    if context.session is not None and not services.prepared.names():
        with suppress(TrestegError), context.transaction() as tx:
            services.current(tx)


def prepare_open_glass(context: RequestContext) -> None:
    """Look at what is open to the reader in danger to life, so that each page says so; nothing is
    asked for who has broken no glass in the last hour.
    """
    session = context.session
    if session is None or not opening.may_have_open(session.settings, context.now):
        return
    with suppress(TrestegError), context.transaction() as tx:
        services = context.program.services
        g.open_glass = opening.load_open(tx, services, context.viewer, context.now)


def open_glass_lines(context: RequestContext) -> list[SimpleNamespace]:
    """What is open to the reader in danger to life: by its number, never by the case. The page on
    which it is open says so itself.
    """
    here = (request.view_args or {}).get("glass")
    return [
        SimpleNamespace(
            id=one.row.id,
            number=one.number,
            confirmed=one.is_confirmed,
            until=one.row.expires,
            minutes=math.ceil((one.row.expires - context.now).total_seconds() / 60),
        )
        for one in g.get("open_glass", ())
        if one.row.id != here
    ]


def menu(context: RequestContext) -> list[tuple[str, str]]:
    """(text key, endpoint) of the pages that are hers."""
    if context.session is None:
        return []
    items = list(WORKERS) if context.viewer.lane_roles else []
    if not may_start(context.program.services, context.viewer):
        items = [item for item in items if item != START]
    for role in sorted(context.viewer.roles & PRODUCT_ROLES):
        items += [item for item in MENUS.get(role, ()) if item not in items]
    if DOCUMENTS in items and not is_offered(
        context.program.services, context.session.office, context.now
    ):
        items.remove(DOCUMENTS)
    return items


def home_of(context: RequestContext) -> str:
    """Endpoint of the page where her work begins; the help for who has no page of work."""
    return next(
        (endpoint for _, endpoint in menu(context) if endpoint in current_app.view_functions),
        "help.page",
    )


def roles_in_words(context: RequestContext, roles: Iterable[str]) -> str:
    """Roles as the release that is ready names them; the id where no release is."""
    services = context.program.services
    named = {
        role: name_of(words, context.lang)
        for role, words in services.programme.built_in_roles.items()
    }
    for id_ in services.prepared.names():
        release = services.prepared.ready(id_)
        if release is not None:
            named |= {role: release.role_name(role, context.lang) for role in release.roles}
    return ", ".join(named.get(role, role) for role in sorted(roles))
