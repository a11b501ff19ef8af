"""Sign-ins and wrong tries at the same moment: what the database lets one after the other."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from service.people.rate_limits import LONGEST_WAIT
from service.security.passwords import PlaceInLine
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.store.tables import login_session
from tests.support.browser import Browser
from tests.support.directory import give_password
from tests.support.waiting import LONGEST, until
from tests.support.world import SEED, World

if TYPE_CHECKING:
    import pytest

from sqlalchemy import select

THREADS, TRIES, ROUNDS = 6, 30, 3
NEW = "staple battery horse correct"


def alive(world: World) -> int:
    """Sessions that are there."""
    with world.database.transaction(write=False) as tx:
        return len(tx.all(lambda *row: row, as_system("schema", select(login_session))))


def change(world: World, hashed: bytes) -> None:
    """Change Sara's password, as an operator does."""
    with world.database.transaction() as tx:
        give_password(
            tx,
            world.program.services,
            by=SEED,
            now=world.clock.now(),
            sign_in="sara",
            password=hashed,
        )


def test_no_sign_in_outlives_a_changed_password(world: World) -> None:
    for number in range(ROUNDS):
        # the wrong tries of the round before make their network wait for an hour at most
        world.clock.set(world.clock.now() + LONGEST_WAIT)
        old = f"{number} correct horse battery staple"
        hashes = [world.program.passwords.hash(password) for password in (old, NEW)]
        change(world, hashes[0])
        begun, done = threading.Barrier(THREADS + 1, timeout=LONGEST), threading.Event()
        came = Counter[int]()

        def signs_in(
            old: str = old, begun: threading.Barrier = begun, done: threading.Event = done
        ) -> Counter[int]:
            browser, answers = world.browser(), Counter[int]()
            begun.wait()
            while not done.is_set():
                answers[browser.sign_in("sara", old).status_code] += 1
                browser.client.delete_cookie("tresteg_demo")
            answers[browser.sign_in("sara", old).status_code] += 1
            return answers

        with ThreadPoolExecutor(THREADS) as pool:
            waiting = [pool.submit(signs_in) for _ in range(THREADS)]
            try:
                begun.wait()
                until(lambda: alive(world), "somebody came in with the old password")
                change(world, hashes[1])
            finally:
                done.set()
            for one in waiting:
                came += one.result()
        assert came[303], "some came in before"
        assert alive(world) == 0, came


def test_five_of_many_wrong_tries_at_once_are_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    gate, fits = threading.Barrier(TRIES, timeout=LONGEST), PlaceInLine.fits

    def counted(self: PlaceInLine, kept: bytes | None, password: str) -> bool:
        if kept is not None:
            checked.append(password)
        return fits(self, kept, password)

    monkeypatch.setattr(PlaceInLine, "fits", counted)

    def tries(number: int) -> int:
        browser = Browser(world.app.test_client())
        browser.get("/sign-in")
        gate.wait()
        form = {"user": "sara", "password": f"{number} a wrong one, long enough"}
        while (status := browser.post("/sign-in", form).status_code) == 503:
            pass  # too many at a time: nothing was counted
        return status

    with ThreadPoolExecutor(TRIES) as pool:
        assert Counter(pool.map(tries, range(TRIES))) == {422: TRIES}
    assert len(checked) == 5
    with world.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, "system", kinds=["sign_in_failed"], limit=TRIES)
    assert len(entries) == 5
