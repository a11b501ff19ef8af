"""Who looked: the read log of a case and of all cases, and the extract for the person concerned.

Registered on the blueprint of the audit. Reading the read log is itself an entry of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.search import entry_words, reads
from service.audit.search.entry_words import load_names
from service.casework.casefile import read_log
from service.people import accounts
from service.store.at_hand import AtHand
from service.store.casefile import cases
from service.store.installation import offices
from service.store.keyset import PageRequest
from service.store.read_models.audit_conditions import READ_KINDS, AuditQuery
from service.store.transaction import Tx
from service.store.writing import write_last
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.pages.audit.audit_query import Asked, read_asked
from service.web.request_context import current, page_request

PAGE, LARGEST_FILE = 50, 10_000
"""Lines of a page, and of a file."""
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""
COLUMNS = ("time", "who", "office", "role", "page", "purpose", "classes", "reason", "case")


@bp.get("/audit/reads")
@page_policy("plain", act="audit")
def of_all() -> ResponseReturnValue:
    """Who looked at which case, the newest first."""
    return _show(None)


@bp.get("/audit/cases/<case>/reads", endpoint="reads")
@page_policy("plain", act="audit")
def of_case(case: str) -> ResponseReturnValue:
    """Who looked at a case, the newest first."""
    return _show(case)


@bp.get("/audit/cases/<case>/reads/extract")
@page_policy("plain", act="audit")
def extract(case: str) -> ResponseReturnValue:
    """Days, offices and purposes for the person whom a case is about, no name of staff; with `as`
    a file of text or CSV.
    """
    context = current()
    kind = request.args.get("as", "")

    def work(tx: Tx) -> ResponseReturnValue:
        row = _recorded(tx, case, as_file=kind in ("csv", "text"))
        write_last(tx)  # the extract has this look too
        rows = reads.load_extract(tx, case, lang=context.lang, zone=context.zone)
        if kind == "csv":
            heads = [context.t(f"reads.{name}") for name in ("day", "office", "purpose", "times")]
            table = [[one.day, one.office, one.purpose, str(one.times)] for one in rows]
            return _file(_csv([heads, *table]), f"{row.ref}.csv", "text/csv")
        lines = [context.t("reads.extract_line", **_facts_of(one)) for one in rows] or [
            context.t("reads.extract_none")
        ]
        if kind == "text":
            text = "\n".join([context.t("reads.extract_title", ref=row.ref), "", *lines, ""])
            return _file(text, f"{row.ref}.txt", "text/plain")
        return render_template("audit/extract.html", case=row, ref=row.ref, rows=rows)

    return current().write(work)


def _facts_of(one: reads.ExtractLine) -> dict[str, object]:
    return {"day": one.day, "office": one.office, "purpose": one.purpose, "n": one.times}


def _show(case: str | None) -> ResponseReturnValue:
    asked = read_asked(request.args)
    as_file = request.args.get("as") == "csv"
    if asked.faults:
        as_file = False
    drawn = current().write(lambda tx: _draw(tx, case, asked, as_file=as_file))
    return make_response(drawn, 422 if asked.faults else 200)


def _draw(tx: Tx, case: str | None, asked: Asked, *, as_file: bool) -> str | Response:
    context = current()
    services = current().program.services
    row = _recorded(tx, case, as_file=as_file) if case is not None else None
    query = _query(asked, case)
    if row is None:
        read_log.record_audit_search(
            tx, by=context.viewer, now=context.now, asked=["reads", *asked.names], hits=0
        )
    step = PageRequest() if as_file else page_request()
    names = load_names(tx, services)
    found = reads.load_reads(
        *(tx, names, services, query, step),
        by=context.viewer,
        matter=context.matter,
        limit=LARGEST_FILE if as_file else PAGE,
    )
    if as_file:
        heads = [context.t(f"reads.{name}") for name in COLUMNS]
        name = f"{row.ref if row is not None else 'tresteg'}-{context.t('reads.file')}.csv"
        text = _csv([heads, *map(_cells, found.rows)])
        if row is None:
            read_log.record_list_file(
                tx,
                by=context.viewer,
                now=context.now,
                what="reads",
                cases=len({line.case_id for line in found.rows}),
                content=text.encode(),
            )
        return _file(text, name, "text/csv")
    return render_template(
        "audit/reads.html",
        case=row,
        ref=row.ref if row is not None else "",
        asked=asked,
        found=found,
        choices=_choices(tx, names, asked),
        faults={day: context.t(f"audit_find.{key}") for day, key in asked.faults.items()},
        here=url_for("audit.reads", case=case) if case else url_for("audit.of_all"),
    )


def _query(asked: Asked, case: str | None) -> AuditQuery:
    parts = {
        name: word
        for name, word in asked.parts.items()
        if name in ("since", "until", "office", "person") or (name == "kind" and word in READ_KINDS)
    }
    query = Asked(parts, (), entries=True).query()
    return reads.of_reads(query, case or "")


def _recorded(tx: Tx, case: str, *, as_file: bool) -> cases.CaseSummary:
    """The case; that its read log is read, or taken along as a file, is written before anything is
    sent.
    """
    context = current()
    purpose, about = ("export", {"tab": "reads"}) if as_file else ("log_review", {})
    return read_log.record_audit(
        tx, by=context.viewer, now=context.now, case_id=case, purpose=purpose, about=about
    )


def _choices(tx: Tx, names: AtHand, asked: Asked) -> dict[str, list[tuple[str, str]]]:
    context = current()
    services = current().program.services
    office = asked.parts.get("office", "")
    person = asked.parts.get("person", "")
    people = accounts.colleagues(tx, services, office) if office else []
    if person and person not in dict(people):
        people += accounts.names(tx, services, {person}).items()
    return {
        "office": sorted(offices.names(names).items(), key=lambda pair: pair[1].lower()),
        "person": people,
        "kind": [(kind, entry_words.kind_name(kind, context.lang)) for kind in READ_KINDS],
    }


def _cells(row: reads.ReadLine) -> list[str]:
    at = row.at.isoformat(timespec="seconds")
    who = [at, row.who, row.office, row.role]
    return [*who, row.page, row.purpose, row.classes, row.reason, row.ref]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    """CSV with a byte order mark, as spreadsheets read it; nothing in it is a formula."""
    out = io.StringIO()
    write = csv.writer(out)
    for row in rows:
        write.writerow([f"'{cell}" if cell.startswith(RISKY) else cell for cell in row])
    return f"\ufeff{out.getvalue()}"


def _file(text: str, name: str, kind: str) -> Response:
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
