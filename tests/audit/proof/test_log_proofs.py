"""Proofs of the whole log are those of its tree."""

from __future__ import annotations

from service.audit.proof.log_proofs import load_log_proofs
from service.security.checkpoint import parse
from service.security.merkle_tree import is_consistent, is_included
from tests.support.proven import Proven


def test_every_entry_is_included_and_older_heads_lead_on(proven: Proven) -> None:
    stream = f"case/{proven.case}"
    with proven.world.database.transaction(write=False) as tx:
        log = load_log_proofs(tx, [stream])
    assert log is not None
    newest = parse(log.note)
    assert log.tree.root() == newest.root
    assert sorted(seq for _, seq in log.places) == list(range(1, len(log.places) + 1))
    for place in log.places.values():
        leaf = log.tree.leaf(place)
        proof = log.tree.inclusion_proof(place)
        assert is_included(leaf, place, newest.size, newest.root, proof)
    older = parse(proven.older.decode())
    proofs = log.consistency([proven.older.decode(), "no note", log.note])
    assert list(proofs) == [older.size]
    proof = proofs[older.size]
    assert is_consistent(older.size, older.root, newest.size, newest.root, proof)
