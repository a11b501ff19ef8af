"""Tracking of one referral, for the office that sent it and the one that got it."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.actions import case_page, case_tabs, reading, referring
from service.errors import NotFound
from service.store import referrals
from service.web.doors import WORK, door
from service.web.here import here

bp = Blueprint("referrals", __name__)


@bp.get("/referrals/<referral>")
@door("plain", act=WORK)
def show(referral: str) -> ResponseReturnValue:
    """Where it stands, and what went with it as far as the reader may see it."""
    at = here()
    with at.transaction() as tx:
        row = referrals.get(tx, referral)
        if row is None or at.viewer.office not in (row.from_office, row.to_office):
            raise NotFound
        stand = case_page.stand(tx, at.program.house, at.viewer, row.case_id, at.reader())
    packet = [one for one in stand.told if one.rev == row.rev and one.key in row.fields and stand.eyes.see(one)]
    with at.transaction(write=True) as tx:
        reading.note(tx, at.viewer, row.case_id, purpose="referral", classes={one.klass for one in packet} | {"C0"}, now=at.now, about={"referral": referral})
        referring.opened(tx, at.viewer, row.case_id, now=at.now)
    told = case_tabs.tracked(stand, row)
    page = SimpleNamespace(
        to=told.to,
        sender=stand.who(row.by, row.from_office),
        purpose=at.t(f"purpose.{row.purpose}"),
        sent=row.sent_at,
        due=row.due if row.state in referring.WAITING else None,
        states=told.states,
        text=told.text,
        reason=referring.reason_in_words(stand.eyes.release, at.program.house, row, at.lang),
        packet=[stand.words.pair(one) for one in packet],
        task=next((t.key for t in stand.waiting if stand.mine(t)), ""),
    )
    return render_template("referral.html", case=SimpleNamespace(id=row.case_id, ref=stand.case.ref), ref=stand.case.ref, referral=page)
