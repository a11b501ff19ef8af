"""The command that moves open cases to the current release, by a plan."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

import click

from service.access import Viewer
from service.application import unit_of_work
from service.application.container import Tresteg
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import FOUND, explain_errors
from service.cli.language import speaking
from service.errors import NotAllowed
from service.people.accounts import load_viewer
from service.store.casefile import cases
from service.store.transaction import Tx
from service.text import say
from service.workshop.migrations import migration_runs
from service.workshop.migrations.plan_page import load_migrations_page
from service.workshop.migrations.plan_work import drawn_names, left_reason, load_work
from service.workshop.migrations.plans import stored_plan

OPERATOR = "cli"
"""Id of the operator of the machine, who is no person of the directory."""


@click.command()
@click.argument("plan", required=False, default="")
@click.option("--try", "trial", is_flag=True, help="Fold the plan on copies; nothing is changed.")
@click.option("--run", "begin", is_flag=True, help="Begin to move the cases of an approved plan.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@speaking
@acting
@explain_errors
def migrate(*, plan: str, trial: bool, begin: bool, as_json: bool, lang: str) -> None:
    """List plans that move open cases to the current release, try one, or run one.

    PLAN is the id of a plan, as its page and the list show it. A plan is made, and approved by a
    second person, in the browser; --run needs that approval, and a worker that moves the cases.
    Ends with 1 when a case could not be moved.
    """
    if (trial or begin) and not plan:
        raise click.UsageError("name the plan that is to be tried or run")
    if trial and begin:
        raise click.UsageError("--try and --run are two ways; take one")
    if not plan:
        result = listed(lang)
    elif trial:
        result = tried(plan, lang)
    elif begin:
        result = begun(plan, lang)
    else:
        result = progress(plan, lang)
    show(result, as_json=as_json)
    sys.exit(FOUND if result.get("left") else 0)


def reader(lang: str) -> Viewer:
    """The viewer of these commands: the operator, with the right to read processes."""
    return Viewer(OPERATOR, "", frozenset({"owner"}), lang)


def listed(lang: str) -> dict[str, Any]:
    """Open cases on earlier releases, and the plans to the current one."""
    made = reading_program()
    with reading_transaction(made) as tx:
        page = load_migrations_page(tx, made.services, reader(lang))
    return {
        "release": page.target,
        "open": {source.name: source.open for source in page.sources},
        "plans": [
            {"plan": one.id, "name": one.name, "made": one.made.isoformat()} for one in page.plans
        ],
    }


def tried(plan_id: str, lang: str) -> dict[str, Any]:
    """Try a plan: the number of cases by outcome, and why others are left."""
    made = reading_program()
    with reading_transaction(made) as tx:
        plan = stored_plan(tx, plan_id)
        found = list(migration_runs.try_plan(tx, made.services, plan, made.clock.now()))
        names = drawn_names(tx, made.services, plan, lang)
        refs = cases.refs(tx, [case_id for case_id, _ in found])
    left = {
        refs[case_id]: left_reason(outcome.verdict, outcome.detail, names)
        for case_id, outcome in found
        if outcome.verdict == migration_runs.REFUSED
    }
    counts = Counter(outcome.verdict for _, outcome in found)
    return {"plan": plan_id, "total": len(found), "would": dict(counts), "left": left}


def begun(plan_id: str, lang: str) -> dict[str, Any]:
    """Begin to move the cases of an approved plan."""
    made = working_program()

    def start(tx: Tx) -> str:
        by = load_viewer(tx, who_acts(tx, made, "edit_process").id)
        if by is None:
            raise NotAllowed("a plan is run by a person: nobody holds the role owner yet")
        return migration_runs.start_run(tx, made.services, by, made.clock.now(), plan_id=plan_id)

    unit_of_work.run(made.database, made.services, start, now=made.clock.now())
    return {**_work(made, plan_id, lang)[0], "note": say("cli.cases.begun", lang)}


def progress(plan_id: str, lang: str) -> dict[str, Any]:
    """How far the newest work of a plan is."""
    work = _work(reading_program(), plan_id, lang)
    return work[0] if work else {"plan": plan_id, "state": "planned"}


def _work(made: Tresteg, plan_id: str, lang: str) -> list[dict[str, Any]]:
    with reading_transaction(made) as tx:
        found = load_work(tx, made.services, reader(lang), plan_id)
    return [
        {
            "plan": plan_id,
            "what": run.kind,
            "state": run.state,
            "total": run.total,
            "done": run.done,
            "counts": dict(run.counts),
            "left": {case.ref: case.reason for case in run.left},
        }
        for run in found
    ]


def show(result: dict[str, Any], *, as_json: bool) -> None:
    """Print what was found, as one JSON object or as lines."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for key, value in result.items():
        if isinstance(value, dict):
            for name, text in value.items():
                click.echo(f"{key}: {name}: {text}")
        elif isinstance(value, list):
            for row in value:
                click.echo(f"{key}: {' · '.join(str(text) for text in row.values())}")
        else:
            click.echo(f"{key}: {value}")
