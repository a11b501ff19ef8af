"""Export the proof bundle of cases and of streams from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.proof.proof_bundle import ProofBundle, ProofOrder, make_bundle
from service.audit.proof.proof_entries import record_bundle
from service.audit.proof.viewer import sentences
from service.audit.search.streams import load_stream_titles, stream_name
from service.cli.acting import who_acts
from service.cli.beginning import find_case, reading_transaction
from service.cli.ending import COULD_NOT, FOUND, end_with
from service.errors import NotFound
from service.operations.sequencer import sequence_all
from service.people import accounts
from service.records.context import Actor
from service.store.transaction import Tx


def export_proof(
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
    """Write the bundle of the cases that are named and the streams that are chosen."""
    sequence_all(made)
    held = {file.name: file.read_bytes().decode(errors="replace") for file in heads}
    if made.checkpoint_folder is not None:
        held = {**dict(made.checkpoint_folder.read().notes), **held}
    with reading_transaction(made) as tx:
        by = who_acts(tx, made, "audit")
        now = made.clock.now()
        cases = tuple({case.id: case for case in (find_case(tx, word) for word in named)}.values())
        order = ProofOrder(cases, reads, answers, held, _streams(tx, made, chosen, lang))
        file = out / order.file_name(now)
    if file.exists():
        end_with(f"{file} is there already; nothing was written", COULD_NOT)
    with reading_transaction(made) as tx:
        viewer = _viewer(tx, made, by, lang)
        bundle = make_bundle(tx, made.services, order, viewer=viewer, now=now)
    if bundle.content:
        with made.database.transaction() as tx:
            record_bundle(tx, made.services, order, bundle, by=by, now=now, reason=reason)
    _tell(bundle, lang)
    if not bundle.content:
        end_with("The history does not hold: nothing was written; see tresteg verify", FOUND)
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
