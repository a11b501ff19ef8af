"""A person is asked about her looks: in her inbox, on a page of its own, answered there."""

from __future__ import annotations

import pytest

from tests.support import log_reviews as made
from tests.support.world import World

WHY, BECAUSE = "Why did you open it?", "The embassy called me."
REVIEW = f"/audit/log-review/{made.MARCH}"


@pytest.fixture
def begun(shipped_world: World) -> World:
    """A review with one look of Sara."""
    made.look_without_task(shipped_world, "sara", shipped_world.start_case().case_id)
    made.begin(shipped_world)
    return shipped_world


def test_a_question_is_asked_answered_and_read(begun: World) -> None:
    greta, sara = begun.browser("greta"), begun.browser("sara")
    assert "Ask the person" in greta.get(REVIEW).text
    assert "Questions from auditors" not in sara.get("/inbox").text
    greta.post(f"{REVIEW}/looks/1/question", {"question": WHY})
    page = greta.get(REVIEW).text
    assert WHY in page
    assert "Waits for an answer" in page
    assert "Questions from auditors" in sara.get("/inbox").text
    assert "/log-questions/2026-03/1" in sara.get("/log-questions").text
    page = sara.get("/log-questions/2026-03/1").text
    assert WHY in page
    assert "Greta asks" in page
    answer = sara.post("/log-questions/2026-03/1", {"answer": " "})
    assert answer.status_code == 422
    assert "Write an answer." in answer.text
    long = "x" * 501
    assert long in sara.post("/log-questions/2026-03/1", {"answer": long}).text
    sara.post("/log-questions/2026-03/1", {"answer": BECAUSE})
    assert BECAUSE in sara.get("/log-questions/2026-03/1").text
    assert "Questions from auditors" not in sara.get("/inbox").text
    assert BECAUSE in greta.get(REVIEW).text


def test_a_question_without_words_is_a_sentence(begun: World) -> None:
    greta = begun.browser("greta")
    greta.get(REVIEW)
    answer = greta.post(f"{REVIEW}/looks/1/question", {"question": " "})
    assert answer.status_code == 422
    assert "Write what you want to know." in answer.text
    assert greta.post(f"{REVIEW}/looks/x/question", {"question": WHY}).status_code == 404


def test_a_question_is_for_one_person_alone(begun: World) -> None:
    greta, omar = begun.browser("greta"), begun.browser("omar")
    greta.get(REVIEW)
    greta.post(f"{REVIEW}/looks/1/question", {"question": WHY})
    for browser in (omar, greta):
        assert browser.get("/log-questions/2026-03/1").status_code == 404
        assert "Nobody has asked you anything." in browser.get("/log-questions").text
    omar.get("/log-questions")
    assert omar.post("/log-questions/2026-03/1", {"answer": BECAUSE}).status_code == 404
    assert omar.post(f"{REVIEW}/looks/1/question", {"question": WHY}).status_code == 404
    assert omar.get("/log-questions/2026-13/x").status_code == 404
