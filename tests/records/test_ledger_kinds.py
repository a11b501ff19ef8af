"""The ledger takes entries of known kinds, with known keys, only."""

from __future__ import annotations

import pytest

from service.records.ledger_kinds import KINDS, check


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_takes_all_its_keys_or_none(kind: str) -> None:
    check(kind, KINDS[kind])
    check(kind, ())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no lines of kind gossip"):
        check("gossip", ())


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="kind note has no document"):
        check("note", {"note", "document"})
