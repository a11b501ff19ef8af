"""What an office gave by a duty in law: written down at the case by who works there, read by her
office alone, and a note to everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.casework.cases import bars, protection
from service.casework.history import narrative
from service.casework.pages.case_page import TABS
from service.records.context import actor
from service.store.installation import ledger_entries
from service.store.work import letters
from tests.support.browser import PASSWORD, Browser
from tests.support.directory import (
    BOARD,
    HELSINKI,
    OFFICE,
    Directory,
    PersonPlan,
    add_directory,
)
from tests.support.world import SEED, World
from tests.web.story import Story

MARK = "qzjxkvbwpf"
SAID: dict[str, Any] = {
    "ground": "UPPGIFTSSKYLDIGHET_10_28",
    "to": f"Polisen {MARK}",
    "what": f"Adressen {MARK}",
    "day": "2026-03-02",
    "know": "no",
    "until": "",
}
TITLE = "Given by a duty in law"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication")
    yield made
    made.close()


def give(world: World, here: str, who: str = "sara", **changed: Any) -> Any:
    browser = world.browser(who)
    browser.get(here)
    return browser.post(here, {**SAID, **changed})


def entries(world: World, case: str) -> list[tuple[str, str, str]]:
    with world.database.transaction(write=False) as tx:
        found = ledger_entries.every(tx, f"case/{case}", ("duty_given", "duty_wrong"))
        return [(one.kind, one.office, one.body) for one in found]


def test_who_works_in_the_case_writes_it_down(story: Story, shipped_world: World) -> None:
    sara, case = shipped_world.browser("sara"), f"/cases/{story.case}"
    assert f'href="{case}/duty"' in sara.get(case).text
    form = sara.get(f"{case}/duty").text
    assert "Duty to give information (OSL 10:28), to be confirmed by a lawyer" in form
    assert "BROTTSBEKAMPNING_2025" not in form, "no ground of social services"
    done = give(shipped_world, f"{case}/duty")
    assert done.status_code == 303
    told = sara.get(done.location).text
    assert "It is saved." in told
    assert MARK not in told, "she may sit beside"
    page = sara.get(f"{case}/duty").text
    assert f"Adressen {MARK}" in page
    assert "The person may not be told" in page
    assert "Duty to give information (OSL 10:28), to be confirmed by a lawyer" in page
    assert "Sara wrote down what Social gave" in sara.get(f"{case}?tab=history").text
    ((kind, office, body),) = entries(shipped_world, story.case)
    assert (kind, office) == ("duty_given", OFFICE)
    assert "10_28" not in body
    assert MARK not in body
    assert shipped_world.faults() == []


def test_the_board_may_choose_the_act_on_crime_too(story: Story, shipped_world: World) -> None:
    form = shipped_world.browser("omar").get(f"/cases/{story.case}/duty").text
    assert "UPPGIFTSSKYLDIGHET_10_28" in form
    assert "BROTTSBEKAMPNING_2025" in form


def test_nobody_else_is_offered_it(story: Story, shipped_world: World) -> None:
    case, here = f"/cases/{story.case}", f"/cases/{story.case}/duty"
    with shipped_world.database.transaction() as tx:
        services, now = shipped_world.program.services, shipped_world.clock.now()
        officer = PersonPlan("rut", OFFICE, ("records-officer",))
        only = Directory((), (officer,), "en", PASSWORD)
        add_directory(tx, services, only, by=SEED, now=now)
    for who in ("aino", "iva", "rut", "disa", "greta", "maja"):
        browser = shipped_world.browser(who)
        page = browser.get(case)
        assert here not in page.text
        assert browser.get(here).status_code == 404, who
        assert browser.post(here, SAID).status_code == 404, who
    with shipped_world.database.transaction() as tx:
        by, whom = actor(shipped_world.viewer()), [bars.Barred(office=BOARD)]
        now = shipped_world.clock.now()
        bars.bar(tx, by=by, now=now, case_id=story.case, whom=whom, why=bars.LEFT)
    omar = shipped_world.browser("omar")
    assert omar.get(here).status_code == 404
    assert omar.post(here, SAID).status_code == 404
    assert entries(shipped_world, story.case) == []


def test_who_is_not_named_for_a_protected_identity_does_not(
    story: Story, shipped_world: World
) -> None:
    here = f"/cases/{story.case}/duty"
    with shipped_world.database.transaction() as tx:
        now = shipped_world.clock.now()
        omar = shipped_world.loaded_viewer("omar")
        protection.set_marking(
            *(tx, shipped_world.program.services),
            by=omar,
            now=now,
            case_id=story.case,
            marking="SEKRETESSMARKERING",
            reason="Hot",
        )
        protection.require_named_now(tx, by=shipped_world.viewer(), now=now, case_id=story.case)
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    for browser in (sara, stina):
        say_why(browser, story.case)
    sara.get(here)
    assert sara.post(here, SAID).status_code == 303
    assert here not in stina.get(f"/cases/{story.case}").text
    assert stina.get(here).status_code == 404
    assert stina.post(here, SAID).status_code == 403
    assert "Sara wrote a note" in stina.get(f"/cases/{story.case}?tab=history").text
    assert len(entries(shipped_world, story.case)) == 1


def say_why(browser: Browser, case: str) -> None:
    browser.get(f"/cases/{case}")
    browser.post(f"/cases/{case}/notes", {"what": "lookup", "reason": "SAFETY"})


def test_to_everybody_else_it_is_a_note(story: Story, shipped_world: World) -> None:
    case = f"/cases/{story.case}"
    assert give(shipped_world, f"{case}/duty").status_code == 303
    for who in ("omar", "aino"):
        browser = shipped_world.browser(who)
        seen = [browser.get(f"{case}?tab={tab}").text for tab in TABS]
        seen += [browser.get(f"{case}{more}").text for more in ("/print", "/diagram")]
        text = "".join(seen)
        assert MARK not in text
        offered = len(TABS) if who == "omar" else 0
        assert text.count("by a duty in law") == offered, "the act alone, where it is hers"
        assert "Sara wrote a note" in seen[TABS.index("history")]
    own = shipped_world.browser("omar").get(f"{case}/duty").text
    assert MARK not in own
    assert "What your office has given" not in own
    assert MARK not in shipped_world.browser("sara").get(f"{case}/print").text, "no paper of it"
    with shipped_world.database.transaction(write=False) as tx:
        assert not [row for row in letters.of_case(tx, story.case) if MARK in str(row)]


def test_who_audits_sees_that_something_was_given_and_not_what(
    story: Story, shipped_world: World
) -> None:
    assert give(shipped_world, f"/cases/{story.case}/duty").status_code == 303
    services = shipped_world.program.services
    with shipped_world.database.transaction(write=False) as tx:
        every = narrative.load_history(tx, services, story.case, "en")
        other = narrative.load_history(tx, services, story.case, "en", office=HELSINKI)
    assert [one.text for one in every if one.what == "duty_given"] == [
        "Sara wrote down what Social gave by a duty in law"
    ]
    assert MARK not in str(every)
    assert "duty" not in str(other)
    assert [one.n for one in other] == [one.n for one in every]


def test_what_is_wrong_is_struck_and_stays(story: Story, shipped_world: World) -> None:
    case, here = f"/cases/{story.case}", f"/cases/{story.case}/duty"
    assert give(shipped_world, here, know="yes").status_code == 303
    with shipped_world.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.every(tx, f"case/{story.case}", ("duty_given",))
    sara = shipped_world.browser("sara")
    sara.get(here)
    assert sara.post(here, {"line": entry.seq, "why": " "}).status_code == 422
    assert sara.post(here, {"line": entry.seq, "why": f"Fel ärende {MARK}"}).status_code == 303
    page = sara.get(here).text
    assert "Struck, it was wrong" in page
    assert f"Fel ärende {MARK}" in page
    assert MARK not in sara.get(case).text
    again = sara.post(here, {"line": entry.seq, "why": "En gång till"})
    assert again.status_code == 404
    omar = shipped_world.browser("omar")
    omar.get(here)
    assert omar.post(here, {"line": entry.seq, "why": "Inte vårt"}).status_code == 404
    assert MARK not in omar.get(f"{case}?tab=history").text
    assert [kind for kind, *_ in entries(shipped_world, story.case)] == ["duty_wrong", "duty_given"]
    assert shipped_world.faults() == []


def test_a_day_until_which_she_may_not_be_told_passes(story: Story, shipped_world: World) -> None:
    case = f"/cases/{story.case}"
    assert give(shipped_world, f"{case}/duty", know="later", until="2026-03-04").status_code == 303
    sara = shipped_world.browser("sara")
    page = sara.get(f"{case}/duty").text
    assert "The person may not be told yet, at the earliest 2026-03-05" in page
    assert MARK not in sara.get(case).text
    shipped_world.clock.set(shipped_world.clock.now() + timedelta(days=2))
    sara = shipped_world.browser("sara")
    say_why(sara, story.case)
    assert MARK not in sara.get(case).text
    shipped_world.clock.set(shipped_world.clock.now() + timedelta(days=1))
    sara = shipped_world.browser("sara")
    say_why(sara, story.case)
    assert f"Polisen {MARK}" in sara.get(case).text
    assert "the person may be told since 2026-03-05" in sara.get(case).text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ground": ""}, "Choose an answer."),
        ({"ground": "SAMTYCKE_12_2"}, "Choose an answer."),
        ({"day": "2009-06-29"}, "That law was not in force on that day."),
        ({"to": " "}, "Write something here."),
        ({"to": "x" * 201}, "200"),
        ({"what": ""}, "Write something here."),
        ({"what": "x" * 2001}, "2000"),
        ({"day": "2026-03-03"}, "That day is still to come."),
        ({"day": "yesterday"}, "Write the date as"),
        ({"know": ""}, "Choose an answer."),
        ({"know": "later"}, "Write a day that is not over"),
        ({"know": "later", "until": "2026-03-01"}, "Write a day that is not over"),
    ],
)
@pytest.mark.slow
def test_what_is_missing_is_said_and_kept(
    story: Story, shipped_world: World, changed: dict[str, str], says: str
) -> None:
    refused = give(shipped_world, f"/cases/{story.case}/duty", **changed)
    assert refused.status_code == 422
    assert says in refused.text
    assert changed.get("to", SAID["to"]).strip() in refused.text
    assert entries(shipped_world, story.case) == []
