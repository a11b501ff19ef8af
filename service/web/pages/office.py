"""My office: how its cases and tasks stand. Each number leads to its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median
from types import SimpleNamespace

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import accounts
from service.actions.tasks.inbox_list import desk_reader
from service.engine import STAGES
from service.store.installation import offices
from service.store.read_models import inbox, office_stats
from service.store.read_models.inbox import InboxFilter
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.template_globals import today

bp = Blueprint("office", __name__)
SOON = timedelta(days=30)
A_YEAR = timedelta(days=365)
MONTHS = ("1", "2", "3")


@bp.get("/office")
@page_policy("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The page."""
    me, now = current().someone, current().now
    with current().transaction() as tx:
        known = offices.everyone(tx)
        boxes = {
            "office": InboxFilter(),
            "unclaimed": InboxFilter("unclaimed"),
            "late": InboxFilter(before=now),
        }
        sizes = inbox.counts(tx, desk_reader(current().viewer, now), boxes)
        by_stage = office_stats.stages(tx, office=me.office.id, now=now)
        loads = office_stats.loads(tx, now=now, office=me.office.id)
        waits = office_stats.waits(tx, office=me.office.id, now=now)
        stopped = office_stats.incidents(tx, office=me.office.id, now=now)
        bounds = [(month, now + timedelta(days=30 * int(month))) for month in MONTHS]
        follow = office_stats.due_in(
            tx,
            office=me.office.id,
            element=current().program.services.programme.named_fields.follow_up,
            bounds=bounds,
            now=now,
        )
        ending = office_stats.consents_ending(
            tx, office=me.office.id, today=today(), until=today() + SOON, now=now
        )
        answered = office_stats.answered(tx, since=now - A_YEAR)
        people = dict(accounts.colleagues(tx, current().program.services, me.office.id))
    return render_template(
        "office/page.html",
        office=SimpleNamespace(name=me.office.name, kind=kind_in_words(me.office.kind)),
        tiles=_tiles(sizes, sum(by_stage.values()), stopped),
        stages=[
            (
                stage,
                current().t(f"office.stage_{stage}"),
                by_stage.get(stage, 0),
                url_for("cases.index", stage=stage),
            )
            for stage in STAGES
        ],
        load=_load(loads, people),
        waits=[
            (
                known[w.office].name,
                w.cases,
                current().t("office.days", n=max(0, (now - w.since).days)),
            )
            for w in waits
            if w.office in known
        ],
        follow=[
            (
                current().t("office.month", n=int(month)),
                follow.get(month, 0),
                url_for("cases.index", stage="3"),
            )
            for month in MONTHS
            if follow
        ],
        consents_end=[
            (one.ref, one.case_id, current().t(f"purpose.{one.purpose}"), one.valid_to)
            for one in ending
        ],
        answer_time=_answer_time(answered, me.office.id, known),
    )


def kind_in_words(kind: str) -> str:
    """A kind of office in the reader's language."""
    return current().t(f"office_kind.{kind}")


def _tiles(sizes: Mapping[str, int], open_cases: int, stopped: int) -> list[SimpleNamespace]:
    late = sizes["late"]
    tiles = [
        SimpleNamespace(
            label=current().t("office.open_cases"),
            n=open_cases,
            link=url_for("cases.index"),
            tone="",
        ),
        SimpleNamespace(
            label=current().t("inbox.tasks"),
            n=sizes["office"],
            link=url_for("inbox.index", box="office"),
            tone="",
        ),
        SimpleNamespace(
            label=current().t("office.late"),
            n=late,
            link=url_for("inbox.index", box="office", due="late"),
            tone="late" if late else "",
        ),
        SimpleNamespace(
            label=current().t("inbox.unclaimed"),
            n=sizes["unclaimed"],
            link=url_for("inbox.index", box="unclaimed"),
            tone="",
        ),
        SimpleNamespace(
            label=current().t("inbox.waiting"),
            n=sizes["waiting"],
            link=url_for("inbox.index", box="waiting"),
            tone="",
        ),
    ]
    if stopped:
        tiles.append(
            SimpleNamespace(label=current().t("status.incident"), n=stopped, link="", tone="soon")
        )
    return tiles


def _load(
    loads: Sequence[office_stats.OpenTaskCount], people: Mapping[str, str]
) -> list[tuple[str, int, int]]:
    """(person, claimed, late), everybody of the office, also those with nothing."""
    return [
        (
            name,
            sum(one.tasks for one in loads if one.person == id_),
            sum(one.late for one in loads if one.person == id_),
        )
        for id_, name in people.items()
    ]


def _answer_time(
    answered: Sequence[office_stats.AnsweredReferral],
    mine: str,
    known: Mapping[str, offices.Office],
) -> list[tuple[str, str, str]]:
    """(office, usual days, how many).

    Another office is shown only where there are enough answers to tell nothing of a single one.
    """
    rows, least = [], current().program.settings.report_min_cell
    for office in sorted(
        {one.office for one in answered} & known.keys(),
        key=lambda id_: (id_ != mine, known[id_].name),
    ):
        days = [
            (one.answered_at - one.sent_at) / timedelta(days=1)
            for one in answered
            if one.office == office
        ]
        few = office != mine and len(days) < least
        usual = f"{median(days):.1f}".replace(".", "," if current().lang == "sv" else ".")
        rows.append(
            (
                known[office].name,
                "–" if few else current().t("office.days_usual", days=usual),
                f"<{least}" if few else str(len(days)),
            )
        )
    return rows
