"""The command that runs the scenarios of a draft, of a release or of a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from service.access import Viewer
from service.actions.publishing.trial.coverage import coverage
from service.actions.publishing.trial.page import new_trial
from service.actions.publishing.trial.scenarios import (
    TrialScenario,
    read_scenario,
    read_scenarios,
    run_scenarios,
)
from service.actions.releases.bundle import SCENARIO, SCENARIOS, Bundle, unpack
from service.application.container import Tresteg
from service.cli.beginning import reading_program, reading_transaction
from service.cli.drafts.comparing import find_release
from service.cli.ending import FOUND, explain_errors
from service.cli.release_files import content, gather
from service.errors import UnusableFile
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import languages, say

DRAFT = "draft"


@click.command("try")
@click.argument("what", metavar="DRAFT")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[SCENARIO]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@explain_errors
def try_draft(what: str, files: tuple[Path, ...], *, as_json: bool, lang: str) -> None:
    """Run scenarios in memory and say which pass, and how many ways they take together.

    DRAFT is `draft` (the open one), a release (`v3`, `current`) or a folder. Without a SCENARIO,
    those of DRAFT are run. No handler is called, and nothing is stored. Ends with 1 when one fails.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        bundle = _bundle(tx, made, what)
        scenarios = _named(files) if files else {**read_scenarios(bundle), **_beside(what)}
        if not scenarios:
            raise UnusableFile(f"{what} has no scenario")
        process = made.services.programme.process
        ready = made.services.prepared.prepare(bundle, process=process)
        zone = str(ready.definitions[process].calendar.zone)
        viewer = Viewer("", "", frozenset(), lang, zone)
        begin = new_trial(tx, made.services, viewer, ready)
    results = run_scenarios(scenarios, begin, lang)
    covered = coverage(ready, results, lang)
    failed = sum(not one.passed for one in results)
    if as_json:
        said = [{"name": r.name, "passed": r.passed, "reason": r.reason} for r in results]
        ways = {"taken": covered.taken, "all": covered.ways}
        click.echo(json.dumps({"scenarios": said, "ways": ways}, ensure_ascii=False, indent=1))
    else:
        for one in results:
            word = say("trial.passed" if one.passed else "trial.failed", lang)
            click.echo(f"{one.name}: {word}" + (f"\n  {one.reason}" if one.reason else ""))
        click.echo(say("trial.ways", lang, n=covered.taken, of=covered.ways))
    sys.exit(FOUND if failed else 0)


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
    return unpack(find_release(tx, process, what).files)


def _named(files: tuple[Path, ...]) -> dict[str, TrialScenario | None]:
    return {file.name: read_scenario(content(file)) for file in files}


def _beside(what: str) -> dict[str, TrialScenario | None]:
    """The scenarios of a folder; they lie next to its diagrams and forms."""
    folder = Path(what) / SCENARIOS
    return _named(tuple(sorted(folder.glob(f"*{SCENARIO}")))) if folder.is_dir() else {}
