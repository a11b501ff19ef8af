"""The command that runs the scenarios of a draft, of a release or of a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from service.application.container import Tresteg
from service.cli.beginning import reading_program, reading_transaction
from service.cli.comparing import find_release
from service.cli.ending import FOUND, explain_errors
from service.cli.language import speaking
from service.cli.release_files import content, gather
from service.errors import UnusableFile
from service.release.bundle import (
    SCENARIO,
    SCENARIOS,
    Bundle,
    scenario_files,
    unpack,
    unpack_release,
)
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import say
from service.workshop.trial.coverage import Coverage, coverage
from service.workshop.trial.scenario_checks import ScenarioSummary, check_scenarios, summary

DRAFT = "draft"


@click.command("try")
@click.argument("what", metavar="DRAFT")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[SCENARIO]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@speaking
@explain_errors
def try_draft(what: str, files: tuple[Path, ...], *, as_json: bool, lang: str) -> None:
    """Run scenarios in memory and say which pass, and how many ways they take together.

    DRAFT is `draft` (the open one), a release (`v3`, `current`) or a folder. Without a SCENARIO,
    those of DRAFT are run. No handler is called, and nothing is stored. Ends with 1 when one fails.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        bundle = _bundle(tx, made, what)
        scenarios = _named(files) if files else {**scenario_files(bundle), **_beside(what)}
        if not scenarios:
            raise UnusableFile(f"{what} has no scenario")
        bundle = Bundle({**_without_scenarios(bundle), **scenarios})
        ready = made.services.prepared.prepare(bundle, process=made.services.programme.process)
        run = check_scenarios(tx, made.services, ready)
    results = run()
    found = summary(ready, results, lang)
    covered = coverage(ready, results, lang)
    if as_json:
        click.echo(json.dumps(_object(found, covered), ensure_ascii=False, indent=1))
    else:
        _print(found, covered, lang)
    sys.exit(FOUND if found.passed < found.total else 0)


def _object(found: ScenarioSummary, covered: Coverage) -> dict[str, Any]:
    said = [{"name": r.name, "passed": r.passed, "reason": r.reason} for r in found.lines]
    return {
        "scenarios": said,
        "passed": found.passed,
        "of": found.total,
        "ways": {"taken": covered.taken, "all": covered.ways},
        "steps": {"visited": covered.visited, "all": covered.steps},
        "percent": covered.percent,
    }


def _print(found: ScenarioSummary, covered: Coverage, lang: str) -> None:
    for one in found.lines:
        word = say("trial.passed" if one.passed else "trial.failed", lang)
        click.echo(f"{one.name}: {word}" + (f"\n  {one.reason}" if one.reason else ""))
    click.echo(say("trial.passed_of", lang, n=found.passed, of=found.total))
    click.echo(
        say(
            "trial.covered_by",
            lang,
            steps=covered.visited,
            all_steps=covered.steps,
            ways=covered.taken,
            all_ways=covered.ways,
        )
    )


def _without_scenarios(bundle: Bundle) -> dict[str, bytes]:
    return {name: file for name, file in bundle.files.items() if not name.startswith(SCENARIOS)}


def _bundle(tx: Tx, made: Tresteg, what: str) -> Bundle:
    """The files that are tried."""
    if Path(what).is_dir():
        return gather((Path(what),), made.settings).bundle
    process = made.services.programme.process
    if what == DRAFT:
        found = releases.drafts(tx, process)
        if not found:
            raise UnusableFile("no draft is open")
        return unpack(found[0].files)
    row = find_release(tx, process, what)
    return unpack_release(row.id, row.files)


def _named(files: tuple[Path, ...]) -> dict[str, bytes]:
    return {f"{SCENARIOS}{file.name}": content(file) for file in files}


def _beside(what: str) -> dict[str, bytes]:
    """The scenarios of a folder; they lie next to its diagrams and forms."""
    folder = Path(what) / SCENARIOS
    return _named(tuple(sorted(folder.glob(f"*{SCENARIO}")))) if folder.is_dir() else {}
