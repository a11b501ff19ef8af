"""The figures at the steps of the diagram, and the same as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.audit.reporting.heat import heat_data, heat_level, heat_table
from tests.audit.reporting.conftest import Run, figures
from tests.support.world import World


@pytest.mark.parametrize(
    ("time", "level"),
    [
        (timedelta(minutes=59), 0),
        (timedelta(hours=1), 1),
        (timedelta(days=1), 2),
        (timedelta(days=7), 3),
    ],
)
def test_a_step_is_coloured_by_its_median(time: timedelta, level: int) -> None:
    assert heat_level(time) == level


def test_figures_stand_at_the_steps_that_last(reported: World, run: Run) -> None:
    run(2), run(10)
    found, services = figures(reported), reported.program.services
    with reported.database.transaction(write=False) as tx:
        release = services.current(tx)
    process = services.programme.process
    data = heat_data(release, process, found, lang="en", xml=lambda _, file: file)
    assert data["counts"] == {
        "a": ("2 · 6 days / 10 days", "heat-2"),
        "b": ("2 · 24 h / 24 h", "heat-2"),
    }
    assert [row[1:3] for row in heat_table(release, found, "en").rows] == [
        ("2", "6 days"),
        ("2", "24 h"),
    ]
