"""The demo: its letterbox, its guided walk, and how pages tell that it is one."""

from __future__ import annotations

from datetime import timedelta

from service.clock import SetClock
from service.store.casefile import cases
from service.store.work import jobs, letters
from tests.support.directory import BOARD
from tests.support.world import World


def test_every_page_of_a_demo_says_that_it_is_one(world: World) -> None:
    for path in ("/demo", "/help", "/sign-in", "/no/such/page"):
        assert 'class="t-demo"' in world.browser().get(path).text


def test_the_letterbox_shows_what_would_have_gone_out(
    shipped_world: World, clock: SetClock
) -> None:
    moved = shipped_world.start_case()
    with shipped_world.program.database.transaction() as tx:
        letters.add(
            tx,
            [
                letters.Letter(
                    f"{moved.case_id}:1",
                    moved.case_id,
                    BOARD,
                    "CaseApprover",
                    "new_referral",
                    "sv",
                    {"count": 1},
                    "",
                    clock.now(),
                )
            ],
        )
    page = shipped_world.browser().get("/demo/letterbox")
    assert page.status_code == 200
    assert f"/go/{moved.case_id}" in page.text
    assert "Board" in page.text


def test_the_cards_tell_what_waits(shipped_world: World, clock: SetClock) -> None:
    shipped_world.start_case()
    assert "1 uppgift" in shipped_world.browser().get("/demo").text
    clock.set(clock.now() + timedelta(days=1))
    assert "1 uppgift" in shipped_world.browser().get("/demo").text


def test_the_tour_goes_from_person_to_person_to_the_history(shipped_world: World) -> None:
    asked: list[tuple[int, str]] = []

    def play(step: int, case_id: str) -> tuple[str, str, str]:
        asked.append((step, case_id))
        moved = shipped_world.start_case()
        return ("sara", "omar")[step % 2], case_id or moved.case_id, moved.opened[0].key

    shipped_world.app.config["TRESTEG_WALK"] = play
    browser = shipped_world.browser()
    browser.get("/demo")
    hidden = browser.hidden()
    first = browser.post("/demo/walk", {"do": "start", **hidden})
    assert first.status_code == 303
    assert browser.get("/help").text.count("Omar") > 0
    assert "Steg 1 av 5" in browser.get("/help").text
    for _ in range(4):
        browser.get("/help")
        assert browser.post("/demo/walk", {"do": "next"}).status_code == 303
    assert [step for step, _ in asked] == [1, 2, 3, 4, 5]
    assert "Se ärendets historik" in browser.get("/help").text
    assert len({case for _, case in asked[1:]}) == 1
    browser.get("/help")
    assert browser.post("/demo/walk", {"do": "next"}).status_code == 404
    browser.get("/help")
    where = browser.post("/demo/walk", {"do": "leave"}).headers["Location"]
    with shipped_world.program.database.transaction(write=False) as tx:
        assert cases.get(tx, asked[-1][1]) is not None
    assert asked[-1][1] in where or where.startswith("/later/")
    assert "t-tour" not in browser.get("/help").text


def test_a_visitors_language_goes_along_from_person_to_person(shipped_world: World) -> None:
    browser = shipped_world.browser()
    browser.get("/demo")
    browser.post("/language", {"language": "sv", "back": "/demo"})
    browser.get("/demo")
    browser.post("/demo/enter", {"who": "omar"})
    assert "<h1>Inkorg</h1>" in browser.get("/inbox").text
    browser.get("/inbox")
    browser.post("/language", {"language": "en", "back": "/inbox"})
    browser.get("/demo")
    browser.post("/demo/enter", {"who": "sara"})
    assert "<h1>Inbox</h1>" in browser.get("/inbox").text


def test_the_language_of_the_first_page_stays_without_a_choice(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    shipped_world.app.config["TRESTEG_WALK"] = lambda step, case: (
        ("sara", "omar")[step % 2],
        case or moved.case_id,
        moved.opened[0].key,
    )
    for asked, said in (("en-GB,en", "Step {n} of 5"), ("sv-SE,sv", "Steg {n} av 5")):
        browser = shipped_world.browser()
        browser.headers["Accept-Language"] = asked
        for step in (1, 2):
            browser.get("/demo" if step == 1 else "/help")
            browser.post("/demo/walk", {"do": "start" if step == 1 else "next"})
            assert said.format(n=step) in browser.get("/help").text
        browser.get("/demo")
        browser.post("/demo/walk", {"do": "leave"})


def test_the_first_screen_says_what_this_is_and_starts_the_walk(world: World) -> None:
    page = world.browser().get("/demo").text
    what = page.index("Stöd för människor som utsatts för")
    assert what < page.index('name="do"') < page.index("Vem vill du vara?")


def test_it_says_what_has_fallen_due_and_is_not_done(shipped_world: World, clock: SetClock) -> None:
    browser = shipped_world.browser()
    assert "görs just nu" not in browser.get("/demo").text
    case, at = shipped_world.start_case().case_id, clock.now() + timedelta(days=1)
    with shipped_world.program.database.transaction() as tx:
        timer = jobs.Job(f"{case}:1", case, "1", "timer", "", "Tmr_A", 0, at, not_before=at)
        jobs.arm(tx, timer)
    clock.set(at)
    page = browser.get("/demo").text
    assert "Ingen i demon arbetar medan tiden går" in page
    assert "1 sak som har blivit dags görs just nu." in page


def test_a_walk_that_is_asked_for_twice_with_one_form_is_one(shipped_world: World) -> None:
    asked: list[int] = []

    def play(step: int, case_id: str) -> tuple[str, str, str]:
        asked.append(step)
        moved = shipped_world.start_case()
        return "sara", case_id or moved.case_id, moved.opened[0].key

    shipped_world.app.config["TRESTEG_WALK"] = play
    browser = shipped_world.browser("sara")
    browser.get("/demo")
    browser.post("/demo/walk", {"do": "start"})
    browser.get("/help")
    hidden = browser.hidden()
    other = shipped_world.browser("sara")
    other.get("/help")
    mine = {**hidden, "do": "next"}
    browser.post("/demo/walk", mine)
    other.post("/demo/walk", {"_once": mine["_once"], "do": "next"})
    assert asked == [1, 2]


def test_the_demo_goes_to_its_next_timer(shipped_world: World) -> None:
    shipped_world.start_case()
    browser = shipped_world.browser()
    browser.get("/demo")
    assert browser.post("/demo/clock", {"days": "next"}).status_code == 303
