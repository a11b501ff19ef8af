"""A listed look in words: why it is listed, what was said of it, and words that do not open."""

from __future__ import annotations

from service.audit.log_review.review_page import PageWords, verdict_name, why_text
from tests.support import log_reviews as made
from tests.support.world import World


def test_a_look_is_told_in_words(shipped_world: World) -> None:
    case = shipped_world.start_case()
    made.look_without_task(shipped_world, "sara", case.case_id)
    made.begin(shipped_world)
    made.judge(shipped_world, "greta", 1, "follow_up", "She is on leave")
    review = made.review(shipped_world)
    with shipped_world.database.transaction(write=False) as tx:
        services = shipped_world.program.services
        words = PageWords(tx, services, review, shipped_world.loaded_viewer("greta"))
        look = words.look(review.looks[0])
        assert words.opened(review.looks[0], "p_greta", "nothing that was sealed") == ""
    assert (look.who, look.ref, look.can, look.ask) == ("Sara", case.ref, True, True)
    assert look.why == (why_text("no_task", review, "en"),)
    (said,) = look.said
    assert (said.verdict, said.who, said.reason) == (
        "To be followed up",
        "Greta",
        "She is on leave",
    )
    assert verdict_name("", "en") == ""
