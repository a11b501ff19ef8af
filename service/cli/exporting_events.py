"""Export the events of many cases from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from service.application.container import Tresteg
from service.audit.exports.event_export import (
    LEFT_OUT,
    ExportOrder,
    count_cases,
    export_cases,
    file_name,
    record_export,
)
from service.cli.acting import who_acts
from service.cli.beginning import reading_transaction
from service.cli.ending import COULD_NOT, end_with
from service.text import say


def export_events(made: Tresteg, order: ExportOrder, reason: str, out: Path) -> None:
    """Write events into another file, which gets its name when the ledger says so."""
    now = made.clock.now()
    file = out / file_name(order, now)
    if file.exists():
        end_with(f"{file} is there already; nothing was written", COULD_NOT)
    with reading_transaction(made) as tx:
        who_acts(tx, made, "audit")
        total = count_cases(tx, order)
    part = file.with_name(f"{file.name}.part")
    try:
        with made.database.transaction(write=False) as tx, part.open("wb") as written:
            rounds = total if order.rare else 2 * total
            with click.progressbar(length=rounds, file=sys.stderr, label="Cases") as bar:
                least = made.settings.report_min_cell
                report = export_cases(
                    tx, made.services, order, written, least=least, progress=lambda _: bar.update(1)
                )
        with made.database.transaction() as tx:
            by = who_acts(tx, made, "audit")
            record_export(tx, made.services, order, report, by=by, now=now, reason=reason)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    for why in LEFT_OUT:
        if n := report.left_out[why]:
            click.echo(say(f"export.left_{why}", order.lang, n=n), err=True)
    click.echo(f"{file} {report.digest} {report.cases} cases, {report.events} events")
