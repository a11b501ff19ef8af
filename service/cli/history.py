"""Commands for histories: replay one in words, and verify what is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from secrets import SystemRandom
from typing import NoReturn

import click

from service.application.container import Tresteg, named_folder
from service.audit import verify as verification
from service.audit.rebuild import rebuild_lists, rebuild_snapshot
from service.audit.verify import verify_without_keys
from service.audit.violation_text import violation_text
from service.casework.history import narrative
from service.casework.history.violations import Violation
from service.cli.acting import acting, who_acts
from service.cli.beginning import (
    environment_settings,
    find_case,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import FOUND, explain_errors
from service.cli.language import speaking
from service.clock import WallClock, wall_clock
from service.errors import Busy, NoDatabase
from service.operations import health
from service.security.checkpoint import parse
from service.security.checkpoint_folder import NOT_KEPT, CheckpointFolder, OutsideLog
from service.settings import Settings
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.transaction import Tx
from service.text import say


@click.command("replay")
@click.argument("case")
@speaking
@explain_errors
def replay_case(case: str, lang: str) -> None:
    """Tell a case's history in words, step by step. CASE is its name, its number or its id."""
    made = reading_program()
    with reading_transaction(made) as tx:
        found = find_case(tx, case)
        for entry in narrative.load_history(tx, made.services, found.id, lang):
            office = f" ({entry.office})" if entry.office else ""
            click.echo(f"{entry.n:4} {entry.at:%Y-%m-%d %H:%M} {entry.text}{office}")
            for line in entry.caused:
                click.echo(f"       {line}")


@click.command()
@click.option("--case", "one", help="One case: its name, number or id.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every case and every stream of the ledger; so it is without any of these, too.",
)
@click.option("--sample", type=click.IntRange(1), help="So many cases, drawn at random.")
@click.option(
    "--rebuild",
    "anew",
    metavar="CASE",
    help="Put the fold of its facts in the place of a case's stored state; never changes a fact.",
)
@click.option(
    "--checkpoint",
    "--witness",
    "kept",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A checkpoint that somebody has kept elsewhere, such as a witness; with every stream. "
    "May be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@speaking
@acting
@explain_errors
def verify(
    *,
    one: str | None,
    everything: bool,
    sample: int | None,
    anew: str | None,
    kept: tuple[Path, ...],
    as_json: bool,
    lang: str,
) -> None:
    """Fold every case from its facts and compare bytes with what is stored.

    Chains, invariants and promises are checked too. Never prints an answer. Where the settings name
    no keyring, it checks what needs none, and says what it could not check.
    """
    if sum((one is not None, everything, sample is not None, anew is not None)) > 1:
        raise click.UsageError("--case, --all, --sample and --rebuild are four ways; take one")
    if kept and (one is not None or sample is not None or anew is not None):
        raise click.UsageError("--checkpoint is of all streams: take it without the others")
    if anew is not None:
        rebuild(anew, lang, as_json=as_json)
    if one is None and sample is None and not names_keyring(environment_settings()):
        result = verify_keyless(kept)
    else:
        made = reading_program()
        outside = read_outside(made.checkpoint_folder, kept)
        with reading_transaction(made) as tx:
            result = verify_chosen(tx, made, one, sample, outside)
        if one is None and sample is None:
            note_verification(made, result)
    if as_json:
        show_json(result)
    else:
        show_words(result, lang)
    if kept and not as_json and not result.faults:
        show_heads(kept, lang)
    sys.exit(FOUND if result.faults or result.breaches else 0)


def show_heads(kept: Sequence[Path], lang: str) -> None:
    """Say of each checkpoint from elsewhere that what is stored fits it."""
    for file in kept:
        size = parse(file.read_bytes().decode()).size
        click.echo(say("cli.verify.fits", lang, file=file.name, size=size))


def names_keyring(settings: Settings) -> bool:
    """Whether the settings say where the keyring is."""
    return bool(settings.keys_file or settings.keys)


def verify_keyless(kept: Sequence[Path]) -> verification.VerifyReport:
    """Verify what needs no key, in the database that the settings name.

    Raises:
        BadSettings: its tables are not those of this program.   NoDatabase: it is empty.
    """
    settings = environment_settings()
    database = Database(settings.database_url).within(WHOLE)
    click.get_current_context().call_on_close(database.close)
    if database.is_empty():
        raise NoDatabase(f"{database} is empty: there is nothing to look at")
    database.check()
    outside = read_outside(named_folder(settings), kept)
    with database.transaction(write=False) as tx:
        return verify_without_keys(tx, now=WallClock().now(), outside=outside)


def read_outside(folder: CheckpointFolder | None, kept: Sequence[Path]) -> OutsideLog:
    """The checkpoints outside the database: of the folder, and of the files that are named."""
    found = NOT_KEPT if folder is None else folder.read()
    named = ((file.name, file.read_bytes().decode(errors="replace")) for file in kept)
    return replace(found, notes=(*found.notes, *named))


def verify_chosen(
    tx: Tx, made: Tresteg, one: str | None, sample: int | None, outside: OutsideLog
) -> verification.VerifyReport:
    """Verify one case, some drawn at random, or all with every stream of the ledger."""
    services, now = made.services, made.clock.now()
    if one is not None:
        return verification.verify(tx, services, find_case(tx, one).id, now=now)
    if sample is None:
        return verification.verify_all(tx, services, now=now, outside=outside)
    every = verification.case_ids(tx)
    drawn = sorted(SystemRandom().sample(every, min(sample, len(every))))
    return verification.verify_some(tx, services, drawn, now=now)


def note_verification(made: Tresteg, result: verification.VerifyReport) -> None:
    """Note when everything was verified, and how many faults there were, for `/metrics`.

    A database that takes no writing is verified all the same.
    """
    faults = len(result.faults) + len(result.breaches)
    now = wall_clock(made.clock).now()
    with suppress(Busy), made.database.transaction() as tx:
        health.beat(tx, health.VERIFIED, now=now, number=faults)


def show_json(result: verification.VerifyReport) -> None:
    """Print what verification found as one JSON object."""
    sentences = {
        name: [str(fault) for fault in getattr(result, name)] for name in ("faults", "breaches")
    }
    numbers = {name: getattr(result, name) for name in ("cases", "facts", "lines")}
    words = [say(f"cli.verify.{check}", "en") for check in result.unchecked]
    more = {"unchecked": words} if words else {}
    if result.paths:
        more["paths"] = [say("cli.verify.path", "en", **asdict(path)) for path in result.paths]
    click.echo(json.dumps({**numbers, **sentences, **more}))


def show_words(result: verification.VerifyReport, lang: str) -> None:
    """Print what verification found as lines, the sum last."""
    for fault in result.faults:
        show_fault(fault, lang)
    for breach in result.breaches:
        about = {"case": breach.case, "fact": breach.rev, "promise": breach.promise.text}
        click.echo(say("cli.verify.breach", lang, **about))
    for path in result.paths:
        click.echo(say("cli.verify.path", lang, **asdict(path)))
    for check in result.unchecked:
        what = say(f"cli.verify.{check}", lang)
        click.echo(say("cli.verify.not_checked", lang, what=what))
    faults, breaches = len(result.faults), len(result.breaches)
    found = say("cli.verify.faults", lang, n=faults) if faults else say("cli.verify.whole", lang)
    if breaches:
        found += say("cli.verify.breaches", lang, n=breaches)
    numbers = {"lines": result.lines, "facts": result.facts, "cases": result.cases}
    click.echo(say("cli.verify.sum", lang, found=found, **numbers))


def show_fault(fault: Violation, lang: str) -> None:
    """Print one fault: case, place, what is wrong, code."""
    said = violation_text(fault, lang)
    click.echo(f"{fault.case}: {said.text} ({said.code})")


def rebuild(case: str, lang: str, *, as_json: bool) -> NoReturn:
    """Rewrite one snapshot and the rows of its case in lists, say what became of them, and exit."""
    made = working_program()
    with made.database.transaction() as tx:
        found = find_case(tx, case)
        done = rebuild_snapshot(
            tx, made.services, case_id=found.id, by=who_acts(tx, made), now=made.clock.now()
        )
        lists = rebuild_lists(tx, now=made.clock.now(), case_id=found.id)
    if as_json:
        faults = [str(fault) for fault in done.faults]
        rebuilt = {"case": found.id, "rebuilt": done.changed, "lists": lists, "faults": faults}
        click.echo(json.dumps(rebuilt))
    else:
        for fault in done.faults:
            show_fault(fault, lang)
        became = "not" if done.faults else "anew" if done.changed else "right"
        click.echo(say(f"cli.verify.rebuilt_{became}", lang, case=found.ref))
        if lists:
            click.echo(say("cli.verify.lists", lang))
    sys.exit(FOUND if done.faults else 0)
