"""A cache of values by key."""

from __future__ import annotations

from service.release.recently_used import RecentlyUsed


def test_what_was_used_longest_ago_leaves_first() -> None:
    cache = RecentlyUsed[int](2)
    assert cache.put("a", 1) == 1
    cache.put("b", 2)
    assert cache.get("a") == 1, "used again"
    cache.put("c", 3)
    assert cache.keys() == ["a", "c"]
    assert cache.get("b") is None


def test_a_value_that_is_put_again_is_the_newest() -> None:
    cache = RecentlyUsed[int](2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        cache.put(key, value)
    assert (cache.get("a"), cache.get("b")) == (3, None)
