"""Whoever writes the database without a key gets nothing made true: the product uses each changed
row, and refuses it, or verification names it afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from service.store.read_models import whole_rows
from service.store.tables import metadata
from service.store.tables.metadata import decides_something
from tests.support.scale import SEED, figure
from tests.trust.using import (
    ACTS,
    HARMLESS,
    HARMLESS_TABLES,
    MADE_TRUE,
    NOT_YET,
    Act,
    Places,
    UsedInstallation,
    UsedWriter,
    is_not_yet,
)

PARTS = 10
OK = 200
TRIES = 40
"""Changes of a kind after which it counts as safe."""


def test_every_table_that_decides_has_rows(used_installation: UsedInstallation) -> None:
    used_installation.begin_again()
    with used_installation.here.program.database.transaction(write=False) as tx:
        empty = [
            table.name
            for table in metadata.sorted_tables
            if decides_something(table) and not whole_rows.stored(tx, table.name)
        ]
    assert empty == []
    assert ACTS.keys() == metadata.tables.keys() - HARMLESS_TABLES.keys()


@pytest.mark.parametrize("what", dict.fromkeys(ACTS.values()), ids=lambda what: what.__name__)
def test_without_a_change_the_use_leaves_all_whole(
    used_installation: UsedInstallation, what: Callable[[Places], list[Act]]
) -> None:
    """And people get somewhere by it, so that the matrix is not about refusals alone."""
    table, writer = metadata.tables["cases"], UsedWriter(used_installation, "unchanged")
    used_installation.begin_again()
    before, more = used_installation.after(table).told, Counter[tuple[object, ...]]()
    for case in writer.cases:
        used_installation.begin_again()
        answers = used_installation.use(what(writer.places(case)))
        assert used_installation.sentences(None) == []
        more += used_installation.after(table).told - before
        assert more or OK in answers


@pytest.mark.parametrize("part", range(PARTS))
def test_no_change_is_made_true_by_being_used(
    used_installation: UsedInstallation, part: int
) -> None:
    writer, missed = UsedWriter(used_installation, f"used {part}"), list[str]()
    for kind, change, outcome, told in writer.changes(figure("uses") // PARTS, part, PARTS):
        if outcome == MADE_TRUE and not is_not_yet(kind):
            missed.append(f"{kind}: {change}: {told}")
    assert missed == [], f"{SEED}used {part}"


def test_each_run_changes_a_column_and_a_row_of_every_table(
    used_installation: UsedInstallation,
) -> None:
    writer = UsedWriter(used_installation, "kinds")
    parts = [writer.kinds_of(part, PARTS)[: figure("uses") // PARTS] for part in range(PARTS)]
    tried = {(table, what in writer.whole) for part in parts for table, what in part}
    assert tried == {(table, what in writer.whole) for table, what in writer.kinds()}


def test_what_can_do_no_harm_is_declared_and_exists() -> None:
    tables = metadata.tables
    assert set(HARMLESS_TABLES) <= set(tables)
    assert all(name in tables[table].c for table, name in HARMLESS)
    assert all((*HARMLESS_TABLES.values(), *HARMLESS.values(), *NOT_YET.values()))


def test_what_is_not_safe_yet_exists(used_installation: UsedInstallation) -> None:
    kinds = set(UsedWriter(used_installation, "kinds").kinds())
    assert NOT_YET.keys() <= kinds
    assert not NOT_YET.keys() & HARMLESS.keys()


@pytest.mark.parametrize("kind", [*NOT_YET][: figure("unsafe")], ids=" ".join)
def test_what_is_not_safe_yet_is_still_missed(
    used_installation: UsedInstallation, kind: tuple[str, str]
) -> None:
    """What is safe by now goes out of `NOT_YET`."""
    writer = UsedWriter(used_installation, f"not yet {kind}")
    found = (writer.tried(kind) for _ in range(TRIES))
    assert any(one is not None and one[1] == MADE_TRUE for one in found)
