"""`/metrics`: how the installation is, as Prometheus reads it. No case, no person."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from itertools import accumulate
from typing import Final, TypeAlias

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.metrics_core import HistogramMetricFamily

from service import VERSION
from service.application.request_counts import BOUNDS
from service.casework import clock_guard
from service.errors import Busy, NotFound
from service.operations import background, health, key_epochs
from service.store import schema
from service.store.installation.heartbeats import Heartbeat
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("metrics", __name__)
Sample: TypeAlias = tuple[str, dict[str, str], float]
"""Name, labels and value of a gauge."""
REQUESTS = "tresteg_http_request_seconds"
METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "tresteg_build_info": (
        "gauge",
        "Always 1; `version` is that of the program, `schema` that of its tables.",
    ),
    REQUESTS: (
        "histogram",
        "Seconds until a request was answered, by `route`, `method` (read or write) and `status`.",
    ),
    "tresteg_database_up": (
        "gauge",
        "1 when the database answered; without it what follows is missing.",
    ),
    "tresteg_cases_open": ("gauge", "Open cases, by `process` and `stage`."),
    "tresteg_tasks_open": ("gauge", "Open tasks, by `stage`."),
    "tresteg_tasks_overdue": ("gauge", "Open tasks that are overdue, by `stage`."),
    "tresteg_jobs_waiting": ("gauge", "Calls of handlers that wait."),
    "tresteg_jobs_due": ("gauge", "Calls of handlers that are due."),
    "tresteg_jobs_late_seconds": ("gauge", "Since when the oldest due call waits."),
    "tresteg_timers_armed": ("gauge", "Timers and deadlines that wait."),
    "tresteg_timers_due": ("gauge", "Timers and deadlines that are due."),
    "tresteg_timers_late_seconds": ("gauge", "Since when the oldest due timer or deadline waits."),
    "tresteg_letters": ("gauge", "Letters that have not left, by `state`."),
    "tresteg_letters_late_seconds": ("gauge", "Age of the oldest letter that waits to leave."),
    "tresteg_incidents_open": ("gauge", "Open incidents, by `topic`; empty where it is no call."),
    "tresteg_worker_seen_age_seconds": (
        "gauge",
        "Since the last sign of life of a worker; missing before the first.",
    ),
    "tresteg_background_failures": (
        "gauge",
        "Failures of each `part` of the background; 1 for a silent `worker`, paused `timers`.",
    ),
    "tresteg_verify_age_seconds": (
        "gauge",
        "Since everything was last verified by `tresteg verify`; missing before.",
    ),
    "tresteg_verify_faults": ("gauge", "What it found then: faults and broken promises."),
    "tresteg_backup_age_seconds": (
        "gauge",
        "Since the newest backup that was good; missing before the first.",
    ),
    "tresteg_keys_epoch": ("gauge", "The epoch of the keyring that wraps keys."),
    "tresteg_keys_epoch_age_seconds": ("gauge", "Since when it does."),
    "tresteg_keys_older": (
        "gauge",
        "Keys that are wrapped under an older epoch; 0 unless a rotation goes on.",
    ),
    "tresteg_checkpoint_waiting": (
        "gauge",
        "Entries of the ledger that no checkpoint holds yet; counted to a thousand.",
    ),
    "tresteg_disk_free_bytes": (
        "gauge",
        "Room in the folder of the database; missing on PostgreSQL.",
    ),
}
"""Name to kind and meaning."""


@bp.get("/metrics")
@page_policy("file", signed_in=False, alone=True)
def page() -> Response:
    """The numbers, for who has the token; without one in the settings for this machine alone.

    Raises:
        NotFound: for everybody else there is no such page.
    """
    if not _may_read():
        raise NotFound
    return Response(generate_latest(Numbers()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Numbers:
    """What `/metrics` says, as a collector of prometheus-client: asked anew at each request.

    The library keeps no number of its own. What it counts for several processes lies in files,
    which a full disk breaks; ours lies in shared memory, or in the database.
    """

    @staticmethod
    def collect() -> Iterator[Metric]:
        """Each metric that has a value, in the order of `METRICS`."""
        metrics = {name: Metric(name, about, kind) for name, (kind, about) in METRICS.items()}
        metrics[REQUESTS] = _of_requests()
        for name, labels, value in (_of_program(), *_of_database()):
            metrics[name].add_sample(name, labels, value)
        return (metric for metric in metrics.values() if metric.samples)


def _may_read() -> bool:
    token = current().program.settings.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    if "X-Forwarded-For" in request.headers and not current().program.settings.trusted_proxies:
        return False  # a proxy of this machine, for whomever
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _of_program() -> Sample:
    return "tresteg_build_info", {"version": VERSION, "schema": schema.newest()}, 1


def _of_requests() -> Metric:
    family = HistogramMetricFamily(
        REQUESTS, METRICS[REQUESTS][1], labels=("route", "method", "status")
    )
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    for one in current().site.counts.every():
        buckets = list(zip(bounds, accumulate(one.steps), strict=True))
        family.add_metric((one.route, one.method, str(one.status)), buckets, one.seconds)
    return family


def _of_database() -> Iterator[Sample]:
    context = current()
    try:
        with context.transaction() as tx:
            waiting, beats = health.load_waiting(tx, now=context.now), health.last_beats(tx)
            copied, why_paused = health.last_backup(tx), clock_guard.why_paused(tx)
            epochs = key_epochs.load_status(tx, context.program, now=context.wall)
    except Busy:
        yield "tresteg_database_up", {}, 0
        return
    yield "tresteg_database_up", {}, 1
    yield from _of_cases(waiting)
    for name, first, late in (
        ("jobs", "waiting", waiting.calls),
        ("timers", "armed", waiting.timers),
    ):
        yield f"tresteg_{name}_{first}", {}, late.waiting
        yield f"tresteg_{name}_due", {}, late.due
        yield f"tresteg_{name}_late_seconds", {}, late.seconds
    for state, n in waiting.letters.items():
        yield "tresteg_letters", {"state": state}, n
    yield "tresteg_letters_late_seconds", {}, waiting.letter_seconds
    for topic, n in (waiting.incidents or {"": 0}).items():
        yield "tresteg_incidents_open", {"topic": topic}, n
    yield from _of_beats(beats)
    stopped = background.standing_still(beats, why_paused, context.wall)
    for part in background.PARTS:
        yield "tresteg_background_failures", {"part": part}, stopped.get(part, 0)
    if copied is not None:
        yield "tresteg_backup_age_seconds", {}, max((context.wall - copied).total_seconds(), 0)
    yield from _of_epochs(epochs)
    free = health.free_bytes(context.program.database.file)
    if free is not None:
        yield "tresteg_disk_free_bytes", {}, free


def _of_cases(waiting: health.Waiting) -> Iterator[Sample]:
    for (process, stage), n in waiting.cases.items():
        yield "tresteg_cases_open", {"process": process, "stage": stage}, n
    for stage, (n, late) in waiting.tasks.items():
        yield "tresteg_tasks_open", {"stage": stage}, n
        yield "tresteg_tasks_overdue", {"stage": stage}, late
    yield "tresteg_checkpoint_waiting", {}, waiting.log


def _of_epochs(epochs: key_epochs.EpochStatus) -> Iterator[Sample]:
    yield "tresteg_keys_epoch", {}, epochs.epoch
    yield "tresteg_keys_older", {}, epochs.older
    if epochs.since is not None:
        age = (current().wall - epochs.since).total_seconds()
        yield "tresteg_keys_epoch_age_seconds", {}, max(age, 0)


def _of_beats(beats: Mapping[str, Heartbeat]) -> Iterator[Sample]:
    for name, about in (("worker_seen", health.WORKER), ("verify", health.VERIFIED)):
        if beat := beats.get(about):
            age = (current().wall - beat.at).total_seconds()
            yield f"tresteg_{name}_age_seconds", {}, max(age, 0)
    if verified := beats.get(health.VERIFIED):
        yield "tresteg_verify_faults", {}, verified.number
