"""How many transactions a page opens: one for who asks, and one for all that it reads and logs.

Who asks is looked up first, in a transaction of its own: it decides whether there is a page at all,
goes by the wall clock, and must not hold the lock of a writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from service.store.database import Database
from service.store.transaction import Tx
from tests.support.world import World
from tests.web.story import Story

SESSION, PAGE = 1, 1


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The transactions that are begun meanwhile on the database of an installation; another one of
    this process may have a worker that looks.
    """
    begun, engine = list[str](), world.program.database.engine
    begin = Database.transaction

    def counting(database: Database, **how: bool) -> AbstractContextManager[Tx]:
        if database.engine is engine:
            begun.append("begin")
        return begin(database, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "transaction", counting)
        yield begun


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_page_opens_one_transaction_besides_the_session(
    story: Story, shipped_world: World
) -> None:
    browser, task = shipped_world.browser("sara"), story.key("Task_OfferReturnInformation")
    browser.get("/inbox")
    for address in (
        "/inbox",
        "/cases",
        "/cases/new",
        "/find",
        f"/tasks/{task}",
        f"/tasks/{task}/print",
        f"/cases/{story.case}",
        f"/cases/{story.case}?tab=history",
        f"/cases/{story.case}/print",
        f"/cases/{story.case}/diagram",
        f"/cases/{story.case}/messages/withdraw",
        f"/v1/tasks/{task}",
        f"/v1/tasks/{task}/form",
        f"/v1/cases/{story.case}",
    ):
        with counted(shipped_world) as begun:
            answer = browser.get(address)
        assert answer.status_code == 200, address
        assert len(begun) == SESSION + PAGE, address
