"""The inbox and the office: what waits, who takes it, what is new."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from werkzeug.test import TestResponse

from service.casework.tasks import claims as verbs
from service.casework.tasks import unsent_answers
from service.clock import SetClock
from service.store.installation import ledger_entries
from service.store.tables import task as task_table
from service.store.work import tasks
from tests.support import by_hand
from tests.support.browser import Browser
from tests.support.directory import BOARD
from tests.support.world import World

ROW = re.compile(r'name="task" value="([0-9A-Z]{26})"')


MARKED = re.compile(r'<span class="t-count">(\d+)</span>')


def rows(browser: Browser, query: str = "") -> list[str]:
    """Keys of the tasks on the page, in its order."""
    page = browser.get(f"/inbox{query}")
    assert page.status_code == 200
    return ROW.findall(page.text)


def started(world: World, number: int) -> list[str]:
    """The first tasks of some new cases."""
    return [world.start_case().opened[0].key for _ in range(number)]


def test_an_empty_inbox_says_so_in_one_sentence(world: World) -> None:
    assert "Nothing to do just now." in world.browser("sara").get("/inbox").text


def test_what_waits_for_the_office_is_in_the_inbox(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    browser = shipped_world.browser("stina")
    page = browser.get("/inbox")
    assert rows(browser) == [moved.opened[0].key]
    assert moved.ref in page.text
    assert "Sara, Social" in page.text
    assert "not opened by you" in page.text
    assert rows(shipped_world.browser("omar")) == []


def test_lists_have_what_their_names_say(shipped_world: World) -> None:
    first, second = started(shipped_world, 2)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    assert browser.post("/inbox", {"task": first, "do": "claim"}).status_code == 303
    assert rows(browser, "?box=mine") == [first]
    assert rows(browser, "?box=unclaimed") == [second]
    assert set(rows(browser, "?box=office")) == {first, second}
    assert MARKED.findall(browser.get("/inbox").text)[:3] == ["1", "2", "1"]


def test_cases_that_wait_for_others_say_where_and_since_when(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    with shipped_world.program.database.transaction() as tx:
        by_hand.hand_to(tx, moved.case_id, moved.opened[0].role, BOARD)
    page = shipped_world.browser("sara").get("/inbox?box=waiting")
    assert moved.ref in page.text
    assert "Board" in page.text
    assert "2026-03-02 13:00" in page.text


def test_a_filter_that_matches_nothing_offers_to_be_cleared(shipped_world: World) -> None:
    started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    assert len(rows(browser, "?stage=1")) == 1
    assert rows(browser, "?stage=3") == []
    assert "No task matches." in browser.get("/inbox?stage=3").text
    assert len(rows(browser, "?sender=social")) == 1
    assert rows(browser, f"?sender={BOARD}") == []
    assert rows(browser, "?due=late") == []


def test_nonsense_in_the_address_counts_as_not_asked(shipped_world: World) -> None:
    started(shipped_world, 1)
    assert (
        len(rows(shipped_world.browser("sara"), "?box=none&stage=9&due=never&sort=size&page=-1"))
        == 1
    )


def test_late_comes_first(shipped_world: World, clock: SetClock) -> None:
    keys = started(shipped_world, 3)
    for key, days in zip(keys, (5, -1, 1), strict=True):
        date_task(shipped_world, key, due=clock.now() + timedelta(days=days))
    browser = shipped_world.browser("sara")
    assert rows(browser) == [keys[1], keys[2], keys[0]]
    assert "Late 1 day" in browser.get("/inbox").text
    assert rows(browser, "?due=late") == [keys[1]]
    assert rows(browser, "?sort=new")[0] in keys


def test_giving_to_a_colleague(shipped_world: World) -> None:
    (key,) = started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    answer = browser.post(
        "/inbox", {"task": key, "do": "give", "to": "p_stina", "back": "/inbox?box=office"}
    )
    assert answer.headers["Location"] == "/inbox?box=office&done=1"
    assert "1 task was changed" in browser.get(answer.headers["Location"]).text
    assert rows(shipped_world.browser("stina"), "?box=mine") == [key]


def test_a_task_that_moved_does_not_stop_the_others(shipped_world: World) -> None:
    mine, taken, free = started(shipped_world, 3)
    with shipped_world.program.database.transaction() as tx:
        verbs.claim(
            tx,
            shipped_world.program.services,
            by=shipped_world.loaded_viewer("stina"),
            task_key=taken,
            now=shipped_world.clock.now(),
        )
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    answer = browser.post(
        "/inbox", {"task": [mine, taken, free, "01J9ZK7Q4M9X2TDW8B5RCE3FNH"], "do": "claim"}
    )
    page = browser.get(answer.headers["Location"])
    assert "2 tasks were changed" in page.text
    assert "Stina" in page.text
    assert "already over" in page.text
    assert set(rows(browser, "?box=mine")) == {mine, free}


def test_the_same_form_sent_twice_has_one_effect(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    answers = [
        browser.post("/inbox", {"task": moved.opened[0].key, "do": "claim"}).headers["Location"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    with shipped_world.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"case/{moved.case_id}")].count(
            "claim"
        ) == 1


def test_the_same_key_with_another_body_is_refused(shipped_world: World) -> None:
    (key,) = started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    hidden = browser.hidden()
    browser.post("/inbox", {"task": key, "do": "claim", **hidden})
    assert browser.post("/inbox", {"task": key, "do": "put_back", **hidden}).status_code == 422


def test_a_form_without_a_key_does_nothing(shipped_world: World) -> None:
    (key,) = started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    assert browser.post("/inbox", {"task": key, "do": "claim", "_once": ""}).status_code == 400
    assert rows(browser, "?box=mine") == []


def date_task(world: World, key: str, **moments: datetime) -> None:
    """Give a task other moments than its step does."""
    with world.program.database.transaction() as tx:
        row = tasks.get(tx, key)
        assert row is not None
        after = replace(row, **moments)  # type: ignore[arg-type] # moments of a test
        changed = {**moments, "sort_due": after.place[0], "mac": tasks.ROWS.mac(tx, after)}
        tx.run(task_table.update().where(task_table.c.key == key).values(**changed))


def let_rest(browser: Browser, keys: list[str], until: str) -> TestResponse:
    browser.get("/inbox")
    return browser.post("/inbox", {"task": keys, "do": "follow_up", "until": until})


def test_a_task_rests_until_its_day_never_past_its_due_date(
    shipped_world: World, clock: SetClock
) -> None:
    key, due = started(shipped_world, 2)
    date_task(shipped_world, key, due=clock.now() + timedelta(days=20))
    date_task(shipped_world, due, due=clock.now() + timedelta(days=3))
    browser = shipped_world.browser("sara")
    answer = let_rest(browser, [key, due], "2026-03-09")
    page = browser.get(answer.headers["Location"]).text
    assert "1 task was changed" in page
    assert "is due 2026-03-05 and may rest until then, no longer." in page
    assert rows(browser) == [due]
    clock.set(clock.now() + timedelta(days=7))
    assert set(rows(shipped_world.browser("sara"))) == {key, due}


def test_what_is_due_today_or_is_an_alarm_never_rests(
    shipped_world: World, clock: SetClock
) -> None:
    today, alarm, other = started(shipped_world, 3)
    date_task(
        shipped_world,
        today,
        due=clock.now() + timedelta(hours=5),
        opened_at=clock.now() - timedelta(days=9),
    )
    date_task(shipped_world, alarm, due=clock.now() + timedelta(minutes=30))
    date_task(shipped_world, other, due=clock.now() + timedelta(days=20))
    browser = shipped_world.browser("sara")
    refused = let_rest(browser, [today, alarm], "2026-03-09")
    assert refused.status_code == 422
    assert "None of the tasks may rest so long:" in refused.text
    assert "is due 2026-03-02 and may not rest." in refused.text
    assert "is urgent and may not rest." in refused.text
    assert 'value="2026-03-09"' in refused.text
    page = browser.get(let_rest(browser, [today, alarm, other], "2026-03-09").headers["Location"])
    assert "1 task was changed" in page.text
    assert "is urgent and may not rest." in page.text
    assert set(rows(browser)) == {today, alarm}


def test_what_rests_is_listed_counted_and_taken_back(shipped_world: World, clock: SetClock) -> None:
    key, other = started(shipped_world, 2)
    for one in (key, other):
        date_task(shipped_world, one, due=clock.now() + timedelta(days=20))
    browser = shipped_world.browser("sara")
    answer = let_rest(browser, [key, other], "2026-03-09")
    page = browser.get(answer.headers["Location"]).text
    assert "Rests until 2026-03-09:" in page
    assert MARKED.findall(page)[:6] == ["0", "0", "0", "0", "0", "2"]
    colleague = shipped_world.browser("stina")
    assert set(rows(colleague, "?box=resting")) == {key, other}
    assert "rests until 2026-03-09" in colleague.get("/inbox?box=resting").text
    colleague.post("/inbox", {"end_rest": key, "back": "/inbox?box=resting"})
    assert rows(colleague) == [key]
    assert rows(colleague, "?box=resting") == [other]
    browser.get(answer.headers["Location"])
    browser.post("/inbox", {"task": [key, other], "do": "end_rest"})
    assert set(rows(browser)) == {key, other}


def test_what_becomes_due_sooner_rests_no_more(shipped_world: World, clock: SetClock) -> None:
    (key,) = started(shipped_world, 1)
    date_task(shipped_world, key, due=clock.now() + timedelta(days=20))
    browser = shipped_world.browser("sara")
    let_rest(browser, [key], "2026-03-09")
    assert rows(browser) == []
    date_task(shipped_world, key, due=clock.now() - timedelta(hours=1))
    assert rows(browser) == [key]


def test_a_task_that_goes_to_another_office_rests_no_more(
    shipped_world: World, clock: SetClock
) -> None:
    (key,) = started(shipped_world, 1)
    date_task(shipped_world, key, due=clock.now() + timedelta(days=20))
    let_rest(shipped_world.browser("sara"), [key], "2026-03-09")
    with shipped_world.program.database.transaction() as tx:
        task = tasks.get(tx, key)
        assert task is not None
        by_hand.hand_to(tx, task.case_id, task.role, BOARD)
        moved = tasks.get(tx, key)
    assert moved is not None
    assert moved.hidden_until is None


def test_a_day_that_is_none_is_a_fault(shipped_world: World) -> None:
    (key,) = started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    refused = browser.post("/inbox", {"task": key, "do": "follow_up", "until": "soon"})
    assert refused.status_code == 422
    assert "Write a day that has not come yet, such as" in refused.text
    assert f'value="{key}" checked' in refused.text
    assert 'value="soon"' in refused.text
    nothing = browser.post("/inbox", {"do": "follow_up", "until": "2026-03-09"})
    assert (nothing.status_code, "Mark at least one task first." in nothing.text) == (422, True)


def test_a_sign_marks_what_somebody_has_begun(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    stina = shipped_world.loaded_viewer("stina")
    with shipped_world.program.database.transaction() as tx:
        unsent_answers.save_unsent(
            tx,
            shipped_world.program.services,
            by=stina,
            key=moved.opened[0].key,
            case_id=moved.case_id,
            raw={"note": ["x"]},
            base={},
            rev=0,
            now=shipped_world.clock.now(),
        )
    assert "Begun by Stina" in shipped_world.browser("sara").get("/inbox").text


def test_polling_counts_what_is_new_and_else_says_nothing(
    shipped_world: World, clock: SetClock
) -> None:
    started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    address = re.search(r'hx-get="([^"]+)"', browser.get("/inbox").text)
    assert address is not None
    path = address[1].replace("&amp;", "&")
    assert browser.client.get(path).status_code == 204
    clock.set(clock.now() + timedelta(minutes=1))
    started(shipped_world, 2)
    answer = browser.client.get(path)
    assert answer.status_code == 200
    assert "2 new tasks" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_an_act_that_brings_no_work_wakes_no_worker(shipped_world: World) -> None:
    (key,) = started(shipped_world, 1)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    shipped_world.woken.clear()
    browser.post("/inbox", {"task": key, "do": "claim"}).close()
    assert shipped_world.woken == []
