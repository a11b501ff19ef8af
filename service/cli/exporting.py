"""The command that exports: a proof bundle of cases and streams, or events of many cases."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.exports.event_export import (
    FORMATS,
    LEFT_OUT,
    ExportOrder,
    count_cases,
    export_cases,
    file_name,
    record_export,
)
from service.audit.proof.proof_bundle import ProofBundle, ProofOrder, make_bundle
from service.audit.proof.proof_entries import record_bundle
from service.audit.proof.viewer import sentences
from service.audit.search.streams import load_stream_titles, stream_name
from service.cli.acting import acting, who_acts
from service.cli.beginning import find_case, reading_transaction, working_program
from service.cli.ending import COULD_NOT, FOUND, end_with, explain_errors
from service.cli.language import speaking
from service.errors import NotFound
from service.operations.sequencer import sequence_all
from service.people import accounts
from service.records.context import Actor
from service.store.installation import barred_people
from service.store.transaction import Tx
from service.text import say


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
@speaking
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
        _export_proof(made, named, streams, reason, out, lang, heads, reads=reads, answers=answers)
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
    _export_events(made, order, reason, out)


def _export_events(made: Tresteg, order: ExportOrder, reason: str, out: Path) -> None:
    """Write the file of events: as FILE.part first, renamed when the ledger has the export."""
    now = made.clock.now()
    file = out / file_name(order, now)
    if file.exists():
        end_with(say("cli.export.there", order.lang, file=file), COULD_NOT)
    with reading_transaction(made) as tx:
        by = who_acts(tx, made, "audit")
        order = replace(order, barred=barred_people.barred_to(tx, by.id))
        total = count_cases(tx, order)
    part = file.with_name(f"{file.name}.part")
    try:
        with made.database.transaction(write=False) as tx, part.open("wb") as written:
            rounds = total if order.rare else 2 * total
            cases = say("cli.export.cases", order.lang)
            with click.progressbar(length=rounds, file=sys.stderr, label=cases) as bar:
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
    numbers = {"cases": report.cases, "events": report.events}
    click.echo(say("cli.export.sum", order.lang, file=file, digest=report.digest, **numbers))


def _export_proof(
    made: Tresteg,
    named: tuple[str, ...],
    chosen: tuple[str, ...],
    reason: str,
    out: Path,
    lang: str,
    heads: tuple[Path, ...],
    *,
    reads: bool,
    answers: bool,
) -> None:
    """Write the proof bundle of cases and streams, when the ledger has the export.

    Args:
        named: cases, by whatever `find_case` knows them.
        chosen: names of streams.
        heads: files of checkpoints that the receiver holds.
    """
    sequence_all(made)
    held = {file.name: file.read_bytes().decode(errors="replace") for file in heads}
    if made.checkpoint_folder is not None:
        held = {**dict(made.checkpoint_folder.read().notes), **held}
    with reading_transaction(made) as tx:
        by = who_acts(tx, made, "audit")
        now = made.clock.now()
        barred = barred_people.barred_to(tx, by.id)
        found = (find_case(tx, word, barred) for word in named)
        cases = tuple({case.id: case for case in found}.values())
        order = ProofOrder(cases, reads, answers, held, _streams(tx, made, chosen, lang))
        file = out / order.file_name(now)
    if file.exists():
        end_with(say("cli.export.there", lang, file=file), COULD_NOT)
    with reading_transaction(made) as tx:
        viewer = _viewer(tx, made, by, lang)
        bundle = make_bundle(tx, made.services, order, viewer=viewer, now=now)
    if bundle.content:
        with made.database.transaction() as tx:
            record_bundle(tx, made.services, order, bundle, by=by, now=now, reason=reason)
    _tell(bundle, lang)
    if not bundle.content:
        end_with(say("cli.export.history", lang), FOUND)
    file.write_bytes(bundle.content)
    click.echo(f"{file} {bundle.digest}")


def _streams(tx: Tx, made: Tresteg, chosen: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """The streams of the ledger that are chosen.

    Raises:
        NotFound: there is none of that name.
    """
    known = [name for name, _ in load_stream_titles(tx, lang)]
    for name in chosen:
        if name not in known:
            raise NotFound(f"there is no stream {name}: there are {', '.join(known)}")
    return tuple(dict.fromkeys(stream_name(made.services, name) for name in chosen))


def _viewer(tx: Tx, made: Tresteg, by: Actor, lang: str) -> Viewer:
    """The rights of the person who exports; the installer has no role, and so sees no answers."""
    found = accounts.load_viewer(tx, by.id)
    zone = made.settings.timezone
    return found or Viewer(by.id, by.office, frozenset(), lang, zone)


def _tell(bundle: ProofBundle, lang: str) -> None:
    """Print to standard error what the verifier found: faults, proven, not proven."""
    found = bundle.verifier
    if found is None:
        return
    for said in (found.faults, found.proven, found.not_proven):
        for sentence in sentences(said, lang):
            click.echo(sentence, err=True)
