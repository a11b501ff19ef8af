"""The command that makes packages for an archive, of what an office keeps of ended cases."""

from __future__ import annotations

import os
from pathlib import Path

import click

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.archive.package_content import PackageContent
from service.audit.archive.package_file import make_package
from service.audit.archive.package_papers import papers_of
from service.audit.archive.packaging import load_package, record_package
from service.cli.acting import acting, who_acts
from service.cli.beginning import find_case, reading_transaction, working_program
from service.cli.ending import COULD_NOT, end_with, explain_errors
from service.cli.language import speaking
from service.errors import NotAllowed, PaperFailed
from service.operations.sequencer import sequence_all
from service.people import accounts
from service.sandbox.paper_compilers import PaperCompilers
from service.store.transaction import Tx
from service.text import say

OWNER_ALONE = 0o600
"""Mode of a package: it may be read by who made it."""


@click.command("archive")
@click.argument("named", metavar="CASE...", nargs=-1, required=True)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the packages, outside of Tresteg.",
)
@speaking
@acting
@explain_errors
def archive(*, named: tuple[str, ...], folder: Path, lang: str) -> None:
    """Make a package for an archive of what your office keeps of each case, as E-ARK SIP 2.1.

    Only of what the retention plan has asked the office to hand over, and only a records officer of
    it. The history says so before the file is there.
    """
    made = working_program()
    sequence_all(made)
    with reading_transaction(made) as tx:
        viewer = _viewer(tx, made, lang)
        found = [find_case(tx, word, viewer.barred) for word in named]
    compilers = PaperCompilers()
    try:
        for case in {case.id: case for case in found}:
            _hand_out(made, compilers, viewer, case, folder)
    finally:
        compilers.close()


def _viewer(tx: Tx, made: Tresteg, lang: str) -> Viewer:
    """The records officer who gives the command, as she sees cases.

    Raises:
        NotAllowed: nobody holds that role yet.   Otherwise as `who_acts`.
    """
    by = who_acts(tx, made, act="keep_records")
    found = accounts.load_viewer(tx, by.id)
    if found is None:
        raise NotAllowed(why="role")
    return Viewer(by.id, by.office, found.roles, lang, found.zone, found.barred)


def _hand_out(
    made: Tresteg, compilers: PaperCompilers, viewer: Viewer, case: str, folder: Path
) -> None:
    """Make a package, record it, and only then give its file its name; nothing is written over."""
    now = made.clock.now()
    with reading_transaction(made) as tx:
        content = load_package(tx, made.services, viewer, now, case_id=case)
    package = make_package(content, _papers(compilers, content))
    file = folder / package.name
    part = file.with_name(f"{file.name}.part")
    new = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
    try:
        with os.fdopen(new, "wb") as written:
            written.write(package.content)
        with made.database.transaction() as tx:
            record_package(tx, viewer, now, content=content, made=package)
        os.link(part, file)  # unlike a rename it never replaces what has that name
    finally:
        part.unlink()
    click.echo(f"{file} {package.digest}")


def _papers(compilers: PaperCompilers, content: PackageContent) -> dict[str, bytes]:
    """Have the papers of a package made."""
    try:
        return {
            file: compilers.compile(paper.source, paper.data, at=content.made)
            for file, paper in papers_of(content).items()
        }
    except PaperFailed:
        end_with(say("cli.report.large", content.lang), COULD_NOT)
