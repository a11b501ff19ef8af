"""What a completion costs in statements: few, one commit, no more among many cases."""

from __future__ import annotations

import pytest

from service.security.keyring import Keyring
from tests.bench._arms import run_case, taped
from tests.support import small
from tests.support.world import open_world

pytestmark = pytest.mark.both_kinds

STATEMENTS, COMMITS = 18, 1
"""Two of them read the keys of the case: before the turn, and after the answers that it reads. One
counts the case among those of its officer, when somebody of an office acts first."""


def test_a_completion_takes_few_statements_and_one_commit(
    database_url: str, keyring: Keyring
) -> None:
    world = open_world(database_url, keyring, small.bench())
    with taped(world.database) as tape:
        for _ in range(3):
            run_case(world, tape)
    assert len(tape.counts) == 3 * 20
    assert max(statements for statements, _ in tape.counts) <= STATEMENTS
    assert {commits for _, commits in tape.counts} == {COMMITS}
    # the first to send a task of a case becomes its officer
    assert tape.counts[:20] == tape.counts[20:40] == tape.counts[40:], (
        "it does not depend on how many cases there are"
    )
    world.database.close()


def test_the_hundredth_task_takes_as_many_statements(database_url: str, keyring: Keyring) -> None:
    world = open_world(database_url, keyring, small.row_of_tasks(100))
    with taped(world.database) as tape:
        run_case(world, tape)
    assert len(tape.counts) == 100
    assert len(set(tape.counts[1:-1])) == 1, "the first one also makes its sender the officer"
    world.database.close()
