"""The Merkle tree of RFC 9162 over the hashes of ledger entries: roots and proofs.

A leaf is the hash of an entry, SHA-256(0x00 followed by the entry), and a node is SHA-256(0x01
followed by its two children). Proofs are lists of nodes; a proof with a node too many, too few or
changed is refused, and so is one for another place or size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

NODE: Final = b"\x01"
HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


class TreeState:
    """What must be kept of a tree so that it can grow: at most 64 hashes.

    `peaks` are the roots of its full subtrees, the largest first: one for each bit of `size`.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"a peak has {HASH_BYTES} bytes")

    def append(self, leaves: Iterable[bytes]) -> None:
        """Add leaves at the end."""
        peaks = self.peaks
        for leaf in leaves:
            node, rest = leaf, self.size
            while rest & 1:
                node = _node(peaks.pop(), node)
                rest >>= 1
            peaks.append(node)
            self.size += 1

    def root(self) -> bytes:
        """Root of the tree as it is now."""
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = _node(peak, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """Root of the tree of these leaves."""
    state = TreeState()
    state.append(leaves)
    return state.root()


class HashedTree:
    """A whole tree with all its nodes: of many leaves each proof costs a few look-ups."""

    def __init__(self, leaves: bytes | bytearray) -> None:
        """Hash the nodes.

        Args:
            leaves: hashes of the entries, one after the other.
        """
        self.size = len(leaves) // HASH_BYTES
        self._levels = [bytes(leaves)]
        while len(self._levels[-1]) >= 2 * HASH_BYTES:
            below = self._levels[-1]
            pairs = range(0, len(below) - 2 * HASH_BYTES + 1, 2 * HASH_BYTES)
            self._levels.append(
                b"".join(sha256(NODE + below[at : at + 2 * HASH_BYTES]).digest() for at in pairs)
            )

    def root(self) -> bytes:
        """Root of the tree."""
        return self._root(0, self.size) if self.size else EMPTY_ROOT

    def leaf(self, index: int) -> bytes:
        """The hash of an entry."""
        return self._root(index, index + 1)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """As `inclusion_proof`.

        Raises:
            ValueError: there is no such leaf.
        """
        return _inclusion(self.size, index, self._root)

    def consistency_proof(self, first: int, second: int | None = None) -> list[bytes]:
        """As `consistency_proof`, of the tree as it was with `second` leaves.

        Raises:
            ValueError: the tree was never of that size.
        """
        size = self.size if second is None else second
        if not 0 <= size <= self.size:
            raise ValueError(f"a tree of {self.size} leaves had never {size}")
        return _consistency(size, first, self._root)

    def _root(self, begin: int, end: int) -> bytes:
        """Root of a part that begins where a subtree does."""
        size = end - begin
        if size & (size - 1):
            middle = begin + _split(size)
            return _node(self._root(begin, middle), self._root(middle, end))
        at = (begin // size) * HASH_BYTES
        return self._levels[size.bit_length() - 1][at : at + HASH_BYTES]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Proof that the leaf at `index` is in the tree of these leaves (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    return _inclusion(len(leaves), index, lambda begin, end: root(leaves[begin:end]))


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Proof that the tree of the first leaves is the beginning of the whole (RFC 9162, 2.1.4.1).

    Empty when there is nothing to prove: `first` is 0, or the whole.

    Raises:
        ValueError: the tree was never of that size.
    """
    return _consistency(len(leaves), first, lambda begin, end: root(leaves[begin:end]))


def is_included(
    leaf: bytes, index: int, size: int, tree_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that `leaf` stands at `index` of the tree (RFC 9162, 2.1.3.2).

    Args:
        size: and `tree_root`: both of the same signed checkpoint. With the size of another, a proof
            can hold that says nothing.
    """
    if not 0 <= index < size:
        return False
    climbed = _climb(index, size - 1, [leaf, *proof])
    return climbed is not None and climbed[1] == tree_root


def is_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the first tree is the beginning of the second (2.1.4.2).

    Sizes and roots are those of two signed checkpoints.
    """
    if not 0 <= first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not proof:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    return _climb(place, last, path) == (first_root, second_root)


def _climb(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """From a node up to the root: the roots that the first and the second tree have then.

    None when there are nodes too many or too few.

    Args:
        place: where the node stands on its level, and `last`: where the last one stands there.
        path: the node itself, then those that it meets on its way.
    """
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old = _node(other, old)
            new = _node(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = _node(new, other)
        place, last = place >> 1, last >> 1
    return None if last else (old, new)


def _inclusion(size: int, index: int, root_of: Callable[[int, int], bytes]) -> list[bytes]:
    """Proof of a leaf; `root_of` gives the root of the leaves from one place up to another."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(root_of(middle, end))
            end = middle
        else:
            proof.append(root_of(begin, middle))
            begin = middle
    return proof[::-1]


def _consistency(size: int, first: int, root_of: Callable[[int, int], bytes]) -> list[bytes]:
    """Proof of an older tree; `root_of` as above."""
    if not 0 <= first <= size:
        raise ValueError(f"a tree of {size} leaves had never {first}")
    if first in {0, size}:
        return []
    proof: list[bytes] = []
    begin, end, whole = 0, size, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            proof.append(root_of(middle, end))
            end = middle
        else:
            proof.append(root_of(begin, middle))
            begin, whole = middle, False
    if not whole:
        proof.append(root_of(begin, end))
    return proof[::-1]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
