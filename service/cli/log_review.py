"""The command for the monthly log review: which months there are, and what one of them lists."""

from __future__ import annotations

from collections.abc import Iterable

import click

from service.audit.log_review import review_page as reviews
from service.audit.log_review import review_process
from service.audit.log_review.review_page import verdict_name
from service.casework.casefile.read_log import record_audit_search
from service.cli.acting import acting
from service.cli.beginning import working_program
from service.cli.ending import REFUSED, end_with, explain_errors
from service.cli.language import speaking
from service.cli.reporting import auditor
from service.text import say


@click.command("log-review")
@click.option("--month", default="", metavar="YYYY-MM", help="What the review of a month lists.")
@speaking
@acting
@explain_errors
def log_review(*, month: str, lang: str) -> None:
    """Show the monthly log reviews, or what one of them lists and how each line is judged.

    For an auditor; that she had it is written into the ledger. Lines are judged in the browser.
    """
    made = working_program()
    now = made.clock.now()
    with made.database.transaction() as tx:
        by = auditor(tx, made, lang, "the log review")
        if not month:
            _show_months(reviews.load_rows(tx, now, lang), lang)
            return
        if month not in review_process.months(tx):
            end_with(say("cli.report.no_review", lang, month=month), REFUSED)
        page = reviews.load_page(tx, made.services, month, by=by, now=now)
        asked, hits = ["log_review"], len(page.looks)
        record_audit_search(tx, by=by, now=now, asked=asked, hits=hits)
    _show_month(page, lang)


def _show_months(rows: Iterable[reviews.ReviewRow], lang: str) -> None:
    for row in rows:
        due = f", {say('log_review.due', lang).lower()} {row.due:%Y-%m-%d}" if row.due else ""
        state = f"{row.step}{due}" if row.step else say("log_review.ended", lang)
        done = say("log_review.progress", lang, done=row.looks - row.left, n=row.looks)
        click.echo(f"{row.month}  {state}. {done}")


def _show_month(page: reviews.ReviewPage, lang: str) -> None:
    click.echo(say("log_review.of", lang, month=page.row.name))
    for look in page.looks:
        about = [look.office, look.ref, "; ".join(look.why), f"{look.first:%Y-%m-%d %H:%M} UTC"]
        verdict = verdict_name(look.verdict, lang) or "–"
        click.echo(f"{look.number:4} {look.who}, {', '.join(filter(None, about))}: {verdict}")
    if page.left_out:
        click.echo(say("log_review.left_out", lang, n=page.left_out))
