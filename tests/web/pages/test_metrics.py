"""`/metrics` says to Prometheus how the installation is, and nothing of a case or a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.application.request_counts import BOUNDS, MOST_ROUTES, RequestCounts
from service.binding import Answer
from service.operations import health
from service.security.keyring import Keyring
from service.settings import Settings
from service.store import schema
from service.store.installation import installation_values
from service.web.pages.monitoring.metrics import METRICS
from tests.support import diagrams as d
from tests.support import small
from tests.support.forks import fork, status_of
from tests.support.world import NOON, World, open_world, settle

TOKEN = "a token of the monitoring"
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(world: World, **headers: str) -> Values:
    """The numbers, as Prometheus's own parser reads them."""
    answer = world.app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(values: Values, name: str, **labels: str) -> float:
    return values[name, frozenset(labels.items())]


def test_it_tells_what_waits_and_since_when(database_url: str, keyring: Keyring) -> None:
    body = (
        d.job("j")
        + small.person("a")
        + d.border("b", "a", d.timer("Duration", "PT1H"))
        + d.end("late")
    )

    def broken(_: object) -> Answer:
        raise RuntimeError

    settings = Settings(database_url=database_url, base_url="http://localhost")
    desk = open_world(
        settings,
        keyring,
        small.one(body, "s>j j>a a>e b>late"),
        functions={"letters.send": broken, "letters.count": broken},
    )
    desk.start()
    desk.later(minutes=5)
    first = read(desk)
    assert value(first, "tresteg_jobs_due") == 1
    assert value(first, "tresteg_jobs_late_seconds") == 300
    assert ("tresteg_worker_seen_age_seconds", frozenset()) not in first
    worker = desk.worker()
    for _ in range(8):
        settle(worker)
        desk.later(hours=12)
    then = read(desk)
    (incidents,) = {v for (name, _), v in then.items() if name == "tresteg_incidents_open"}
    assert incidents == 1
    assert value(then, "tresteg_jobs_due") == 0, "what has stopped waits for an operator"
    assert value(then, "tresteg_worker_seen_age_seconds") > 0
    assert value(then, "tresteg_database_up") == 1
    assert ("tresteg_disk_free_bytes", frozenset()) in then or desk.database.postgres
    desk.database.close()


def test_it_counts_requests_by_route_and_status(world: World) -> None:
    browser = world.browser()
    for _ in range(3):
        browser.get("/sign-in")
    browser.get("/no/such/page")
    values = read(world)
    labels = {"route": "sign_in.sign_in", "method": "read", "status": "200"}
    assert value(values, "tresteg_http_request_seconds_count", **labels) == 3
    assert value(values, "tresteg_http_request_seconds_bucket", **labels, le="+Inf") == 3
    assert value(values, "tresteg_http_request_seconds_sum", **labels) > 0
    labels = {"route": "", "method": "read", "status": "404"}
    assert value(values, "tresteg_http_request_seconds_count", **labels) == 1


def test_every_name_is_told_and_no_label_names_anybody(shipped_world: World) -> None:
    with shipped_world.database.transaction() as tx:
        health.beat(tx, health.VERIFIED, now=NOON, number=2)
    found = shipped_world.start_case()
    shipped_world.browser("sara").get(f"/cases/{found.case_id}")
    values = read(shipped_world)
    names = {re.sub("_(bucket|sum|count)$", "", name) for name, _ in values}
    assert names <= set(METRICS)
    labels = {key for _, pairs in values for key, _ in pairs}
    assert labels <= {
        *("version", "schema", "route", "method", "status", "le", "topic", "state"),
        *("process", "stage", "part"),
    }
    assert found.case_id not in str(values)
    assert value(values, "tresteg_verify_faults") == 2
    assert value(values, "tresteg_verify_age_seconds") == 0


def test_it_tells_cases_tasks_and_the_newest_backup(shipped_world: World) -> None:
    assert ("tresteg_backup_age_seconds", frozenset()) not in read(shipped_world)
    shipped_world.start_case()
    with shipped_world.database.transaction() as tx:
        made = shipped_world.clock.now() - timedelta(hours=3)
        installation_values.put(tx, health.LAST_BACKUP, made.isoformat())
    shipped_world.later(days=30)
    values = read(shipped_world)
    assert value(values, "tresteg_cases_open", process="return_case", stage="1") == 1
    assert value(values, "tresteg_tasks_open", stage="1") == 1
    assert value(values, "tresteg_tasks_overdue", stage="1") == 1
    assert value(values, "tresteg_backup_age_seconds") >= 0
    assert value(values, "tresteg_checkpoint_waiting") > 0
    schemas = [dict(pairs)["schema"] for name, pairs in values if name == "tresteg_build_info"]
    assert schemas == [schema.newest()]


def test_only_this_machine_reads_it_without_a_token(world: World) -> None:
    client = world.app.test_client()
    assert client.get("/metrics").status_code == 200
    outside = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_overrides=outside).status_code == 404
    forwarded = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", headers=forwarded).status_code == 404


def test_with_a_token_nobody_reads_it_without(world: World) -> None:
    settings = replace(world.program.settings, metrics_token=TOKEN)
    site = replace(world, program=replace(world.program, settings=settings))
    client = site.app.test_client()
    assert client.get("/metrics").status_code == 404
    wrong = {"Authorization": "Bearer another"}
    assert client.get("/metrics", headers=wrong).status_code == 404
    assert read(site, Authorization=f"Bearer {TOKEN}")


def test_processes_count_together() -> None:
    counts = RequestCounts(processes=2)
    counts.name_routes(["page"])
    counts.count("page", "read", 200, 0.3)

    def other_process() -> None:
        counts.part = 1
        counts.count("page", "read", 200, 99)
        counts.count("page", "write", 599, 0)

    assert status_of(fork(other_process)) == 0
    page, other = counts.every()
    assert (page.route, page.status, sum(page.steps), page.steps[-1]) == ("page", 200, 2, 1)
    assert page.seconds == pytest.approx(99.3)
    assert page.steps[BOUNDS.index(0.5)] == 1
    assert (other.method, other.status) == ("write", 0)


def test_every_route_has_a_place_among_the_counts(world: World) -> None:
    routes = world.browser().client.application.view_functions
    assert len(routes) < MOST_ROUTES
