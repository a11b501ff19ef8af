"""The tree of RFC 9162, against the definition as the standard writes it down."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from random import Random

import pytest

from service.security import merkle_tree
from service.security.merkle_tree import (
    EMPTY_ROOT,
    HashedTree,
    TreeState,
    is_consistent,
    is_included,
)

MOST = 130
LEAVES = tuple(sha256(b"\x00" + nth.to_bytes(2)).digest() for nth in range(MOST))
KNOWN_LEAVES = (
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
    "606162636465666768696a6b6c6d6e6f",
)
KNOWN_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Leaves and roots that the logs of Certificate Transparency test themselves with."""


@cache
def mth(begin: int, end: int) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if end == begin:
        return sha256(b"").digest()
    if end - begin == 1:
        return LEAVES[begin]
    k = 1
    while 2 * k < end - begin:
        k *= 2
    return sha256(b"\x01" + mth(begin, begin + k) + mth(begin + k, end)).digest()


def path(m: int, begin: int, end: int) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1, word for word."""
    n = end - begin
    if n == 1:
        return []
    k = 1
    while 2 * k < n:
        k *= 2
    if m < k:
        return [*path(m, begin, begin + k), mth(begin + k, end)]
    return [*path(m - k, begin + k, end), mth(begin, begin + k)]


def subproof(m: int, begin: int, end: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1, word for word."""
    n = end - begin
    if m == n:
        return [] if known else [mth(begin, end)]
    k = 1
    while 2 * k < n:
        k *= 2
    if m <= k:
        return [*subproof(m, begin, begin + k, known=known), mth(begin + k, end)]
    return [*subproof(m - k, begin + k, end, known=False), mth(begin, begin + k)]


def test_roots_are_those_that_other_logs_have() -> None:
    leaves = [sha256(b"\x00" + bytes.fromhex(text)).digest() for text in KNOWN_LEAVES]
    roots = [merkle_tree.root(leaves[: nth + 1]).hex() for nth in range(len(leaves))]
    assert roots == list(KNOWN_ROOTS)
    assert merkle_tree.root([]) == EMPTY_ROOT == sha256(b"").digest()


def test_a_tree_that_grows_has_the_root_of_its_leaves() -> None:
    state = TreeState()
    for size in range(MOST + 1):
        assert state.root() == mth(0, size)
        assert len(state.peaks) == size.bit_count()
        state = TreeState(state.size, state.peaks)  # as it comes back from where it is kept
        state.append(LEAVES[size : size + 1])


@pytest.mark.parametrize(("size", "peaks"), [(1, []), (2, [b"x" * 32] * 2), (1, [b"short"])])
def test_a_state_that_no_tree_has_is_refused(size: int, peaks: list[bytes]) -> None:
    with pytest.raises(ValueError, match="peak"):
        TreeState(size, peaks)


def test_every_inclusion_proof_is_that_of_the_standard() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = merkle_tree.inclusion_proof(LEAVES[:size], index)
            assert proof == path(index, 0, size)
            assert is_included(LEAVES[index], index, size, mth(0, size), proof)


def test_every_consistency_proof_is_that_of_the_standard() -> None:
    for size in range(MOST + 1):
        for first in range(size + 1):
            proof = merkle_tree.consistency_proof(LEAVES[:size], first)
            assert proof == (subproof(first, 0, size, known=True) if first else [])
            assert is_consistent(first, mth(0, first), size, mth(0, size), proof)


def forgeries(proof: list[bytes], random: Random) -> list[list[bytes]]:
    """A proof with a node too many, too few, changed, swapped, or drawn at random."""
    place = random.randrange(len(proof) + 1)
    noise = random.randbytes(32)
    forged = [[*proof[:place], noise, *proof[place:]], [*proof, noise], [noise, *proof]]
    if proof:
        nth = random.randrange(len(proof))
        bit = bytes([proof[nth][0] ^ 1, *proof[nth][1:]])
        forged += [proof[:nth] + proof[nth + 1 :], proof[:-1], proof[1:]]
        forged += [[*proof[:nth], changed, *proof[nth + 1 :]] for changed in (noise, bit)]
        forged += [[*proof, proof[-1]], [random.randbytes(32) for _ in proof]]
        forged += [proof[::-1]] if proof[::-1] != proof else []
    return forged


def test_forged_inclusion_proofs_are_refused() -> None:
    random = Random(5)  # noqa: S311 - noise for tests
    for size in range(1, MOST + 1):
        for index in range(size):
            leaf, root, proof = LEAVES[index], mth(0, size), path(index, 0, size)
            for forged in forgeries(proof, random):
                assert not is_included(leaf, index, size, root, forged)
            others = {index - 1, index + 1, random.randrange(-1, size + 1)} - {index}
            assert not any(is_included(leaf, other, size, root, proof) for other in others)
            assert not is_included(LEAVES[index - 1], index, size, root, proof) or size == 1
            assert not is_included(leaf, index, size, mth(0, size - 1), proof)
            assert not is_included(leaf, index, 0, root, proof)


def test_a_size_of_another_checkpoint_is_no_size() -> None:
    """Why size and root must come from the same note: the path of most leaves is the same."""
    proof = path(0, 0, 8)
    assert is_included(LEAVES[0], 0, 7, mth(0, 8), proof)
    assert not is_included(LEAVES[0], 0, 7, mth(0, 7), proof)
    assert not is_included(LEAVES[0], 0, 9, mth(0, 9), proof)


def test_forged_consistency_proofs_are_refused() -> None:
    random = Random(6)  # noqa: S311 - noise for tests
    for size in range(MOST + 1):
        for first in range(size + 1):
            old, new = mth(0, first), mth(0, size)
            proof = subproof(first, 0, size, known=True) if first else []
            for forged in forgeries(proof, random):
                assert not is_consistent(first, old, size, new, forged)
            noise = random.randbytes(32)
            assert not is_consistent(first, noise, size, new, proof)
            assert not is_consistent(first, old, size, noise, proof) or first == 0 < size
            for other in {first - 1, first + 1} - {0}:
                assert not is_consistent(other, old, size, new, proof)
            assert first == size or not is_consistent(size, new, first, old, proof)


def test_proofs_of_what_never_was_are_not_made() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle_tree.inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(ValueError, match="never"):
        merkle_tree.consistency_proof(LEAVES[:3], 4)


def test_a_hashed_tree_gives_the_proofs_of_the_standard() -> None:
    for size in range(MOST + 1):
        tree = HashedTree(b"".join(LEAVES[:size]))
        assert tree.root() == mth(0, size)
        for index in range(size):
            assert tree.leaf(index) == LEAVES[index]
            assert tree.inclusion_proof(index) == path(index, 0, size)
    for size in range(1, MOST + 1):
        for first in range(1, size):
            assert tree.consistency_proof(first, size) == subproof(first, 0, size, known=True)
    for wrong in (-1, MOST, MOST + 1):
        with pytest.raises(ValueError, match="has no leaf"):
            tree.inclusion_proof(wrong)
    with pytest.raises(ValueError, match="had never"):
        tree.consistency_proof(1, MOST + 1)
