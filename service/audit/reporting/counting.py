"""The batch that counts sealed answers for the programme report.

A worker opens the answers that are counted, case by case, adds them to sums, and forgets them. The
sums lie sealed in the batch until the last case, and only what may be published is kept. Left out
are cases of a protected identity, those in which the consent that the programme names was taken
back, and those whose answers are erased.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.audit.reporting.published import FEW, NEW, CaseSums, compare, make_tables
from service.casework.cases import given_answers, protection
from service.errors import CannotOpen, NotAllowed
from service.records import batch_runs
from service.records.case_keys import own_name
from service.records.context import Actor, BatchWork, Services, actor, release_stream, require_act
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.vault import OwnerKey
from service.store.casefile import cases
from service.store.installation import keys, reports
from service.store.installation.reports import PublishedReport
from service.store.read_models import oversight, reporting
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, CaseOutcome

KIND: Final = "report"
SPANS: Final = (1, 3)
"""How many years a report may be of."""
COUNTED: Final = "counted"
"""Verdict of every case that was looked at, counted or left out."""
FAULTY: Final = "faulty"
"""Some cases could not be read, so the sums would be wrong: nothing is published."""
STOPPED: Final = "stopped"


def bounds(services: Services, first: int, last: int) -> tuple[datetime, datetime]:
    """The first moment of a year, and the first after another, as the installation's zone has it.

    Raises:
        NotAllowed: there are no such years.
    """
    zone = ZoneInfo(services.zone)
    try:
        return datetime(first, 1, 1, tzinfo=zone), datetime(last + 1, 1, 1, tzinfo=zone)
    except (ValueError, OverflowError) as e:
        raise NotAllowed(why="report_years") from e


def begin_count(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    first: int,
    last: int,
) -> str:
    """Begin to count the cases that began in some years; gives the id of the batch.

    Raises:
        NotAllowed: the viewer is no auditor, the years are not over, neither one nor three,
            overlap others that were published, hold no case, or a count goes on; or they were
            published, and a case of them has been erased since: what was published stays.
    """
    require_act(by, "audit")
    start, until = bounds(services, first, last)
    _check_years(tx, first, last, until, now)
    rules = services.programme.report
    found = reporting.begun(tx, services.programme.process, start, until)
    key = services.key(tx, f"person:{by.person}")
    if not found or not rules.dimensions or key is None:
        raise NotAllowed(why="report_no_case")
    if of_years(reports.every(tx), first, last) and _is_one_erased(tx, [one.id for one in found]):
        raise NotAllowed(why="report_erased")
    years = {"first": first, "last": last}
    detail = {**years, "office": by.office}
    run = batch_runs.begin(tx, KIND, [case.id for case in found], detail, by=by, now=now)
    body: dict[str, ledger_lines.Canonical] = {"batch": run.id, **years, "cases": run.total}
    append_entry(tx, release_stream(services), "report_begun", by=actor(by), now=now, body=body)
    return run.id


def _is_one_erased(tx: Tx, case_ids: Collection[str]) -> bool:
    """Whether the answers of a case cannot be counted any more."""
    own = {own_name(id_) for id_ in case_ids}
    return keys.of_owners(tx, own).keys() != own


def _check_years(tx: Tx, first: int, last: int, until: datetime, now: datetime) -> None:
    if last - first + 1 not in SPANS:
        raise NotAllowed(why="report_years")
    if until > now:
        raise NotAllowed(why="report_not_over")
    if any(run.state == batches.RUNNING for run in batches.of_subject(tx, KIND, KIND)):
        raise NotAllowed(why="report_goes_on")
    for row in reports.every(tx):
        overlaps = row.first_year <= last and first <= row.last_year
        if overlaps and (row.first_year, row.last_year) != (first, last):
            raise NotAllowed(why="report_overlaps")


# ---- what a worker does


def _take_case(tx: Tx, services: Services, run: Batch, case_id: str, now: datetime) -> CaseOutcome:  # noqa: ARG001 - as every batch
    """Add one case to the sums; nothing of it is kept besides."""
    answers = _answers(tx, services, case_id)
    current = batches.get(tx, run.id)
    key = services.key(tx, f"person:{run.by}")
    if answers is None or current is None or key is None:
        return CaseOutcome(COUNTED)
    sums = _open(key, current)
    sums.add(services.programme.report, answers)
    batches.set_detail(tx, run.id, {**current.detail, "sums": _seal(key, run.id, sums)})
    return CaseOutcome(COUNTED)


def _answers(tx: Tx, services: Services, case_id: str) -> dict[str, Any] | None:
    """The newest answers of the fields that are counted; None for a case that is left out."""
    case, rules = cases.get(tx, case_id), services.programme.report
    if case is None or protection.is_protected(case.marking):
        return None
    if rules.leaves and reporting.withdrew(tx, case_id, rules.leaves):
        return None
    wanted = frozenset(key for one in rules.dimensions for key in one.fields)
    try:
        of_case = services.case_keys(tx, case_id)
        if of_case.own is None:
            return None
        forms, classes = _where(tx, services, case_id, wanted)
        given = given_answers.load_answers(tx, of_case, case_id, classes, forms=forms)
    except CannotOpen as e:
        if e.facts.get("table") == "vault_key":
            return None
        raise
    return {id_: one.value for id_, one in given_answers.newest(given).items() if id_ in wanted}


def _where(
    tx: Tx, services: Services, case_id: str, wanted: frozenset[str]
) -> tuple[set[str], set[str]]:
    """Forms that ask for fields, in the releases that a case was on, and the classes of these."""
    used = oversight.releases_of(tx, [case_id]).get(case_id, [])
    found = [
        (form.id, field.data_class)
        for release_id in used
        for form in services.release(tx, release_id).forms.values()
        for field in form.fields
        if field.key in wanted
    ]
    return {form for form, _ in found}, {klass for _, klass in found}


def _finish(tx: Tx, services: Services, run: Batch, now: datetime) -> None:
    """Publish the tables of a count that came to its end, and forget the sums."""
    result, version, tables = _result(tx, services, run)
    first = int(run.detail["first"])
    last = int(run.detail["last"])
    by = Actor(run.by, str(run.detail["office"]))
    batches.drop_cases(tx, run.id)
    kept: dict[str, int | str] = {"first": first, "last": last, "result": result}
    kept |= {"version": version}
    batches.set_detail(tx, run.id, kept)
    body: dict[str, ledger_lines.Canonical] = {"batch": run.id, **kept}
    if tables is not None and result == NEW:
        row = PublishedReport(ulid(now), first, last, version, tables, run.by, now)
        publish_version(tx, services, row, by=by, body=body)
    else:
        append_entry(tx, release_stream(services), "report", by=by, now=now, body=body)


def publish_version(
    tx: Tx,
    services: Services,
    row: PublishedReport,
    *,
    by: Actor,
    body: Mapping[str, ledger_lines.Canonical],
) -> None:
    """Keep a version, and write it into the ledger with the digest of its tables."""
    stream = release_stream(services)
    reports.add(tx, row, stream=stream)
    bound = {**body, "tables": ledger_lines.digest(row.tables)}
    append_entry(tx, stream, "report", by=by, now=row.at, body=bound)


def _result(tx: Tx, services: Services, run: Batch) -> tuple[str, int, dict[str, Any] | None]:
    """What becomes of a count, the number of the version in force after it, and its tables."""
    earlier = of_years(reports.every(tx), int(run.detail["first"]), int(run.detail["last"]))
    version = earlier[0].version if earlier else 0
    if run.state != batches.DONE:
        return STOPPED, version, None
    key = services.key(tx, f"person:{run.by}")
    if key is None or batches.counts(tx, run.id).get(batches.FAILED):
        return FAULTY, version, None
    tables = make_tables(services.programme.report, _open(key, run), services.min_cell)
    if tables is None:
        return FEW, version, None
    result = compare(earlier[0].tables, tables) if earlier else NEW
    return result, version + (result == NEW), tables


def of_years(every: Sequence[PublishedReport], first: int, last: int) -> list[PublishedReport]:
    """The versions of the same years, the newest first."""
    return [row for row in every if (row.first_year, row.last_year) == (first, last)]


# ---- sums between two cases


def _seal(key: OwnerKey, run: str, sums: CaseSums) -> str:
    plain = json.dumps(sums.as_json(), sort_keys=True).encode()
    return base64.b64encode(key.seal("sums", plain, **_place(run))).decode()


def _open(key: OwnerKey, run: Batch) -> CaseSums:
    if "sums" not in run.detail:
        return CaseSums()  # before the first case
    opened = key.open("sums", base64.b64decode(run.detail["sums"]), **_place(run.id))
    return CaseSums(**json.loads(opened))


def _place(run: str) -> dict[str, str]:
    """Where sums are sealed; they open nowhere else."""
    return {"table": "batch", "column": "detail", "row": run}


COUNT: Final = BatchWork(_take_case, _finish, act="audit", writes=True, begins="report_begun")
"""What a worker does in one case of a count: it changes the sums, never the case."""
