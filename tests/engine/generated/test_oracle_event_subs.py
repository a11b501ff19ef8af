"""Event sub-processes in the walks beside the oracle: every kind begins, in every scope."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.engine.generated.event_subs import EventSub
from tests.engine.generated.oracle_event_subs import EventSubs
from tests.engine.generated.oracle_scopes import Scope
from tests.engine.generated.test_oracle import compared

WALKS = 250


def test_every_kind_begins_in_the_walks_and_in_every_scope(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: Counter[object] = Counter()
    begin = EventSubs.begin

    def counted(subs: EventSubs, sub: EventSub) -> None:
        outer = subs.scope.outer
        begun[sub.way, sub.interrupting] += 1
        begun[outer.part.kind if outer is not None else "top"] += 1
        begin(subs, sub)

    monkeypatch.setattr(EventSubs, "begin", counted)
    for seed in range(WALKS):
        compared(seed)
    ways = {(way, yes) for way in ("message", "Duration", "Date", "escalation") for yes in (0, 1)}
    scopes = {"top", "sub", "call", "fault", "stop", "list"}
    assert {*ways, ("error", True), ("Cycle", False), *scopes} <= begun.keys()


def test_an_interruption_that_ends_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "drop", lambda _: None)
    with pytest.raises(AssertionError):
        Counter(compared(seed) for seed in range(WALKS))
