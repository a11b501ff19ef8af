"""Fixpoints over places: each is solved again only when one that it is made of has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence


def settle(
    order: Sequence[str], asked: Mapping[str, Iterable[str]], changes: Callable[[str], bool]
) -> None:
    """Solve all places until nothing changes.

    Args:
        order: all places; the nearer to the way that facts go, the sooner it ends.
        asked: the places that the facts of each place are made of.
        changes: solves one place again, and tells whether its facts have changed.
    """
    dependents: dict[str, list[str]] = {id_: [] for id_ in order}
    for id_, others in asked.items():
        for other in others:
            if other in dependents:
                dependents[other].append(id_)
    stale = set(order)
    while stale:
        for id_ in order:
            if id_ in stale:
                stale.discard(id_)
                if changes(id_):
                    stale.update(dependents[id_])


def ordered(first: Iterable[str], following: Callable[[str], Iterable[str]]) -> list[str]:
    """All places that are reached, each behind those that follow it, loops aside (postorder)."""
    done: dict[str, None] = {}
    entered: set[str] = set()
    todo = [(id_, False) for id_ in first][::-1]
    while todo:
        id_, left = todo.pop()
        if left:
            done[id_] = None
        elif id_ not in entered:
            entered.add(id_)
            todo.append((id_, True))
            todo += [(other, False) for other in following(id_)]
    return [*done]
