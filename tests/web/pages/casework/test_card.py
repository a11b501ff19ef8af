"""Two words and a card: shown once, in her language, and nothing of the case is on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.casework.cases.card_words import give_words, pair_digest
from service.store.casefile import word_pairs
from tests.support.other_languages import as_arabic, in_all_languages
from tests.support.world import World
from tests.web.story import Story

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    world.publish(in_all_languages())
    made = Story(world)
    yield made
    made.close()


@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("art", "ltr"), ("sv", "ltr")])
def test_the_card_is_written_in_a_language_and_says_nothing_else(
    story: Story, lang: str, direction: str
) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    given = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "card": lang})
    assert given.status_code == 200
    card = re.search(r'<section class="t-word-card"[^>]*>(.*?)</section>', given.text, re.DOTALL)
    assert card is not None
    assert f'lang="{lang}" dir="{direction}"' in card[0]
    said = re.search(r"<dd><strong[^>]*>(.*?)</strong>", given.text)
    assert said is not None
    first, second = said[1].split(", ")
    (line,) = re.findall(r"<p>(.*?)</p>", card[1])
    assert f"{second}" in line
    assert line.index(second) < line.index(first)
    case = story.brief()
    assert not {case.ref, case.number, "Tresteg"} & set(line.split())
    if lang == "ar":
        assert as_arabic("Du behöver inte säga vad du heter.") in line
    again = sara.get(f"/cases/{story.case}/card").text
    assert f"{first}, {second}" not in again


def test_earlier_words_end_and_a_language_without_a_list_is_refused(story: Story) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    assert sara.post(f"/cases/{story.case}/card", {"lang": "ar"}).status_code == 422
    assert sara.post(f"/cases/{story.case}/card", {}).status_code == 422
    assert sara.post(f"/cases/{story.case}/card", {"lang": "en"}).status_code == 200
    history = sara.get(f"/cases/{story.case}?tab=history").text
    assert history.count("two words and a card") == 1


def test_words_are_given_as_they_are_read_when_somebody_says_them(story: Story) -> None:
    listed = ("Äpple", "t-shirt", "SJÖ", "sjo\u0308")
    world = story.world
    programme = replace(world.program.services.programme, card_words={"sv": listed})
    services = replace(world.program.services, programme=programme)
    with world.database.transaction() as tx:
        by, now = world.loaded_viewer("sara"), world.clock.now()
        given = give_words(tx, services, by=by, now=now, case_id=story.case, lang="sv")
        found = word_pairs.by_digest(tx, pair_digest(services.vault, given.said))
    assert set(given.said) == {"äpple", "sjö"}
    assert found is not None
    assert found.case_id == story.case


def test_who_does_not_see_the_safe_contact_gives_no_words(story: Story) -> None:
    for who in ("omar", "aino", "maja", "disa", "greta"):
        answer = story.world.browser(who).get(f"/cases/{story.case}/card")
        assert answer.status_code in (303, 404), who
