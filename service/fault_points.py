"""Fault points: named places where a crash would hurt most.

In service they do nothing; a test arms them and ends the process there. `w` is on the way of one
command, `k` of a job, `l` of a letter, `m` of an upgrade, `r` of a rotation of keys, `s` of a
checkpoint, `e` of an erasure.
"""

from __future__ import annotations

from collections.abc import Callable

NAMES = (
    *("w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"),
    *("k1", "k2", "k3", "l1", "l2", "l3", "s1", "s2", "s3"),
)
ERASURE = ("e1", "e2")
"""On the way of an erasure: e1 the list outside names it and it is not yet committed, e2 it is
committed and the list does not say so."""
"""w1 begun, w2 moved by the engine, w3 case written, w4 fact and ledger entry written,
w5 work written, w6 grants written, w7 before the commit, w8 after it;
k1 job leased, k2 before its work, k3 handler has answered;
l1 letter leased, l2 before it is sent, l3 taken by the mail server and not yet marked;
s1 ledger entries have places, s2 the same after the commit, s3 the folder has the checkpoint."""
SCHEMA = ("m1", "m2")
"""On the way of an upgrade: m1 tables changed and not yet committed, m2 after the commit."""
KEYS = ("r1", "r2", "r3", "r4", "r5", "r6")
"""On the way of a rotation: r1 the next epoch is announced and in no keyring yet, r2 it wraps,
r3 some keys are wrapped by it and not committed, r4 after that commit, r5 all are; r6 the one
before is retired, and still in the keyring."""

_armed: list[Callable[[str], object]] = []


def hit(name: str) -> None:
    """The program is at this place."""
    for act in _armed:
        act(name)


def arm(act: Callable[[str], object]) -> None:
    """Have every place call `act` from now on, in this process."""
    _armed.append(act)
