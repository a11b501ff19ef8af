"""Hand out the program of a witness."""

from __future__ import annotations

from pathlib import Path

import click

from service.audit.proof.proof_bundle import PROGRAMS, log_key
from service.cli.beginning import reading_program, reading_transaction
from service.cli.ending import explain_errors
from service.errors import NotFound
from service.store.installation import checkpoints


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
