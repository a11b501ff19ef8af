"""Batches as people begin and stop them; a worker does their cases (`service.worker.batches`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.access import Viewer
from service.records.context import Services, require_act
from service.records.ids import ulid
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch


def begin(
    tx: Tx,
    kind: str,
    case_ids: Sequence[str],
    detail: Mapping[str, Any],
    *,
    by: Viewer,
    now: datetime,
    subject: str = "",
) -> Batch:
    """Keep a batch over some cases, in their order; without any it is over at once.

    The entry that its kind begins with (`BatchWork.begins`) is the caller's to write, at `now`.

    Args:
        detail: what the work of the kind needs to know.
        subject: the draft or the plan that it is about; the kind where there is none.
    """
    state, ended = (batches.RUNNING, None) if case_ids else (batches.DONE, now)
    about = subject or kind
    run = Batch(
        ulid(now), kind, about, detail, state, len(case_ids), by.person, now, ended_at=ended
    )
    batches.add(tx, run, case_ids)
    return run


def stop_batch(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    batch_id: str,
    kinds: Collection[str],
) -> None:
    """Stop a batch of one of some kinds before its next case, and write how it ended; what was done
    stays done, and nothing happens when it is over.

    Raises:
        NotAllowed: the viewer may not do what the work of these kinds asks for.
    """
    for kind in kinds:
        require_act(by, services.batches[kind].act)
    run = batches.stop(tx, batch_id, kinds, at=now)
    if run is not None:
        services.batches[run.kind].finish(tx, services, run, now)
