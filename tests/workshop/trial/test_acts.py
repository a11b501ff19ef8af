"""What was done in a trial comes back from the page as it went out, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.errors import NotFound
from service.workshop.trial.acts import COMPLETE, MOST_ACTS, START, WAIT, Act, TrialActs, read_trial

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_trial_comes_back_as_it_went_out() -> None:
    trial = TrialActs(NOW).then(Act(START, "s", {"note": ["Påhittat"]})).then(Act(WAIT, "P1D"))
    assert read_trial(trial.text(), datetime.now(UTC)) == trial
    assert trial.without_last().acts == trial.acts[:1]
    assert read_trial("", NOW) == TrialActs(NOW)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"begins": "never", "acts": []}',
        '{"begins": "2026-03-02T09:00:00+00:00", "acts": [{"kind": "publish", "target": "x"}]}',
        '{"begins": "2026-03-02T09:00:00+00:00", "acts": [{"kind": "start", "target": 7}]}',
        '{"begins": "2026-03-02T09:00:00+00:00", "acts": [{"kind": "start"}]}',
        '{"begins": "0001-01-01T00:00:00+14:00", "acts": []}',
        "[" * 100_000,
        "x" * (1024 * 1024 + 1),
    ],
)
def test_what_is_no_trial_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        read_trial(text, NOW)


def test_a_trial_has_an_end() -> None:
    full = TrialActs(NOW, tuple(Act(COMPLETE, "a") for _ in range(MOST_ACTS)))
    with pytest.raises(NotFound):
        full.then(Act(WAIT, "P1D"))
    with pytest.raises(NotFound):
        read_trial(TrialActs(NOW, (*full.acts, Act(WAIT, "P1D"))).text(), NOW)
