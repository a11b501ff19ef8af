"""Dry runs of a draft: begin one, stop it, mark changes as intended, play each case in a worker,
and sum up at the end.

A run is a batch over the cases that there are when it begins. It is made for the files of the draft
as they are then, and ends when somebody saves others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.errors import BadDiagram, NotAllowed, NotFound, Stale
from service.records import batch_runs
from service.records.context import (
    Actor,
    BatchEnds,
    BatchWork,
    Services,
    actor,
    release_stream,
    require_act,
)
from service.records.ledger_append import append_entry
from service.release.bundle import unpack
from service.release.prepared import PreparedRelease
from service.security import ledger_lines
from service.store.casefile import cases
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, BatchCase, CaseOutcome
from service.workshop.drafts import require_draft
from service.workshop.dry_run import verdicts
from service.workshop.dry_run.case_fold import fold_case
from service.workshop.dry_run.dry_run_words import kept_names
from service.workshop.publish import CheckedRelease

KIND: Final = "dry_run"
DRAFT_CHANGED: Final = "draft_changed"
"""Why a run ended by itself: its draft was saved, published or thrown away."""
LONGEST: Final = 300
"""Longest word on why a change is intended, in characters."""
OPEN: Final = ""
"""End of a case that goes on, in the table of ends."""
GROUPS: Final = 500
"""Most groups of verdict and place that are kept."""


def begin_dry_run(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    draft_id: str,
    checked: CheckedRelease,
) -> str:
    """Begin to play every case on a draft, in the background; gives the id of the run.

    A run of the same files that goes on is taken instead; an earlier one of the draft is deleted,
    and what was marked as intended there stays marked.

    Args:
        checked: the draft's files, linted and built before this transaction began.
    Raises:
        NotAllowed: the viewer may not edit processes, or there is no case.
        Stale: the draft was saved since its files were checked.
        BadDiagram: a finding is an error, so the draft cannot run.
    """
    require_act(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    if unpack(row.files).digest != checked.digest:
        raise Stale
    if checked.prepared is None:
        raise BadDiagram(checked.findings)
    earlier = batches.of_subject(tx, KIND, draft_id)
    for one in earlier:
        if one.state == batches.RUNNING and one.detail["digest"] == checked.digest:
            return one.id
    case_ids = [id_ for id_ in past_cases(tx) if id_ not in by.barred]
    if not case_ids:
        raise NotAllowed(why="no_case")
    intended = earlier[0].detail.get("intended", {}) if earlier else {}
    _delete(tx, services, earlier, now=now)
    base = services.current(tx)
    detail = {
        "rev": row.rev,
        "digest": checked.digest,
        "base": base.id,
        "names": kept_names(checked.prepared, base, row.process),
        "intended": intended,
    }
    run = batch_runs.begin(tx, KIND, case_ids, detail, by=by, now=now, subject=draft_id)
    body: dict[str, ledger_lines.Canonical] = {
        "batch": run.id,
        "draft": draft_id,
        "rev": row.rev,
        "release": checked.digest,
        "cases": run.total,
    }
    append_entry(tx, release_stream(services), "dry_run_begun", by=actor(by), now=now, body=body)
    ready = replace(checked.prepared, id=_cache_key(checked.digest))
    tx.after_commit(lambda: services.prepared.keep(ready))
    return run.id


def stop_dry_run(tx: Tx, services: Services, by: Viewer, now: datetime, *, draft_id: str) -> None:
    """Stop the run of a draft before its next case; what was found until then stays.

    Raises:
        NotAllowed: the viewer may not edit processes.   NotFound: no run of the draft goes on.
    """
    require_act(by, "edit_process")
    require_draft(tx, by, draft_id)
    run = batches.newest(tx, KIND, draft_id)
    if run is None or not batches.end(tx, run.id, batches.STOPPED, at=now):
        raise NotFound
    _sum_up(tx, services, run, by=actor(by), now=now, state=batches.STOPPED)


def mark_intended(
    tx: Tx,
    _services: Services,
    by: Viewer,
    now: datetime,
    *,
    draft_id: str,
    verdict: str,
    element: str,
    word: str,
) -> None:
    """Mark the cases with the same verdict at the same place as intended, with a word why; an empty
    word takes the mark away.

    Raises:
        NotAllowed: the viewer may not edit processes.   NotFound: the run has no such group.
    """
    require_act(by, "edit_process")
    require_draft(tx, by, draft_id)
    run = batches.newest(tx, KIND, draft_id)
    if run is None or [verdict, element] not in [g[:2] for g in run.detail.get("groups", [])]:
        raise NotFound
    intended = dict(run.detail.get("intended", {}))
    intended.pop(group_key(verdict, element), None)
    if word.strip():
        note = {"word": word.strip()[:LONGEST], "by": by.person, "at": now.isoformat()}
        intended[group_key(verdict, element)] = note
    batches.set_detail(tx, run.id, {**run.detail, "intended": intended})


def delete_runs(tx: Tx, services: Services, *, draft_id: str, now: datetime) -> None:
    """Delete every run of a draft that was thrown away."""
    _delete(tx, services, batches.of_subject(tx, KIND, draft_id), now=now)


def past_cases(tx: Tx, *, status: str = "") -> list[str]:
    """Ids of the cases, oldest first: all, or those that are `open`."""
    found: list[str] = []
    while page := cases.listed(tx, status=status, after=found[-1] if found else ""):
        found += (case.id for case in page)
    return found


def group_key(verdict: str, element: str) -> str:
    """A group of cases, as its mark names it."""
    return f"{verdict} {element}"


def _delete(tx: Tx, services: Services, runs: list[Batch], *, now: datetime) -> None:
    for run in runs:
        if batches.end(tx, run.id, batches.STOPPED, at=now):
            _sum_up(tx, services, run, by=Actor(run.by), now=now, state=batches.STOPPED)
        batches.delete_batch(tx, run.id)


# ---- what a worker does


def _take_case(tx: Tx, services: Services, run: Batch, case_id: str, now: datetime) -> CaseOutcome:
    """Play one case of a run.

    Raises:
        BatchEnds: the draft is no longer as it was when the run began.
    """
    draft = _draft_of(tx, services, run)
    base = services.release(tx, run.detail["base"])
    return fold_case(tx, services, case_id, draft=draft, base=base, now=now)


def _draft_of(tx: Tx, services: Services, run: Batch) -> PreparedRelease:
    """The draft of a run, ready to run; built once in a process.

    Raises:
        BatchEnds: the draft is closed, or has other files by now.
    """
    digest = run.detail["digest"]
    ready = services.prepared.ready(_cache_key(digest))
    row = releases.get_draft(tx, run.subject)
    if row is None or row.closed_at is not None:
        raise BatchEnds(DRAFT_CHANGED)
    if ready and row.rev == run.detail["rev"]:
        return ready
    if unpack(row.files).digest != digest:
        raise BatchEnds(DRAFT_CHANGED)
    return ready or _prepare_draft(services, row)


def _prepare_draft(services: Services, row: releases.Draft) -> PreparedRelease:
    """Build a draft, and keep it under a name that no release has.

    Raises:
        BadDiagram: a file can no longer be read or built.
    """
    bundle = unpack(row.files)
    built = services.prepared.build(bundle, process=row.process)
    return services.prepared.keep(replace(built, id=_cache_key(bundle.digest)))


def _cache_key(digest: str) -> str:
    """Key of the cache for a draft of these files: the digest alone would be that of a release."""
    return f"draft/{digest}"


def _finish(tx: Tx, services: Services, run: Batch, now: datetime) -> None:
    _sum_up(tx, services, run, by=Actor(run.by), now=now, state=run.state)


DRY_RUN: Final = BatchWork(_take_case, _finish, act="edit_process", begins="dry_run_begun")
"""Work of a dry run: a worker reads one case, and writes nothing to it."""


def _sum_up(
    tx: Tx, services: Services, run: Batch, *, by: Actor, now: datetime, state: str
) -> None:
    """Keep the sums of a run that has ended, with its ledger entry."""
    totals = sum_up(case for case in batches.of_batch(tx, run.id, verdicts=verdicts.VERDICTS))
    current = batches.get(tx, run.id) or run
    batches.set_detail(tx, run.id, {**current.detail, **totals})
    body: dict[str, ledger_lines.Canonical] = {
        "batch": run.id,
        "draft": run.subject,
        "rev": int(run.detail["rev"]),
        "release": str(run.detail["digest"]),
        "state": state,
        "numbers": _numbers(totals),
    }
    append_entry(tx, release_stream(services), "dry_run_ended", by=by, now=now, body=body)


def _numbers(totals: Mapping[str, Any]) -> dict[str, ledger_lines.Canonical]:
    return {verdict: int(n) for verdict, n in sorted(totals["numbers"].items())}


def sum_up(found: Iterable[BatchCase]) -> dict[str, Any]:
    """The sums, as they are kept with the batch.

    Returns: `numbers` (verdict to cases), `groups` ([verdict, element, cases]), `ends` ([old end,
        new end, cases]), `moves` (what could be done with open cases), `earlier` (cases
        of other releases than the one in force, and how many could be followed on it in part
        alone), `times` (`was` and `becomes`: element or flow to how often).
    """
    numbers = Counter[str]()
    moves = Counter[str]()
    earlier = Counter[str]()
    groups = Counter[tuple[str, str]]()
    ends = Counter[tuple[str, str]]()
    was = Counter[str]()
    becomes = Counter[str]()
    for case in found:
        numbers[case.verdict] += 1
        groups[case.verdict, case.element] += 1
        if case.verdict in verdicts.NOT_SHOWN or "times" not in case.detail:
            continue
        was.update(case.detail["times"]["was"])
        becomes.update(case.detail["times"]["becomes"])
        ends[_end(case, "was"), _end(case, "becomes")] += 1
        if "earlier" in case.detail:
            earlier.update(["cases", *(["partly"] if case.detail["partly"] else [])])
        if "move" in case.detail:
            moves[case.detail["move"]["verdict"]] += 1
    return {
        "numbers": dict(numbers),
        "groups": [[*group, n] for group, n in groups.most_common(GROUPS)],
        "ends": [[*pair, n] for pair, n in sorted(ends.items())],
        "moves": dict(moves),
        "earlier": dict(earlier),
        "times": {"was": dict(was), "becomes": dict(becomes)},
    }


def _end(case: BatchCase, which: str) -> str:
    """The end that a case reached; `OPEN` while it goes on."""
    places: list[str] = case.detail[which]
    return places[0] if case.detail["ended"][which] and places else OPEN
