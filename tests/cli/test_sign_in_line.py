"""Sign-ins wait for their turn without a thread: one is answered at a time, sources take turns, and
pages have their own threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from service.cli.sign_in_line import MOST_WAITING, TURNS, PageAndSignInThreads, SignInLine
from service.web.accounts.session_cookie import BETWEEN
from service.web.accounts.sign_in_source import SignInSource, SignInSources
from tests.support.waiting import LONGEST, until
from tests.support.world import World

THREADS = 8


@dataclass
class Waits:
    """A connection with a request that takes until it may go on."""

    source: SignInSource | None
    may_end: threading.Event = field(default_factory=threading.Event)
    turned_away: bool = False
    begun: bool = False
    ended: bool = False
    cancelled: bool = False

    @property
    def key(self) -> str:
        return self.source.key if self.source is not None else ""

    def service(self) -> None:
        self.begun = True
        assert self.may_end.wait(LONGEST)
        self.ended = True

    def cancel(self) -> None:
        self.cancelled = True


def stranger(network: str) -> SignInSource:
    return SignInSource(network)


@pytest.fixture
def threads() -> Iterator[PageAndSignInThreads]:
    """The threads of a web process."""
    found = PageAndSignInThreads(lambda connection: cast("Waits", connection).source)
    found.set_thread_count(THREADS)
    yield found
    found.shutdown()


def test_sign_ins_hold_up_no_page(threads: PageAndSignInThreads) -> None:
    tries = [Waits(stranger("n")) for _ in range(MOST_WAITING)]
    for one in tries:
        threads.add_task(one)
    until(lambda: any(one.begun for one in tries), "one is being answered")
    pages = [Waits(None) for _ in range(THREADS)]
    for page in pages:
        threads.add_task(page)
    until(lambda: all(page.begun for page in pages), "all threads answer pages at the same time")
    assert sum(one.begun for one in tries) == 1
    for one in (*pages, *tries):
        one.may_end.set()
    until(lambda: all(one.ended for one in (*pages, *tries)), "all are answered")
    assert not any(one.turned_away for one in tries)


def test_one_beyond_the_room_is_answered_at_once(threads: PageAndSignInThreads) -> None:
    first = Waits(stranger("n"))
    threads.add_task(first)
    until(lambda: first.begun, "one is being answered")
    waiting = [Waits(stranger("n")) for _ in range(MOST_WAITING)]
    beyond = Waits(stranger("n"))
    beyond.may_end.set()
    for one in (*waiting, beyond):
        threads.add_task(one)
    until(lambda: beyond.ended, "it is answered while the others wait")
    assert beyond.turned_away
    assert not any(one.begun or one.turned_away for one in waiting)
    other = Waits(stranger("m"))
    waiting[-1].may_end.set()
    threads.add_task(other)
    until(lambda: waiting[-1].ended, "the last of those who are many makes room")
    assert waiting[-1].turned_away
    assert not other.turned_away
    for one in (first, other, *waiting):
        one.may_end.set()
    until(lambda: other.ended and all(one.ended for one in waiting), "all are answered")


def test_who_waits_when_the_process_ends_is_told(threads: PageAndSignInThreads) -> None:
    first, second = Waits(stranger("n")), Waits(stranger("n"))
    threads.add_task(first)
    until(lambda: first.begun, "one is being answered")
    threads.add_task(second)
    threads.shutdown()
    assert second.cancelled
    first.may_end.set()


def order(*sources: SignInSource) -> list[str]:
    """In which order sign-ins are answered that came in this one."""
    line, connections = SignInLine(), list[Waits]()
    for source in sources:
        connections.append(Waits(source))
        assert line.add(connections[-1], source) is None
    return [cast("Waits", line.take()).key for _ in sources]


def test_networks_take_turns_and_a_known_browser_goes_first() -> None:
    flood = [stranger("flood")] * 5
    assert order(*flood, stranger("n")) == ["flood", "n", "flood", "flood", "flood", "flood"]
    known = SignInSource("b", known=True)
    assert order(*flood, stranger("n"), known)[:3] == ["b", "flood", "n"]
    assert order(*flood, known, known)[:4] == ["b", "flood", "b", "flood"]


def test_who_comes_again_waits_behind_the_others() -> None:
    line = SignInLine()
    line.add(Waits(None), stranger("a"))
    line.add(Waits(None), stranger("b"))
    line.take()
    again = Waits(None)
    line.add(again, stranger("a"))
    fresh = Waits(None)
    line.add(fresh, stranger("c"))
    line.take()
    assert line.take() is fresh
    assert line.take() is again


def test_a_new_network_goes_before_many_that_come_again() -> None:
    line, many = SignInLine(), [stranger(str(n)) for n in range(40)]
    for source in many:
        line.add(Waits(source), source)
    for _ in range(100):
        again = cast("Waits", line.take())
        line.add(again, stranger(again.key))
    fresh = Waits(stranger("fresh"))
    line.add(fresh, stranger("fresh"))
    assert line.take() is fresh


def test_new_networks_keep_nobody_waiting_for_ever() -> None:
    line, second = SignInLine(), Waits(None)
    line.add(Waits(None), stranger("office"))
    line.add(second, stranger("office"))
    for n in range(10 * TURNS):
        line.add(Waits(None), stranger(f"new{n}"))
        if line.take() is second:
            break
    else:
        pytest.fail("the second of the office had no turn")
    assert len(vars(line)["_last"]) <= 3 * TURNS, "what has passed is forgotten"


def sources_of(world: World) -> SignInSources:
    return SignInSources(world.app)


def test_a_browser_that_an_account_knows_is_found_by_its_mark(world: World) -> None:
    browser = world.browser("sara")
    cookie = browser.client.get_cookie("tresteg_known")
    assert cookie is not None
    sources = sources_of(world)

    def found(user: bytes, kept: str, address: str = "192.0.2.7") -> SignInSource:
        headers = {"HTTP_COOKIE": f"a=b; tresteg_known={kept}"}
        return sources.find(address=address, headers=headers, body=b"user=" + user + b"&x=1")

    assert found(b"+sara+", cookie.value).known
    assert not found(b"omar", cookie.value).known
    assert not found(b"sara", BETWEEN.join(["20260101.abc.def"] * 9)).known
    assert not found(b"%ff%00", cookie.value).known
    assert found(b"omar", "") == found(b"nobody", "", "192.0.2.200") == stranger("192.0.2.0/24")
    assert found(b"omar", "", "not an address") == stranger("")


def test_the_network_is_that_behind_a_trusted_proxy(world: World) -> None:
    sources = sources_of(world)
    headers = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}

    def found(hops: int) -> str:
        vars(sources)["_proxies"] = hops
        return sources.find(address="127.0.0.1", headers=headers, body=b"").key

    assert [found(hops) for hops in (0, 1, 2)] == [
        "127.0.0.0/24",
        "203.0.113.0/24",
        "198.51.100.0/24",
    ]
