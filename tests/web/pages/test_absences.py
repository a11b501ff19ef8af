"""The page of absences: who is away and who stands in, entered by herself or by a colleague."""

from __future__ import annotations

from datetime import timedelta

from tests.support.world import World


def days(world: World) -> dict[str, str]:
    """An absence that begins today."""
    first = world.clock.now().date()
    return {
        "do": "set",
        "person": "p_sara",
        "deputy": "p_stina",
        "first_day": first.isoformat(),
        "last_day": (first + timedelta(days=4)).isoformat(),
    }


def test_a_colleague_enters_it_and_every_page_says_so(shipped_world: World) -> None:
    key = shipped_world.start_case().opened[0].key
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    sara.get("/inbox")
    sara.post("/inbox", {"task": key, "do": "claim"})
    stina.get("/office/absences")
    assert stina.post("/office/absences", days(shipped_world)).status_code == 303
    last = days(shipped_world)["last_day"]
    assert f"away until {last}" in stina.get("/office").text
    assert "Stina stands in" in sara.get("/settings").text
    inbox = stina.get("/inbox?box=mine").text
    assert "You stand in for: Sara" in inbox
    assert f"for Sara, away until {last}" in inbox
    page = stina.get(f"/tasks/{key}")
    assert "without giving a reason" in page.text
    assert stina.post(f"/tasks/{key}/claim", {"do": "claim"}).status_code == 303
    assert "You have this" in stina.get(f"/tasks/{key}").text


def test_an_absence_is_ended_on_the_page(shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    sara.get("/office/absences")
    sara.post("/office/absences", days(shipped_world))
    assert "Stina stands in" in sara.get("/office/absences").text
    sara.post("/office/absences", {"do": "end", "person": "p_sara"})
    assert "Nobody of the office is away." in sara.get("/office/absences").text


def test_wrong_days_keep_what_was_typed(shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    sara.get("/office/absences")
    sent = {**days(shipped_world), "last_day": "2020-01-01", "deputy": "p_sara"}
    answer = sara.post("/office/absences", sent)
    assert answer.status_code == 422
    assert "The last day must be today or later" in answer.text
    assert "Choose another person of the office" in answer.text
    assert f'value="{sent["first_day"]}"' in answer.text


def test_nobody_of_another_office_can_be_set_away(shipped_world: World) -> None:
    omar = shipped_world.browser("omar")
    omar.get("/office/absences")
    assert omar.post("/office/absences", days(shipped_world)).status_code == 404
    assert omar.post("/office/absences", {"do": "end", "person": "p_sara"}).status_code == 404


def test_programs_read_who_is_away(shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    sara.get("/office/absences")
    sara.post("/office/absences", days(shipped_world))
    (one,) = sara.get("/v1/absences").get_json()["items"]
    assert (one["person"], one["deputy_name"], one["now"]) == ("p_sara", "Stina", True)
    assert shipped_world.browser("omar").get("/v1/absences").get_json()["items"] == []


def test_days_are_typed_as_in_every_form(shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    assert 'type="date"' not in sara.get("/office/absences").text, "it shows the browser's locale"
    first = shipped_world.clock.now().date()
    worded = f"{first.day} {first:%B} {first.year}".lower()
    sent = {**days(shipped_world), "first_day": worded}
    assert sara.post("/office/absences", sent).status_code == 303
    assert first.isoformat() in sara.get("/office/absences").text
