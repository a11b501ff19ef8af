"""An auditor asks over all cases: the search and her saved enquiries.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.log_review.questions import load_own_questions, read_of_questions
from service.audit.log_review.review_page import load_notices
from service.audit.search import entry_words, find
from service.audit.search.find import MARKS, load_found, load_found_entries
from service.casework.casefile import read_log
from service.people import accounts, own_account
from service.store.at_hand import AtHand
from service.store.installation import ledger_entries, offices, releases
from service.store.keyset import PageRequest
from service.store.read_models import audit_conditions
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.pages.audit.audit_query import MOST, SETTING, Asked, read_asked, saved_enquiries
from service.web.request_context import current, page_request

PAGE = 50


@bp.get("/audit", endpoint="index")
@page_policy("plain", act="audit")
def show() -> ResponseReturnValue:
    """Cases or entries that fit what is asked; a search is recorded by what it asked for and how
    much it found, never by its words.
    """
    asked = read_asked(request.args)
    page = current().read_and_log(lambda tx: _draw(tx, asked))
    return page, 422 if asked.faults else 200


@bp.post("/audit/enquiries")
@page_policy("plain", act="audit")
def keep_enquiry() -> ResponseReturnValue:
    """Save the search that the page shows, or forget it; of too many the oldest is forgotten."""
    asked = read_asked(request.form)
    context = current()
    kept = [one.text for one in saved_enquiries() if one.text != asked.text]
    if request.form.get("do") == "save" and asked.names:
        kept = [*kept, asked.text][-MOST:]
    with context.transaction(write=True) as tx:
        own_account.save_preferences(
            tx,
            by=context.viewer,
            language=context.signed_in.viewer.lang,
            settings={SETTING: "\n".join(kept)},
        )
    return redirect(f"{url_for('audit.index')}?{asked.text}", 303)


@bp.get("/audit/help", endpoint="help")
@page_policy("plain", act="audit")
def explain() -> ResponseReturnValue:
    """How auditing works, what is proven and what is not."""
    return render_template("help/audit.html")


def _draw(tx: Tx, asked: Asked) -> str:
    context = current()
    step = page_request()
    names = entry_words.load_names(tx, context.program.services, [read_of_questions(context.now)])
    found = None
    if not asked.faults:
        load = load_found_entries if asked.entries else load_found
        found = load(
            *(tx, names, context.program.services, asked.query(), step),
            lang=context.lang,
            limit=PAGE,
        )
    choices = _choices(tx, names, asked)
    shown: dict[str, Any] = {
        "reviews": load_notices(tx, context.now, context.lang),
        "questions": sum(
            one.waits for one in load_own_questions(names, context.viewer, context.now)
        ),
        "broken": find.load_broken(tx, context.viewer.barred)
        if audit_conditions.BROKEN in asked.marks
        else None,
        "begins": _begins(tx) if found is not None and not found.total else None,
        "chips": _chips(asked, choices),
        "saved": [
            (f"{url_for('audit.index')}?{one.text}", _name(tx, one, choices))
            for one in saved_enquiries()
        ],
    }
    if found is not None and asked.names and step == PageRequest():
        # the last that is done, so that nothing is read anew because of it
        read_log.record_audit_search(
            tx, by=context.viewer, now=context.now, asked=asked.names, hits=found.total
        )
    return render_template(
        "audit/search.html",
        asked=asked,
        found=found,
        choices=choices,
        faults={
            day: context.t(f"audit_find.{key}", n=find.DAYS_AT_MOST)
            for day, key in asked.faults.items()
        },
        left_out=", ".join(context.t(f"audit_find.part_{part}") for part in asked.left_out),
        compared=_compared(asked),
        most_days=find.DAYS_AT_MOST,
        of_promises=audit_conditions.BROKEN in asked.marks,
        **shown,
        kept=asked.text in [one.text for one in saved_enquiries()],
        marks=[(mark, _mark_name(mark), mark in asked.marks) for mark in MARKS],
        here=f"{url_for('audit.index')}?{asked.text}",
    )


def _choices(tx: Tx, names: AtHand, asked: Asked) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, by part: (value, text)."""
    context = current()
    services = current().program.services
    office = asked.parts.get("office", "")
    person = asked.parts.get("person", "")
    people = accounts.colleagues(tx, services, office) if office else []
    if person and person not in dict(people):
        people += accounts.names(tx, services, {person}).items()
    titles = releases.everyone(names)
    return {
        "office": sorted(offices.names(names).items(), key=lambda pair: pair[1].lower()),
        "person": people,
        "kind": entry_words.kind_names(context.lang),
        "element": sorted(
            entry_words.element_names(names, services, context.lang).items(),
            key=lambda pair: pair[1].lower(),
        ),
        "release": [(title.id, f"v{title.number}") for title in titles],
    }


def _words_of(asked: Asked, choices: dict[str, list[tuple[str, str]]]) -> dict[str, str]:
    """What is asked for in words, by part and mark."""
    t = current().t
    words = {}
    for part, value in asked.parts.items():
        text = dict(choices.get(part, ())).get(value, value)
        words[part] = t(f"audit_find.chip_{part}", value=text)
    return {**words, **{mark: _mark_name(mark) for mark in asked.marks}}


def _mark_name(mark: str) -> str:
    limit = current().program.services.programme.log_review.cases_a_day
    return current().t(f"audit_find.is_{mark}", n=limit)


def _compared(asked: Asked) -> tuple[datetime, datetime] | None:
    """First and last day, where looks are compared."""
    query = asked.query()
    if not query.compares or asked.faults or query.since is None or query.until is None:
        return None
    return query.since, query.until - timedelta(microseconds=1)


def _begins(tx: Tx) -> datetime | None:
    """When the history of this installation begins."""
    first = ledger_entries.of_stream(tx, "system", limit=1)
    return first[0].at if first else None


def _chips(asked: Asked, choices: dict[str, Any]) -> list[tuple[str, str]]:
    words = _words_of(asked, choices)
    here = url_for("audit.index")
    return [(text, f"{here}?{asked.without(part)}") for part, text in words.items()]


def _name(tx: Tx, asked: Asked, choices: dict[str, Any]) -> str:
    """What a saved enquiry is called."""
    person = asked.parts.get("person", "")
    if person:
        known = accounts.names(tx, current().program.services, {person})
        choices = {**choices, "person": list(known.items())}
    words = ", ".join(_words_of(asked, choices).values())
    key = "audit_find.saved_entries" if asked.entries else "audit_find.saved_cases"
    return current().t(key, what=words)
