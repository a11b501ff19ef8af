"""A case with a long history: its tabs and its replay draw fifty rows, and lead to the others."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from service.audit import replay_view
from service.casework.pages import people_tab, tasks_tab
from service.casework.tasks import claims
from service.security.keyring import Keyring
from tests.support import small
from tests.support.directory import THREE_OFFICES
from tests.support.world import World, open_world, small_process
from tests.web.story import Story

AGAIN = {**small.ANSWERS, "answer": ["YES"]}


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    world = small_process(open_world(database_url, keyring, directory=THREE_OFFICES))
    world.publish(small.loop())
    yield world
    world.database.close()


def claimed_often(desk: World, case: str, times: int) -> None:
    """A task is claimed and put back: two lines each time."""
    services, viewer = desk.program.services, desk.viewer()
    with desk.database.transaction() as tx:
        key, now = desk.tasks(case)[0].key, desk.clock.now()
        for _ in range(times):
            claims.claim(tx, services, by=viewer, task_key=key, now=now)
            claims.release_task(tx, services, by=viewer, task_key=key, now=now)


def pages_of(desk: World, address: str, name: str = "sara") -> list[str]:
    """Every page, by the link to the next."""
    browser, found = desk.browser(name), list[str]()
    while address:
        found.append(browser.get(address).text)
        link = re.search(r'<a rel="next"\s+href="([^"]+)"', found[-1])
        address = link[1].replace("&amp;", "&") if link else ""
    return found


def lines_of(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'id="line-(\d+)"', page)]


def test_the_history_begins_with_the_newest_fifty_lines(desk: World) -> None:
    case = desk.start(small.ANSWERS).case_id
    claimed_often(desk, case, 60)
    pages = pages_of(desk, f"/cases/{case}?tab=history")
    assert [len(lines_of(page)) for page in pages] == [50, 50, 21]
    assert [n for page in pages for n in lines_of(page)] == list(range(121, 0, -1))
    assert all("Verified: 121" in page for page in pages), "the whole chain, whichever page"
    back = re.search(r'<a rel="prev"\s+href="([^"]+)"', pages[2])
    assert back is not None
    assert lines_of(desk.browser("sara").get(back[1].replace("&amp;", "&")).text) == lines_of(
        pages[1]
    )


def test_a_link_to_a_line_opens_the_page_on_which_it_stands(desk: World) -> None:
    case = desk.start(small.ANSWERS).case_id
    claimed_often(desk, case, 60)
    browser = desk.browser("sara")
    shown = browser.get(f"/cases/{case}/diagram?at=1").text
    link = re.search(r'href="([^"]+tab=history[^"]+#line-1)"', shown)
    assert link is not None
    page = browser.get(link[1].replace("&amp;", "&")).text
    assert lines_of(page)[-1] == 1
    assert re.search(r'id="line-1"\s+aria-current="true"', page)
    assert lines_of(browser.get(f"/cases/{case}?tab=history&at=999").text)[0] == 121


def test_one_kind_of_line_is_paged_by_itself(desk: World) -> None:
    case = desk.start(small.ANSWERS).case_id
    claimed_often(desk, case, 60)
    desk.do(case, "a", AGAIN)
    assert lines_of(pages_of(desk, f"/cases/{case}?tab=history&kind=person")[0]) == [122, 1]
    pages = pages_of(desk, f"/cases/{case}?tab=history&kind=line")
    assert [len(lines_of(page)) for page in pages] == [50, 50, 20]
    assert all("kind=line" in page for page in pages)


def test_finished_tasks_are_paged(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_tab, "ON_A_PAGE", 2)
    case = desk.start(small.ANSWERS).case_id
    for _ in range(4):
        desk.do(case, "a", AGAIN)
    pages = pages_of(desk, f"/cases/{case}?tab=tasks")
    links = [re.findall(r'href="/tasks/(\w+)"', page.partition('id="done"')[2]) for page in pages]
    assert [len(found) for found in links] == [2, 2, 0], "the start has no page"
    assert len({task for found in links for task in found}) == 4


def test_a_replay_leads_on_to_the_lines_it_does_not_hold(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_view, "MOST", 4)
    case = desk.start(small.ANSWERS).case_id
    for _ in range(9):
        desk.do(case, "a", AGAIN)
    page = desk.browser("greta").get(f"/audit/cases/{case}/replay?at=6").text
    assert re.search(r'data-earlier="4" data-start="1"\s*data-later="9" data-end="10"', page)
    assert page.count('"kind_name"') == 4, "as many lines as the page replays"
    assert '"rounds": {"complete/a": [2, 3, 4, 5, 6, 7, 8, 9, 10]}' in page
    assert f'href="/audit/cases/{case}/replay?at=9"' in page, "and without script"


def test_groups_of_answers_are_paged_and_open_where_they_stand(
    shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_tab, "ON_A_PAGE", 2)
    story = Story(shipped_world)
    story.until("Task_CounselReturnee", Task_SubmitReferral={"familyName": "KANARIE"})
    address = f"/cases/{story.case}?tab=people"
    pages = pages_of(shipped_world, address, "aino")
    found = [re.findall(r'<section class="t-card" id="group-([^"]+)"', page) for page in pages]
    groups = [group for page in found for group in page]
    assert len(pages) > 1
    assert {len(page) for page in found[:-1]} == {2}
    assert len(set(groups)) == len(groups)
    assert "name" in groups
    browser = shipped_world.browser("aino")
    opened = browser.get(f"{address}&show=name").text
    assert "KANARIE" in opened, "an address with an open group leads to its page"
    link = re.search(r'id="group-name-toggle"\s+href="([^"]+)#group-name"', opened)
    assert link is not None
    closed = browser.get(link[1].replace("&amp;", "&")).text
    assert 'id="group-name"' in closed, "it closes on the page on which it stands"
    assert "KANARIE" not in closed
    story.close()
