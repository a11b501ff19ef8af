"""The inbox and the office: what waits, who takes it, what is new."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from service.actions.tasks import claims as verbs
from service.actions.tasks import unsent_answers
from service.clock import SetClock
from service.store.installation import ledger_entries
from service.store.tables import task as task_table
from service.store.work import tasks
from tests.web.conftest import BOARD, Browser, Town

ROW = re.compile(r'name="task" value="([0-9A-Z]{26})"')
CASE = re.compile(r'<a class="t-ref" href="(/cases/[0-9A-Z]{26})"')
MARKED = re.compile(r'<span class="t-count">(\d+)</span>')


def rows(browser: Browser, query: str = "") -> list[str]:
    """Keys of the tasks on the page, in its order."""
    page = browser.get(f"/inbox{query}")
    assert page.status_code == 200
    return ROW.findall(page.text)


def started(town: Town, number: int) -> list[str]:
    """The first tasks of some new cases."""
    return [town.start_case().opened[0].key for _ in range(number)]


def test_an_empty_inbox_says_so_in_one_sentence(town: Town) -> None:
    assert "Nothing to do just now." in town.browser("sara").get("/inbox").text


def test_what_waits_for_the_office_stands_in_the_inbox(working: Town) -> None:
    moved = working.start_case()
    browser = working.browser("stina")
    page = browser.get("/inbox")
    assert rows(browser) == [moved.opened[0].key]
    assert moved.ref in page.text
    assert "Sara, Social" in page.text
    assert "not opened by you" in page.text
    assert rows(working.browser("omar")) == []


def test_boxes_hold_what_they_say(working: Town) -> None:
    first, second = started(working, 2)
    browser = working.browser("sara")
    browser.get("/inbox")
    assert browser.post("/inbox", {"task": first, "do": "claim"}).status_code == 303
    assert rows(browser, "?box=mine") == [first]
    assert rows(browser, "?box=unclaimed") == [second]
    assert set(rows(browser, "?box=office")) == {first, second}
    assert MARKED.findall(browser.get("/inbox").text)[:3] == ["1", "2", "1"]


def test_cases_that_wait_for_others_are_told_with_where_and_since_when(working: Town) -> None:
    moved = working.start_case()
    with working.program.database.transaction() as tx:
        tasks.bind(tx, moved.case_id, moved.opened[0].role, BOARD)
    page = working.browser("sara").get("/inbox?box=waiting")
    assert moved.ref in page.text
    assert "Board" in page.text
    assert "2026-03-02 13:00" in page.text


def test_a_filter_that_matches_nothing_offers_to_be_cleared(working: Town) -> None:
    started(working, 1)
    browser = working.browser("sara")
    assert len(rows(browser, "?stage=1")) == 1
    assert rows(browser, "?stage=3") == []
    assert "No task matches." in browser.get("/inbox?stage=3").text
    assert len(rows(browser, "?sender=social")) == 1
    assert rows(browser, f"?sender={BOARD}") == []
    assert rows(browser, "?due=late") == []


def test_nonsense_in_the_address_counts_as_not_asked(working: Town) -> None:
    started(working, 1)
    assert len(rows(working.browser("sara"), "?box=none&stage=9&due=never&sort=size&page=-1")) == 1


def test_late_comes_first(working: Town, clock: SetClock) -> None:
    keys = started(working, 3)
    with working.program.database.transaction() as tx:
        for key, days in zip(keys, (5, -1, 1), strict=True):
            due = clock.now() + timedelta(days=days)
            tx.run(task_table.update().where(task_table.c.key == key).values(due=due, sort_due=due))
    browser = working.browser("sara")
    assert rows(browser) == [keys[1], keys[2], keys[0]]
    assert "Late 1 day" in browser.get("/inbox").text
    assert rows(browser, "?due=late") == [keys[1]]
    assert rows(browser, "?sort=new")[0] in keys


def test_giving_to_a_colleague(working: Town) -> None:
    (key,) = started(working, 1)
    browser = working.browser("sara")
    browser.get("/inbox")
    answer = browser.post(
        "/inbox", {"task": key, "do": "give", "to": "p_stina", "back": "/inbox?box=office"}
    )
    assert answer.headers["Location"] == "/inbox?box=office&done=1"
    assert "Done for 1 task" in browser.get(answer.headers["Location"]).text
    assert rows(working.browser("stina"), "?box=mine") == [key]


def test_a_task_that_moved_does_not_stop_the_others(working: Town) -> None:
    mine, taken, free = started(working, 3)
    with working.program.database.transaction() as tx:
        verbs.claim(tx, by=working.person("stina").viewer, task_key=taken, now=working.clock.now())
    browser = working.browser("sara")
    browser.get("/inbox")
    answer = browser.post(
        "/inbox", {"task": [mine, taken, free, "01J9ZK7Q4M9X2TDW8B5RCE3FNH"], "do": "claim"}
    )
    page = browser.get(answer.headers["Location"])
    assert "Done for 2 tasks" in page.text
    assert "Stina" in page.text
    assert "already over" in page.text
    assert set(rows(browser, "?box=mine")) == {mine, free}


def test_the_same_form_sent_twice_has_one_effect(working: Town) -> None:
    moved = working.start_case()
    browser = working.browser("sara")
    browser.get("/inbox")
    answers = [
        browser.post("/inbox", {"task": moved.opened[0].key, "do": "claim"}).headers["Location"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    with working.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"case/{moved.case_id}")].count(
            "claim"
        ) == 1


def test_the_same_key_with_another_body_is_refused(working: Town) -> None:
    (key,) = started(working, 1)
    browser = working.browser("sara")
    browser.get("/inbox")
    hidden = browser.hidden()
    browser.post("/inbox", {"task": key, "do": "claim", **hidden})
    assert browser.post("/inbox", {"task": key, "do": "put_back", **hidden}).status_code == 422


def test_a_form_without_a_key_does_nothing(working: Town) -> None:
    (key,) = started(working, 1)
    browser = working.browser("sara")
    browser.get("/inbox")
    assert browser.post("/inbox", {"task": key, "do": "claim", "_once": ""}).status_code == 400
    assert rows(browser, "?box=mine") == []


def test_what_rests_is_hidden_until_its_day_and_never_past_its_deadline(
    working: Town, clock: SetClock
) -> None:
    key, due = started(working, 2)
    with working.program.database.transaction() as tx:
        tx.run(
            task_table.update()
            .where(task_table.c.key == due)
            .values(due=clock.now() + timedelta(days=1))
        )
    browser = working.browser("sara")
    browser.get("/inbox")
    browser.post("/inbox", {"task": [key, due], "do": "follow_up", "until": "2026-03-09"})
    assert rows(browser) == []
    clock.set(clock.now() + timedelta(days=2))
    assert rows(working.browser("sara")) == [due]
    clock.set(clock.now() + timedelta(days=6))
    assert set(rows(working.browser("sara"))) == {key, due}


def test_a_day_that_is_none_is_told(working: Town) -> None:
    (key,) = started(working, 1)
    browser = working.browser("sara")
    browser.get("/inbox")
    refused = browser.post("/inbox", {"task": key, "do": "follow_up", "until": "soon"})
    assert refused.status_code == 422
    assert "Write a day that has not come yet, such as" in refused.text
    assert f'value="{key}" checked' in refused.text
    assert 'value="soon"' in refused.text
    nothing = browser.post("/inbox", {"do": "follow_up", "until": "2026-03-09"})
    assert (nothing.status_code, "Mark at least one task first." in nothing.text) == (422, True)


def test_what_is_late_cannot_rest(working: Town, clock: SetClock) -> None:
    late, soon = started(working, 2)
    with working.program.database.transaction() as tx:
        tx.run(
            task_table.update()
            .where(task_table.c.key == late)
            .values(due=clock.now() - timedelta(days=1))
        )
    browser = working.browser("sara")
    browser.get("/inbox")
    refused = browser.post(
        "/inbox", {"task": [late, soon], "do": "follow_up", "until": "2026-03-09"}
    )
    assert (refused.status_code, "What is late cannot rest." in refused.text) == (422, True)
    assert set(rows(browser)) == {late, soon}, "nothing is half done"


def test_a_pen_marks_what_somebody_has_begun(working: Town) -> None:
    moved = working.start_case()
    stina = working.person("stina").viewer
    with working.program.database.transaction() as tx:
        unsent_answers.save_unsent(
            tx,
            working.program.services,
            by=stina,
            key=moved.opened[0].key,
            case_id=moved.case_id,
            raw={"note": ["x"]},
            base={},
            rev=0,
            now=working.clock.now(),
        )
    assert "Begun by Stina" in working.browser("sara").get("/inbox").text


def test_polling_says_nothing_when_nothing_is_new_and_counts_what_is(
    working: Town, clock: SetClock
) -> None:
    started(working, 1)
    browser = working.browser("sara")
    address = re.search(r'hx-get="([^"]+)"', browser.get("/inbox").text)
    assert address is not None
    path = address[1].replace("&amp;", "&")
    assert browser.client.get(path).status_code == 204
    clock.set(clock.now() + timedelta(minutes=1))
    started(working, 2)
    answer = browser.client.get(path)
    assert answer.status_code == 200
    assert "2 new tasks" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_inbox_wakes_the_worker_after_an_act(working: Town) -> None:
    (key,) = started(working, 1)
    browser = working.browser("sara")
    browser.get("/inbox")
    working.woken.clear()
    browser.post("/inbox", {"task": key, "do": "claim"})
    assert working.woken == ["worker"]


def test_the_office_counts_its_work_and_links_each_number(working: Town) -> None:
    (key, _) = started(working, 2)
    browser = working.browser("sara")
    browser.get("/inbox")
    browser.post("/inbox", {"task": key, "do": "claim"})
    page = browser.get("/office")
    assert page.status_code == 200
    assert "Social services" in page.text
    assert 'href="/inbox?box=office&amp;due=late"' in page.text
    assert "Information and support" in page.text
    assert "Stina" in page.text


def link(browser: Browser, rel: str) -> str:
    """Where the pages of the list go on, or back."""
    found = re.search(rf'<a rel="{rel}" href="([^"]+)"', browser.page.text if browser.page else "")
    return html.unescape(found[1]) if found else ""


def many(town: Town, number: int) -> None:
    """A stock of cases, each with its first task."""
    for _ in range(number):
        town.start_case()


def test_pages_of_the_inbox_go_on_from_a_row_with_sort_and_filter(working: Town) -> None:
    many(working, 54)
    browser = working.browser("sara")
    for query in ("", "?sort=new", "?sort=case&stage=1", "?box=unclaimed"):
        first = rows(browser, query)
        assert len(first) == 50
        assert link(browser, "prev") == ""
        address = link(browser, "next")
        assert "page=" not in address
        assert all(part in address for part in query.removeprefix("?").split("&"))
        many(working, 1)
        second = rows(browser, address.removeprefix("/inbox"))
        assert not set(first) & set(second)
        assert link(browser, "next") == ""
        assert "First page" in (browser.page.text if browser.page else "")
        again = rows(browser, link(browser, "prev").removeprefix("/inbox"))
        assert len(again) == 50
        assert not set(again) & set(second)


def test_the_list_of_cases_goes_on_beyond_its_first_page(working: Town) -> None:
    many(working, 53)
    browser = working.browser("sara")
    for query in (
        "",
        "?sort=case",
        "?sort=since&state=active",
        "?sort=stage&stage=1",
        "?sort=size",
    ):
        first = set(CASE.findall(browser.get(f"/cases{query}").text))
        assert "53 cases" in (browser.page.text if browser.page else "")
        assert len(first) == 50
        second = set(CASE.findall(browser.get(link(browser, "next")).text))
        assert len(second) == 3
        assert not first & second
        assert set(CASE.findall(browser.get(link(browser, "prev")).text)) == first


def test_a_page_of_the_inbox_takes_as_many_statements_with_many_tasks_as_with_few(
    working: Town,
) -> None:
    browser = working.browser("sara")

    def counted(address: str) -> int:
        sent = list[str]()
        with working.program.database.listening(
            lambda statement, _values, _many: sent.append(statement)
        ):
            assert browser.get(address).status_code == 200
        return len(sent)

    many(working, 2)
    browser.get("/inbox")
    few = counted("/inbox")
    many(working, 52)
    first = counted("/inbox")
    assert few == first == counted(link(browser, "next"))


def test_what_waits_for_others_goes_on_beyond_its_first_page(working: Town) -> None:
    moved = [working.start_case() for _ in range(52)]
    with working.program.database.transaction() as tx:
        for one in moved:
            tasks.bind(tx, one.case_id, one.opened[0].role, BOARD)
    browser = working.browser("sara")
    first = set(CASE.findall(browser.get("/inbox?box=waiting").text))
    second = set(CASE.findall(browser.get(link(browser, "next")).text))
    assert (len(first), len(second)) == (50, 2)
    assert not first & second
    assert set(CASE.findall(browser.get(link(browser, "prev")).text)) == first


def test_a_filter_is_kept_under_its_own_words_and_forgotten_again(working: Town) -> None:
    many(working, 2)
    browser = working.browser("sara")
    assert "Save this filter" not in browser.get("/inbox").text, "all tasks are no filter"
    browser.get("/inbox?box=office&stage=1&due=late")
    asked = {"box": "office", "stage": "1", "due": "late", "sender": "", "sort": ""}
    answer = browser.post("/inbox/filters", {**browser.hidden(), **asked, "do": "save"})
    assert answer.headers["Location"] == "/inbox?box=office&stage=1&due=late"
    page = browser.get("/inbox").text
    assert (
        '<a href="/inbox?box=office&amp;stage=1&amp;due=late">My office, Stage 1, Late</a>' in page
    )
    assert "Forget this filter" in browser.get("/inbox?box=office&stage=1&due=late").text
    browser.post("/inbox/filters", {**browser.hidden(), **asked, "do": "forget"})
    assert "Saved filters" not in browser.get("/inbox").text
    assert "Saved filters" not in working.browser("stina").get("/inbox").text


def test_of_too_many_kept_filters_the_oldest_gives_way(working: Town) -> None:
    browser = working.browser("sara")
    browser.get("/inbox?stage=1")
    for stage in "123":
        for due in ("", "late", "today", "week"):
            browser.post(
                "/inbox/filters",
                {**browser.hidden(), "box": "office", "stage": stage, "due": due, "do": "save"},
            )
    kept = re.findall(
        r'<li><a href="(/inbox\?box=office&amp;stage=[^"]+)">', browser.get("/inbox").text
    )
    assert len(kept) == 10
    assert "/inbox?box=office&amp;stage=1" not in kept


def test_a_filter_that_asks_for_what_there_is_not_spoils_no_inbox(working: Town) -> None:
    browser = working.browser("sara")
    browser.get("/inbox?stage=1")
    answer = browser.post(
        "/inbox/filters",
        {**browser.hidden(), "box": "attic", "stage": "9", "due": "late", "do": "save"},
    )
    assert answer.headers["Location"] == "/inbox?due=late"
    assert '<a href="/inbox?due=late">My office, Late</a>' in browser.get("/inbox").text
