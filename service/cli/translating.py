"""The commands of languages: a file for a translator out and back in, and signing what was read.

They read and write the installation's own folder of workflows; a draft takes and gives the same
files on its page of texts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from service.application.shipped_files import shipped_bundle
from service.cli.beginning import environment_settings
from service.cli.ending import COULD_NOT, FOUND, explain_errors
from service.cli.language import speaking
from service.cli.release_files import content
from service.clock import WallClock
from service.forms import Form
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.release.translations import SIGNED, languages_of, read_parts
from service.sandbox.handlers import declared
from service.settings import Settings
from service.text import say
from service.workshop.configuration.translation_files import (
    RefusedTranslation,
    Translation,
    read_translation,
    sign,
    write_translation,
)


@click.command("list")
@speaking
@explain_errors
def language_list(*, lang: str) -> None:
    """Say of every language whether its texts are signed.

    Ends with 1 when one of them does not count.
    """
    _, bundle, forms = _release()
    parts = [part for code in languages_of(bundle) for part in read_parts(bundle, forms, code)]
    there = [part for part in parts if part.version]
    for part in there:
        state = say(f"translation.state_{part.state}", lang)
        click.echo(f"{part.lang:<4}{part.name:<32}{state}")
    sys.exit(FOUND if any(part.state != SIGNED for part in there) else 0)


@click.command("export")
@click.argument("language")
@click.option("--pseudo", is_flag=True, help="Fill every text in, longer and with accents.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write; without it, standard output."
)
@speaking
@explain_errors
def language_export(language: str, *, pseudo: bool, out: Path | None, lang: str) -> None:
    """Write everything that the person reads or hears in a language as one .po file."""
    _, bundle, forms = _release()
    with _refusals(lang):
        made = write_translation(bundle, forms, language, now=WallClock().now(), pseudo=pseudo)
        if out is None:
            click.echo(made, nl=False)
        else:
            out.write_bytes(made)


@click.command("import")
@click.argument("language")
@click.argument("file", type=click.Path(path_type=Path))
@speaking
@explain_errors
def language_import(language: str, file: Path, *, lang: str) -> None:
    """Take a .po file back into the installation's folder of workflows: all of it, or nothing."""
    settings, bundle, forms = _release()
    with _refusals(lang):
        _write(settings, read_translation(bundle, forms, language, content(file)), lang)


@click.command("sign")
@click.argument("language")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@click.option("--as", "who", required=True, help="Name, role and day, with commas between them.")
@speaking
@explain_errors
def language_sign(language: str, parts: tuple[str, ...], *, who: str, lang: str) -> None:
    """Write under texts who has read them and answers for them: all of a language, or some.

    PART is a name that `tresteg language list` shows.
    """
    settings, bundle, forms = _release()
    with _refusals(lang):
        _write(settings, sign(bundle, forms, language, who, parts), lang)


def _release() -> tuple[Settings, Bundle, Mapping[str, Form]]:
    settings = environment_settings()
    bundle = shipped_bundle(settings)
    return settings, bundle, files_of(bundle, declared())[1]


@contextmanager
def _refusals(lang: str) -> Iterator[None]:
    """Say why a file is not taken, a line each, and end."""
    try:
        yield
    except RefusedTranslation as e:
        for key, facts in e.faults:
            click.echo(say(f"translation.{key}", lang, **facts), err=True)
        sys.exit(COULD_NOT)


def _write(settings: Settings, made: Translation, lang: str) -> None:
    """Put the files in their places; none before all of them are written."""
    folder = Path(settings.workflows_dir)
    places = {folder / name.removeprefix("workflows/"): data for name, data in made.changed.items()}
    for place, data in places.items():
        place.parent.mkdir(exist_ok=True)
        place.with_name(f"{place.name}.new").write_bytes(data)
    for place in places:
        os.replace(place.with_name(f"{place.name}.new"), place)  # noqa: PTH105 - as one step
        click.echo(place)
    if not places:
        click.echo(say("translation.same", lang), err=True)
