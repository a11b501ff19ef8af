"""A person's settings: language, theme, density, keyboard shortcuts, time zone; her password, and
where she is signed in.
"""

from __future__ import annotations

from types import SimpleNamespace
from zoneinfo import available_timezones

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.letters import letter_mail
from service.errors import ManyPasswords, NotSignedIn, SlowDown, UnusableWord
from service.people import letter_choices, new_browsers, own_account, second_factor
from service.people import sign_in as password_sign_in
from service.people.absences import absence_lines
from service.records.context import actor
from service.security.passwords import LONGEST, PlaceInLine
from service.store.installation import credentials, offices
from service.store.installation.credentials import Credential
from service.store.transaction import Tx
from service.text import languages
from service.web.accounts.begun_names import begun_in_words
from service.web.accounts.browser_names import browser_in_words
from service.web.accounts.fresh_proof import require_proof
from service.web.accounts.provider_choices import own_links
from service.web.accounts.session_cookie import browser_kind, go_on_signed_in
from service.web.networks import network
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.template_globals import THEMES

bp = Blueprint("settings", __name__)
log = structlog.get_logger("web")
REFUSED = {"taken": "account.provider.taken", "last": "account.provider.last"}
NOTICES = {
    "password": "settings.password.changed",
    "ended": "settings.sessions.ended",
    "browser": "settings.sessions.own",
    "codes_ended": "codes.ended",
    "letters": "settings.letters.saved",
    "linked": "account.provider.added",
    "unlinked": "account.provider.ended",
}


@bp.get("/settings")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """The form with what the person has chosen, her password, and where she is signed in."""
    refused = REFUSED.get(request.args.get("refused", ""), "")
    return _page(link_refused=current().t(refused) if refused else "")


def _page(
    *,
    refused: str = "",
    letters: SimpleNamespace | None = None,
    link_refused: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    session = current().signed_in
    with current().transaction() as tx:
        letters = letters or _letters(tx)
        zones = sorted({office.zone for office in offices.everyone(tx).values()} | {"UTC"})
        absence = _absence(tx)
        ever = credentials.ever_of_person(tx, current().viewer.person)
        ways = [way for way in ever if way.is_live(current().wall)]
        signed_in = _sessions(tx, ever)
        setting = current().program.second_factor
        grace = second_factor.grace_ends(tx, setting=setting, now=current().wall)
    own = session.settings
    chosen = SimpleNamespace(
        language=session.viewer.lang,
        theme=own.get("theme", "auto"),
        dense=own.get("dense") == "yes",
        shortcuts=own.get("shortcuts", "yes") == "yes",
        zone=own.get("zone", ""),
    )
    names = [
        ("", f"{current().t('settings.zone_office')} ({session.office.zone})"),
        *((zone, zone) for zone in zones),
    ]
    done = NOTICES.get(request.args.get("done", ""), "")
    return render_template(
        "settings/page.html",
        chosen=chosen,
        zones=names,
        saved="saved" in request.args,
        notice=current().t(done) if done else "",
        fault=refused,
        letters=letters,
        absence=absence,
        own_password=any(way.kind == credentials.PASSWORD for way in ways),
        has_codes=any(way.kind == credentials.CODES for way in ways),
        grace=grace,
        sessions=signed_in,
        links=own_links(ways),
        link_refused=link_refused,
    ), status


def _letters(tx: Tx) -> SimpleNamespace:
    """How often the person gets letters, and where."""
    context = current()
    found = letter_choices.load_choice(tx, context.program.services, by=context.viewer)
    return SimpleNamespace(how=found.how, address=found.address, fault="", field="")


def _absence(tx: Tx) -> str:
    """Until when the person is away, and who stands in for her; "" while she is there."""
    context = current()
    return absence_lines(tx, context.program.services, context.viewer, context.now).get(
        context.viewer.person, ""
    )


def _sessions(tx: Tx, ever: list[Credential]) -> list[SimpleNamespace]:
    """Where the person is signed in, and how she did it, in words.

    Args:
        ever: all ways to sign in that she ever had.
    """
    context = current()
    found = own_account.list_sessions(
        tx,
        by=context.viewer,
        token=context.token,
        ways=ever,
        limits=context.limits,
        now=context.wall,
    )
    return [
        SimpleNamespace(
            handle=one.handle,
            made_at=one.made_at,
            how=begun_in_words(one.begun_by),
            seen_at=one.seen_at,
            browser=browser_in_words(one.browser),
            this=one.this,
        )
        for one in found
    ]


@bp.post("/settings/password")
@page_policy("plain")
def password() -> ResponseReturnValue:
    """Change the person's password; the old one is asked for, and every session of hers ends but
    a new one for this browser.
    """
    form, t = request.form, current().t
    old = form.get("old", "")[: LONGEST + 1]
    new = form.get("new", "")[: LONGEST + 1]
    if new != form.get("again", "")[: LONGEST + 1]:
        return _page(refused=t("settings.password.differ"), status=422)
    if new == old:
        return _page(refused=t("settings.password.same"), status=422)
    try:
        with current().program.passwords.place() as place:
            token = _changed(place, old, new)
    except UnusableWord as e:
        return _page(refused=t(f"password.{e.facts['why']}"), status=422)
    except (NotSignedIn, SlowDown):
        return _page(refused=t("settings.password.wrong"), status=422)
    except ManyPasswords:
        return _page(refused=t("error.many_passwords.text"), status=503)
    return go_on_signed_in(token, url_for("settings.page", done="password"))


def _changed(place: PlaceInLine, old: str, new: str) -> str:
    """Check the old password outside of transactions, as sign-in does, and set the new one; gives
    the token of the new session.

    Raises:
        UnusableWord: of the new one.
        NotSignedIn, SlowDown: the old one is wrong, or it was tried too often.
    """
    context = current()
    services = current().program.services
    by = context.viewer
    tried = context.write(
        lambda tx: own_account.begin_change(
            tx, services, by=by, network=network(), password=new, now=context.wall
        )
    )
    if not place.fits(tried.stored, old):
        if context.write(
            lambda tx: password_sign_in.record_wrong_try(
                tx, services, tried=tried, now=context.wall, by=actor(by)
            )
        ):
            log.warning("sign_in_alarm")
        raise NotSignedIn
    hashed = place.hash(new)
    return context.write(
        lambda tx: own_account.change_password(
            tx,
            services,
            by=by,
            tried=tried,
            password=hashed,
            limits=context.limits,
            now=context.wall,
            browser=browser_kind(),
        )
    )


@bp.post("/settings/letters")
@page_policy("plain")
def letters() -> ResponseReturnValue:
    """Keep how often the person gets letters, and where."""
    context, form = current(), request.form
    how = form.get("letters", "")
    address = form.get("address", "").strip()

    def choose(tx: Tx) -> None:
        mailbox = letter_mail.address_of(tx, context.program.services, context.viewer.office)
        letter_choices.choose_letters(
            tx,
            context.program.services,
            by=context.viewer,
            now=context.now,
            how=how,
            address=address,
            mailbox=mailbox,
        )

    try:
        context.write(choose)
    except UnusableWord as e:
        why = str(e.facts["why"])
        fault = context.t(f"settings.letters.{why}")
        field = "address" if why in ("no_address", "other_domain") else "letters"
        typed = SimpleNamespace(how=how, address=address, fault=fault, field=field)
        return _page(letters=typed, status=422)
    return redirect(url_for("settings.page", done="letters"), 303)


@bp.post("/settings/sessions", endpoint="end_sessions")
@page_policy("plain")
def end_sessions() -> ResponseReturnValue:
    """End one other session of the person, or all others."""
    require_proof()
    context = current()
    handle = request.form.get("handle", "")

    def end(tx: Tx) -> None:
        if handle:
            own_account.end_session(
                tx, by=context.viewer, token=context.token, handle=handle, now=context.wall
            )
        else:
            own_account.end_other_sessions(
                tx, by=context.viewer, token=context.token, now=context.wall
            )

    context.write(end)
    return redirect(url_for("settings.page", done="ended"), 303)


@bp.post("/settings/browser")
@page_policy("plain")
def own_browser() -> ResponseReturnValue:
    """Say that the newest sign-in from another browser was the person's own."""
    require_proof()
    context = current()
    context.write(lambda tx: new_browsers.acknowledge(tx, by=context.viewer, token=context.token))
    return redirect(url_for("settings.page", done="browser"), 303)


@bp.post("/settings", endpoint="save")
@page_policy("plain")
def save() -> ResponseReturnValue:
    """Save what was chosen; a value that is no choice becomes the default."""
    form = request.form
    wanted = {
        "theme": form.get("theme", "") if form.get("theme") in THEMES else "auto",
        "dense": "yes" if form.get("dense") else "no",
        "shortcuts": "yes" if form.get("shortcuts") else "no",
        "zone": form.get("zone", "") if form.get("zone") in available_timezones() else "",
    }
    language = form.get("language", "")
    with current().transaction(write=True) as tx:
        own_account.save_preferences(
            tx,
            by=current().viewer,
            language=language if language in languages() else current().signed_in.viewer.lang,
            settings=wanted,
        )
    return redirect(url_for("settings.page", saved=1), 303)
