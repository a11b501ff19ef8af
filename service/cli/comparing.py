"""The command that compares: files, folders and releases, as sentences by class."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from service.cli.beginning import environment_settings, reading_program, reading_transaction
from service.cli.ending import FOUND, explain_errors
from service.cli.language import speaking
from service.cli.release_files import content, gather
from service.errors import UnusableFile
from service.release.bundle import Bundle, unpack_release
from service.release.handler_digests import handler_digests
from service.sandbox.handlers import declared
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import say
from service.workshop.comparison.diff import diff_bundles
from service.workshop.comparison.line_diff import patch
from service.workshop.comparison.release_changes import CLASSES, ReleaseChange

SHORTEST = 6
"""Characters of a digest that name a release."""
LIVE = "current"


@dataclass(frozen=True)
class ComparedFiles:
    """One side of a comparison: its files, the digests of its handlers, and the file named
    by the command, if one was.
    """

    name: str
    bundle: Bundle
    handlers: dict[str, str]
    file: str = ""


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--xml", "as_text", is_flag=True, help="Every changed file as a patch, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@speaking
@explain_errors
def diff(before: str, after: str, *, as_text: bool, as_json: bool, lang: str) -> None:
    """Say by class what B has otherwise than A.

    A and B are files, folders or releases: `v3`, the beginning of a release's hash, or `current`.
    A file or folder is compared as it would be in a release, with the installation's other files
    around it. Ends with 0 when nothing differs, with 1 when something does.
    """
    old = read_side(before)
    new = read_side(after)
    if old.file and new.file:
        new = _in_place_of(old, new)
    elif old.file or new.file:
        old, new = _around(old, new)
    handlers = (old.handlers, new.handlers)
    found = diff_bundles(old.bundle, new.bundle, declared(), lang, handlers)
    patches = _patches(old, new) if as_text else {}
    if as_json:
        click.echo(json.dumps(_object(old, new, found, patches), ensure_ascii=False, indent=1))
    else:
        _print(found, patches, lang)
    sys.exit(FOUND if found else 0)


def read_side(word: str) -> ComparedFiles:
    """A side of the comparison: the path of that name if there is one, else the release."""
    path = Path(word)
    if path.exists():
        named = gather((path,), environment_settings())
        file = named.named[0] if not path.is_dir() else ""
        return ComparedFiles(word, named.bundle, handler_digests(declared()), file)
    return _release(word)


def _release(word: str) -> ComparedFiles:
    made = reading_program()
    with reading_transaction(made) as tx:
        row = find_release(tx, made.services.programme.process, word)
    return ComparedFiles(f"v{row.number}", unpack_release(row.id, row.files), dict(row.handlers))


def find_release(tx: Tx, process: str, word: str) -> releases.Release:
    """The release that a word names: its number, the beginning of its hash, or `current`.

    Raises:
        UnusableFile: there is none, or more than one.
    """
    titles = releases.of_process(tx, process)
    live = releases.live(tx, process)
    if word == LIVE:
        fitting = [live] if live is not None else []
    else:
        fitting = [
            title
            for title in titles
            if f"v{title.number}" == word or (len(word) >= SHORTEST and title.id.startswith(word))
        ]
    row = releases.get(tx, fitting[0].id) if len(fitting) == 1 else None
    if row is None:
        known = ", ".join(f"v{title.number}" for title in titles) or "none"
        raise UnusableFile(f"there is no file and no release {word}; releases: {known}")
    return row


def _in_place_of(old: ComparedFiles, new: ComparedFiles) -> ComparedFiles:
    """A file compared with another: both are put where the older one stands.

    Raises:
        UnusableFile: the two are not of one kind.
    """
    if Path(old.file).suffix != Path(new.file).suffix:
        raise UnusableFile(f"{old.name} and {new.name} are not of one kind")
    bundle = old.bundle.with_file(old.file, content(Path(new.name)))
    return ComparedFiles(new.name, bundle, new.handlers, old.file)


def _around(old: ComparedFiles, new: ComparedFiles) -> tuple[ComparedFiles, ComparedFiles]:
    """A file compared with a release or folder: the other files are those of that side."""
    if old.file:
        other, named = _around(new, old)
        return named, other
    bundle = old.bundle.with_file(new.file, new.bundle.files[new.file])
    return old, ComparedFiles(new.name, bundle, old.handlers, new.file)


def _patches(old: ComparedFiles, new: ComparedFiles) -> dict[str, list[str]]:
    before, after = old.bundle.files, new.bundle.files
    changed = (n for n in sorted({*before, *after}) if before.get(n) != after.get(n))
    names = (old.name, new.name)
    return {name: patch(before.get(name), after.get(name), names) or [] for name in changed}


def _object(
    old: ComparedFiles,
    new: ComparedFiles,
    found: Sequence[ReleaseChange],
    patches: dict[str, list[str]],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "before": {"name": old.name, "hash": old.bundle.digest},
        "after": {"name": new.name, "hash": new.bundle.digest},
        "counts": {kind: sum(one.kind == kind for one in found) for kind in CLASSES},
        "changes": [{**asdict(one), "moved": [id_ for id_, _ in one.moved]} for one in found],
    }
    return {**made, "patches": patches} if patches else made


def _print(found: Sequence[ReleaseChange], patches: dict[str, list[str]], lang: str) -> None:
    if not found:
        click.echo(say("compare.same", lang))
    for kind in CLASSES:
        group = [one for one in found if one.kind == kind]
        if not group:
            continue
        click.echo(f"{say(f'compare.class_{kind}', lang)} ({len(group)})")
        for one in group:
            click.echo(f"  {one.text}")
            if one.was or one.now:
                click.echo(f"    - {_lines(one.was)}\n    + {_lines(one.now)}")
            if one.moved:
                click.echo(f"    {', '.join(name for _, name in one.moved)}")
    for name, lines in patches.items():
        click.echo("\n".join([f"\n{name}", *lines]))


def _lines(text: str) -> str:
    return text.replace("\n", "\n      ")
