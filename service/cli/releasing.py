"""The commands of releases: publish one, and try a draft on the cases that there are."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import SystemRandom

import click

from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import FOUND, explain_errors
from service.cli.language import speaking
from service.errors import NotFound
from service.release.bundle import unpack
from service.store.casefile import cases
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import say
from service.workshop import publish as publishing
from service.workshop.dry_run import dry_runs, verdicts
from service.workshop.dry_run.case_fold import fold_case
from service.workshop.dry_run.dry_run_words import DryRunNames, kept_names, outcome_reason


@click.command()
@click.option("--note", default="", help="What changed, for those who work in the process.")
@acting
@explain_errors
def publish(note: str) -> None:
    """Publish the files of the two folders as the next release. Open cases stay on theirs."""
    made = working_program()
    with reading_transaction(made) as tx:
        who_acts(tx, made, "publish")
    prepared = publishing.prepare_shipped(made.services, shipped_bundle(made.settings))
    with made.database.transaction() as tx:
        done = publishing.publish_bundle(
            tx,
            made.services,
            by=who_acts(tx, made, "publish"),
            now=made.clock.now(),
            prepared=prepared,
            note=note,
        )
    click.echo(f"v{done.number} {done.id}")
    if not done.new:
        click.echo(f"These files are v{done.number} already; nothing was published.", err=True)


@dataclass(frozen=True, slots=True)
class TriedCase:
    """One case on a draft: its name, and what would have become of it."""

    case: str
    verdict: str
    element: str
    reason: str


@click.command("dry-run")
@click.argument("draft")
@click.option(
    "--cases",
    "which",
    type=click.Choice(["open", "all"]),
    default="all",
    show_default=True,
    help="Cases that go on, or those that have ended too.",
)
@click.option("--sample", type=click.IntRange(1), help="So many cases, drawn at random.")
@speaking
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@explain_errors
def dry_run(draft: str, *, which: str, sample: int | None, lang: str, as_json: bool) -> None:
    """Play past and open cases on a draft, and tell what would have become of each.

    DRAFT is its id, or the name of the release that it would become, such as v4. Nothing is
    written: the dry run that publishing asks for is begun on the page of the draft. Ends with 1
    when a case would not go the same way.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        tried = try_cases(tx, made, draft, which, sample, lang)
    numbers = Counter(one.verdict for one in tried)
    others = [one for one in tried if one.verdict != verdicts.SAME]
    if as_json:
        rows = [
            {"case": o.case, "verdict": o.verdict, "element": o.element, "reason": o.reason}
            for o in others
        ]
        click.echo(json.dumps({"cases": len(tried), "numbers": numbers, "differences": rows}))
    else:
        for one in others:
            click.echo(f"{one.case}: {verdict_word(one.verdict, lang)}. {one.reason}")
        counted = [(numbers[v], verdict_word(v, lang)) for v in verdicts.VERDICTS if v in numbers]
        sums = ", ".join(f"{n} {word}" for n, word in counted) or say("cli.cases.none", lang)
        click.echo(say("cli.cases.sum", lang, n=len(tried), sums=sums))
    sys.exit(FOUND if others else 0)


def verdict_word(verdict: str, lang: str) -> str:
    """A verdict as the page of the dry run says it, inside a sentence."""
    word = say(f"dry_run.verdict_{verdict}", lang)
    return f"{word[0].lower()}{word[1:]}"


def try_cases(
    tx: Tx, made: Tresteg, draft: str, which: str, sample: int | None, lang: str
) -> Sequence[TriedCase]:
    """Play cases on a draft, oldest first.

    Raises:
        NotFound: no open draft has that name.   BadDiagram: the draft has errors.
    """
    services, process = made.services, made.services.programme.process
    open_drafts = releases.drafts(tx, process)
    row = next((one for one in open_drafts if draft in (one.id, one.title)), None)
    if row is None:
        raise NotFound(f"no open draft is called {draft}")
    prepared = publishing.prepare_bundle(services, unpack(row.files))
    base = services.current(tx)
    names = DryRunNames(kept_names(prepared, base, process), base.forms, lang)
    chosen = dry_runs.past_cases(tx, status="open" if which == "open" else "")
    if sample is not None:
        chosen = sorted(SystemRandom().sample(chosen, min(sample, len(chosen))))
    refs = cases.refs(tx, chosen)
    now = made.clock.now()
    tried = []
    for case_id in chosen:
        found = fold_case(tx, services, case_id, draft=prepared, base=base, now=now)
        reason = outcome_reason(found, names)
        tried.append(TriedCase(refs[case_id], found.verdict, found.element, reason))
    return tried
