"""The twenty-six promises hold on the files that are shipped, and each notices the one change that
breaks it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from service.application.shipped_files import shipped_bundle
from service.settings import Settings
from tests.programme.broken_promises import BROKEN, Break
from tests.programme.proofs import PROOFS
from tests.programme.world import World

pytestmark = pytest.mark.slow  # each promise is broken once, and the whole release read again

CONFIG = Path(Settings().workflows_dir) / "config"
SHIPPED = World(
    shipped_bundle(Settings()),
    (CONFIG / "grants.toml").read_text(encoding="utf-8"),
    (CONFIG / "visibility.toml").read_text(encoding="utf-8"),
)


@pytest.mark.parametrize("number", PROOFS)
def test_the_shipped_files_keep_the_promise(number: int) -> None:
    assert list(PROOFS[number](SHIPPED)) == []


@pytest.mark.parametrize(
    ("number", "what", "change"), BROKEN, ids=[f"{n} {what}" for n, what, _ in BROKEN]
)
def test_a_change_that_breaks_the_promise_is_named(number: int, what: str, change: Break) -> None:
    assert list(PROOFS[number](change(SHIPPED))) != [], what


def test_there_are_twenty_six_promises_and_each_is_broken_once() -> None:
    assert list(PROOFS) == list(range(1, 27))
    assert {number for number, _, _ in BROKEN} == set(PROOFS)
