"""Commands that hand out histories, and what others need to watch them: the proof bundle of a case,
and the program of a witness.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from service.access import Viewer
from service.actions.context import Actor
from service.actions.history.exports.run import (
    FORMATS,
    LEFT_OUT,
    ExportOrder,
    count_cases,
    export_cases,
    file_name,
    record_export,
)
from service.actions.history.proof.bundle import (
    PROGRAMS,
    ProofBundle,
    ProofOrder,
    log_key,
    make_bundle,
)
from service.actions.history.proof.records import record_case_export
from service.actions.history.proof.viewer import sentences
from service.actions.people import accounts
from service.application.container import Tresteg
from service.application.sequencer import sequence_all
from service.cli.acting import acting, who_acts
from service.cli.beginning import (
    find_case,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import COULD_NOT, FOUND, end_with, explain_errors
from service.errors import NotFound
from service.store.installation import checkpoints
from service.store.transaction import Tx
from service.text import languages, say


@click.command("export")
@click.option("--proof", "case", metavar="CASE", help="A case: its proof bundle.")
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
    case: str | None,
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
    """Hand out the history of a case as a bundle that its receiver can verify without Tresteg, or
    the events of many cases without anything that names a person.

    The ledger says so before the file is there.
    """
    if (case is None) == (what is None):
        raise click.UsageError("--proof and --events are two kinds of export; take one")
    made = working_program()
    if case is not None:
        _export_proof(made, case, reason, out, lang, heads, reads=reads, answers=answers)
        return
    order = ExportOrder(
        what=str(what),
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
    """Write events beside the place of the file, and put it there when the ledger says so."""
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
                    tx, made.services, order, written, least=least, told=lambda _: bar.update(1)
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


def _export_proof(
    made: Tresteg,
    case: str,
    reason: str,
    out: Path,
    lang: str,
    heads: tuple[Path, ...],
    *,
    reads: bool,
    answers: bool,
) -> None:
    """Write the bundle of a case."""
    sequence_all(made)
    held = {file.name: file.read_bytes().decode(errors="replace") for file in heads}
    if made.checkpoint_folder is not None:
        held = {**dict(made.checkpoint_folder.read().notes), **held}
    with reading_transaction(made) as tx:
        who_acts(tx, made, "audit")
        file = out / f"{find_case(tx, case).ref}.proof.zip"
    if file.exists():
        end_with(f"{file} is there already; nothing was written", COULD_NOT)
    with made.database.transaction() as tx:
        by = who_acts(tx, made, "audit")
        order = ProofOrder(find_case(tx, case), reads, answers, held)
        viewer = _viewer(tx, made, by, lang)
        bundle = make_bundle(tx, made.services, order, viewer=viewer, now=made.clock.now())
        if bundle.content:
            record_case_export(
                tx,
                made.services,
                by=by,
                now=made.clock.now(),
                case_id=order.case.id,
                what="proof",
                scope=[*(s.partition("/")[0] for s in bundle.streams), *(["C0"] * answers)],
                digest=bundle.digest,
                reason=reason,
            )
    _tell(bundle, lang)
    if not bundle.content:
        end_with("The history does not hold: nothing was written; see tresteg verify", FOUND)
    file.write_bytes(bundle.content)
    click.echo(f"{file} {bundle.digest}")


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="Folder that the files are written to.",
)
@explain_errors
def witness(out: Path) -> None:
    """Write what another office needs to keep heads of the log: witness.py, and the log's key.

    Give it TRESTEG_WITNESS_TOKEN too, where it fetches heads by itself.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        kept = checkpoints.newest(tx)
    if kept is None:
        raise NotFound("nothing is signed yet: a worker does so as soon as something has happened")
    (out / "witness.py").write_bytes((PROGRAMS / "witness.py").read_bytes())
    (out / "verify.py").write_bytes((PROGRAMS / "verify.py").read_bytes())
    (out / "log.key").write_text(log_key(made.services, kept.note), "utf-8")
    (out / "head.txt").write_text(kept.note, "utf-8")
    for name in ("witness.py", "verify.py", "log.key", "head.txt"):
        click.echo(out / name)


def _viewer(tx: Tx, made: Tresteg, by: Actor, lang: str) -> Viewer:
    """The rights of who exports; who set up the installation sees no answers."""
    found = accounts.load_viewer(tx, by.id)
    zone = made.settings.timezone
    return found or Viewer(by.id, by.office, frozenset(), lang, zone)


def _tell(bundle: ProofBundle, lang: str) -> None:
    """Print what is proven and what is not, to standard error."""
    found = bundle.verifier
    if found is None:
        return
    for said in (found.faults, found.proven, found.not_proven):
        for sentence in sentences(said, lang):
            click.echo(sentence, err=True)
