"""Commands for the retention plan: what falls due, what runs, and holds."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

import click

from service.casework.retention import due_runs, holds
from service.cli.acting import acting, who_acts
from service.cli.beginning import (
    find_case,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import explain_errors, spoken_language
from service.errors import UnusableWord
from service.release.retention_checks import rules_not_run
from service.store.casefile import cases
from service.store.casefile import holds as hold_rows
from service.store.casefile.retention_acts import DESTROY, LOCK
from service.text import say

LOOK_AT: Final = "a row of it does not count, or does not open. What is wrong: tresteg verify"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnusableWord(f"--until is a day such as 2026-12-31, not {text}") from None


@click.command("list")
@click.option("--days", type=click.IntRange(0, 3650), default=30, show_default=True)
@explain_errors
def retention_list(days: int) -> None:
    """What falls due within so many days: day, case, office, rule, what happens, classes.

    A star stands before what the worker does by itself on that day, an exclamation mark before a
    case that could not be looked at, and before a year whose sums of answers nobody has published.
    """
    made = reading_program()
    with reading_transaction(made) as tx:
        found = due_runs.falling_due(
            tx, made.services, made.clock.now(), ahead=timedelta(days=days)
        )
        uncounted = due_runs.uncounted_years(tx, made.services, found)
        not_run = rules_not_run(due_runs.current_plan(tx, made.services))
    for one in found.records:
        row = one.falls
        mark = "*" if one.runs else "-"
        click.echo(
            f"{mark} {row.day} {one.number} {row.office or '-'} {row.rule} {row.does} "
            f"{', '.join(row.classes)}"
        )
    for case in found.unread:
        click.echo(f"! {case.number} could not be looked at: {LOOK_AT} {case.number}")
    for year in uncounted:
        click.echo(
            f"! The sums of answers of {year} are not published, and cases of it are to be erased: "
            "an auditor counts them first (Programme report), or they lack what is erased."
        )
    for rule, record in not_run:
        click.echo(
            f"- The rule {rule.id} is not run by Tresteg, for it destroys no {record}: whoever has "
            "signed it answers for that."
        )
    if not (found.records or found.unread):
        click.echo(f"Nothing falls due within {days} days.")


@click.command("run")
@acting
@explain_errors
def retention_run() -> None:
    """Do now what has fallen due, as the worker does once a day: erase, lock, give tasks."""
    made = working_program()
    with made.database.transaction(write=False) as tx:
        who_acts(tx, made)
        found = due_runs.cases_to_run(tx, made.services, made.clock.now())
    done, refused = Counter[str](), list[str]()
    for case_id in found:
        try:
            with made.database.transaction() as tx:
                acts = due_runs.run_case(tx, made.services, case_id, made.clock.now())
        except due_runs.REFUSED:
            refused.append(case_id)
        else:
            done.update(act.does for act in acts)
    click.echo(
        f"{done[DESTROY]} erasures, {done[LOCK]} locks, "
        f"{done.total() - done[DESTROY] - done[LOCK]} tasks."
    )
    if refused:
        with reading_transaction(made) as tx:
            numbers = sorted(case.number for case in cases.of_ids(tx, refused))
        raise click.ClickException(
            f"Nothing was erased in {', '.join(numbers)}: {LOOK_AT} {numbers[0]}"
        )


@click.command("hold")
@click.argument("case")
@click.option("--until", required=True, metavar="DAY", help="Last day of the hold, as 2026-12-31.")
@click.option("--reason", required=True, help="Why; sealed under the key of your office.")
@click.option(
    "--for",
    "why",
    type=click.Choice(holds.WHYS),
    default=holds.ORDER,
    show_default=True,
    help="An order, an appeal that is not decided, a child's open case.",
)
@acting
@explain_errors
def retention_hold(case: str, until: str, reason: str, why: str) -> None:
    """Order that nothing of a case is erased until a day, at most 30 days away; for longer a second
    person is asked, on the page.
    """
    made, day = working_program(), _day(until)
    with made.database.transaction() as tx:
        by = who_acts(tx, made, act="hold")
        row = holds.set_hold(
            *(tx, made.services),
            by=by,
            now=made.clock.now(),
            case_id=find_case(tx, case).id,
            until=due_runs.end_of(day),
            reason=reason,
            why=why,
        )
    click.echo(f"Nothing of the case is erased until {until}: hold {row.id}")


@click.command("holds")
@click.argument("case")
@explain_errors
def retention_holds(case: str) -> None:
    """The holds of a case, and what holds it by itself."""
    made = reading_program()
    with reading_transaction(made) as tx:
        found, now = find_case(tx, case), made.clock.now()
        for row in hold_rows.of_case(tx, found.id):
            state = "holds" if row.lasts(now) else "is over"
            click.echo(f"{row.id} {row.office_id} until {row.until:%Y-%m-%d %H:%M} UTC: {state}")
        why = holds.why_held(tx, made.services, found.id, now)
    sentence = say(f"retention.held_{why}", spoken_language()) if why else "Nothing holds the case."
    click.echo(sentence)


@click.command("release")
@click.argument("hold")
@acting
@explain_errors
def retention_release(hold: str) -> None:
    """End a hold before its time."""
    made = working_program()
    with made.database.transaction() as tx:
        by = who_acts(tx, made, act="hold")
        holds.end_hold(tx, by=by, now=made.clock.now(), hold_id=hold)
    click.echo("The hold is over.")
