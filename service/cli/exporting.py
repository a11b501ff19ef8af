"""The command that exports: a proof bundle of cases and streams, or events of many cases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from service.audit.exports.event_export import FORMATS, ExportOrder
from service.cli.acting import acting
from service.cli.beginning import working_program
from service.cli.ending import explain_errors
from service.cli.exporting_events import export_events
from service.cli.exporting_proof import export_proof
from service.text import languages


@click.command("export")
@click.option(
    "--proof",
    "named",
    metavar="CASE",
    multiple=True,
    help="A case: its proof bundle; may be given several times.",
)
@click.option(
    "--stream",
    "streams",
    metavar="NAME",
    multiple=True,
    help="A history for the bundle, whole: release, system or office/ID; several times too.",
)
@click.option(
    "--events",
    "what",
    type=click.Choice(FORMATS),
    help="Events of process class over many cases: XES (IEEE 1849), CSV or JSON Lines.",
)
@click.option("--reason", required=True, help="Why it is handed out; kept in the ledger, sealed.")
@click.option("--reads", is_flag=True, help="With who has read the case.")
@click.option("--answers", is_flag=True, help="With the open answers (class C0).")
@click.option(
    "--head",
    "heads",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A checkpoint that the receiver holds; may be given several times.",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Cases opened from this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Cases opened up to this day.")
@click.option("--release", type=click.IntRange(1), help="Cases that ran on release v2: 2.")
@click.option("--office", default="", help="Cases in which this office did something: its id.")
@click.option("--pseudonyms", is_flag=True, help="Cases under their pseudonyms, not random names.")
@click.option("--true-dates", is_flag=True, help="Dates as they are: else each case is moved.")
@click.option("--rare", is_flag=True, help="With ways that few cases took.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="Folder of the file.",
)
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@acting
@explain_errors
def export(
    *,
    named: tuple[str, ...],
    streams: tuple[str, ...],
    what: str | None,
    reason: str,
    reads: bool,
    answers: bool,
    heads: tuple[Path, ...],
    since: datetime | None,
    until: datetime | None,
    release: int | None,
    office: str,
    pseudonyms: bool,
    true_dates: bool,
    rare: bool,
    out: Path,
    lang: str,
) -> None:
    """Hand out the history of cases as a bundle that its receiver can verify without Tresteg, or
    the events of many cases without anything that names a person.

    The ledger says so before the file is there.
    """
    if bool(named or streams) == (what is not None):
        raise click.UsageError("--proof and --events are two kinds of export; take one")
    made = working_program()
    if what is None:
        export_proof(made, named, streams, reason, out, lang, heads, reads=reads, answers=answers)
        return
    order = ExportOrder(
        what=what,
        since=since.date() if since else None,
        until=until.date() if until else None,
        release=release,
        office=office,
        pseudonyms=pseudonyms,
        shifted=not true_dates,
        rare=rare,
        zone=made.settings.timezone,
        lang=lang,
    )
    export_events(made, order, reason, out)
