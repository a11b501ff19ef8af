"""Commands that hand out histories, and what others need to watch them: the proof bundle of a case,
and the program of a witness.
"""

from __future__ import annotations

from pathlib import Path

import click

from service.access import Viewer
from service.actions.context import Actor
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
from service.text import languages


@click.command("export")
@click.option("--proof", "case", metavar="CASE", required=True, help="A case: its proof bundle.")
@click.option("--reason", required=True, help="Why it is handed out; kept in the read log, sealed.")
@click.option("--reads", is_flag=True, help="With who has read the case.")
@click.option("--answers", is_flag=True, help="With the open answers (class C0).")
@click.option(
    "--head",
    "heads",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A checkpoint that the receiver holds; may be given several times.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="Folder of the file; it is named by the pseudonym of the case.",
)
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@acting
@explain_errors
def export(
    *,
    case: str,
    reason: str,
    reads: bool,
    answers: bool,
    heads: tuple[Path, ...],
    out: Path,
    lang: str,
) -> None:
    """Hand out the history of a case as a bundle that its receiver can verify without Tresteg.

    The read log says so before the file is written.
    """
    made = working_program()
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
