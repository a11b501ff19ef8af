"""Commands for people who draw with another editor: lint, explain, templates."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from service.application.shipped_files import shipped_bundle
from service.cli.beginning import environment_settings
from service.cli.ending import COULD_NOT, FOUND, explain_errors, show_findings
from service.cli.language import speaking
from service.cli.release_files import gather
from service.clock import WallClock
from service.errors import Finding, UnusableFile
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.sandbox.release_linting import LintProcesses
from service.text import finding_text
from service.workshop import modeler_templates

UNREADABLE = frozenset(
    {*(f"X10{n}" for n in range(1, 6)), "X110", *(f"X12{n}" for n in range(4))}
    | {"F101", "F102", "F103"}
)
"""Codes of files that cannot be read at all."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@speaking
@explain_errors
def lint(files: tuple[Path, ...], *, as_json: bool, lang: str) -> None:
    """Say everything that is wrong with the diagrams, rules and forms of a folder.

    Files that are named are put in the place of those of the same name.
    """
    named = gather(files, environment_settings())
    first = named.named[0] if files else ""
    with readers() as children:
        every = children.findings(named.bundle, name=first, today=WallClock().now().date())
    findings = [f for f in every if f.severity == "E" or within(f.file, named.named)]
    if as_json:
        click.echo(json.dumps([vars_of(f, lang) for f in findings], ensure_ascii=False, indent=1))
    else:
        show_findings(findings, lang)
    unreadable = any(f.severity == "E" and f.code in UNREADABLE for f in findings)
    sys.exit(COULD_NOT if unreadable else FOUND if any(f.severity == "E" for f in findings) else 0)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@speaking
@explain_errors
def explain(file: Path, *, lang: str) -> None:
    """Show a diagram in words, as an indented outline.

    Steps, who, form, due, conditions, timers, and where it goes.
    """
    if file.suffix != ".bpmn":
        raise UnusableFile(f"{file} is no diagram; those end in .bpmn")
    named = gather((file,), environment_settings())
    with readers() as children:
        click.echo("\n".join(children.outline(named.bundle, named.named[0], lang)))


@click.command("templates")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write; without it, standard output."
)
@speaking
@explain_errors
def element_templates(out: Path | None, *, lang: str) -> None:
    """Write element templates for Camunda Modeler as JSON.

    There is one for each handler, form, rule and process.
    """
    settings = environment_settings()
    files, forms, _ = files_of(shipped_bundle(settings), declared())
    made = json.dumps(
        modeler_templates.templates(files, forms, declared(), lang), ensure_ascii=False, indent=1
    )
    if out is None:
        click.echo(made)
        return
    try:
        out.write_text(made + "\n", "utf-8")
    except OSError as e:
        raise UnusableFile(f"{out} cannot be written: {e.strerror}") from e


@contextmanager
def readers() -> Iterator[LintProcesses]:
    """Children for files that somebody else wrote."""
    made = LintProcesses()
    try:
        yield made
    finally:
        made.close()


def within(file: str, named: tuple[str, ...]) -> bool:
    """Whether a finding is about one of the named files; one without a file is about all."""
    return not file or any(name == file or name.endswith("/" + file) for name in named)


def vars_of(finding: Finding, lang: str) -> dict[str, Any]:
    """A finding as JSON."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": finding.file,
        "element": finding.element,
        "line": finding.line,
        "property": finding.prop,
        "text": finding_text(finding.code, finding.message, finding.facts, lang),
    }
