"""What the page of a replay shows: as much of a long history as a page can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.audit import replay_view, verify
from service.audit.case_replay import load_case_replay
from service.security.keyring import Keyring
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(6))
    yield made
    made.database.close()


def test_a_page_holds_so_many_lines_around_the_one_asked_for(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_view, "MOST", 3)
    monkeypatch.setattr(replay_view, "PAGE", 2)
    case = desk.start().case_id
    for step in range(1, 7):
        desk.do(case, f"t{step}")
    auditor = replace(desk.viewer(), office="audit", roles=frozenset({"auditor"}))
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        shown = load_case_replay(tx, services, auditor, case, now)
        verified = verify.verify(tx, services, case, now=now)
        view = replay_view.replay_view(
            tx, services, shown, verified, 5, lambda release, file: f"{release}/{file}"
        )
    data = view["data"]
    assert [step["n"] for step in data["steps"]] == [4, 5, 6]
    assert (data["first"], data["of"], data["at"]) == (3, 7, 1)
    assert (view["earlier"], view["later"]) == (3, 7)
    assert data["moments"]["4"]["done"], "what was done before the window is known in it"
    assert [row.n for row in view["lines"].rows] == [5, 6]
    assert (view["card"].n, view["card"].of, view["previous"], view["next"]) == (5, 7, 4, 6)
    assert [n for _, _, n in view["kinds"]] == [3]
