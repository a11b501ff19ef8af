"""Two words and a card: shown once, in her language, and nothing of the case is on it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
import typst
from PIL import Image

from service.casework.cases.card_words import Words, give_words, pair_digest
from service.casework.pages.card import give_words as give_card
from service.errors import InvalidAnswers
from service.release.programme.configuration import FEWEST_PICTURES
from service.store.casefile import word_pairs
from tests.support.other_languages import as_arabic, in_all_languages
from tests.support.world import World
from tests.web.story import Story

SHEET = b"""#set page(width: 64pt, height: 64pt, margin: 2pt)
#for one in json(bytes(sys.inputs.images)) [
  #image(bytes(one), format: "svg", width: 60pt)
  #pagebreak(weak: true)
]
"""
PPI, DARK, SOME = 72.0, 160, 100
"""Dots an inch, the grey from which a dot counts as dark, and the fewest dark dots of a picture."""
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


def test_a_card_with_pictures_has_no_word_and_its_pictures_are_of_the_words(story: Story) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    page = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "shows": "pictures"}).text
    card, said = card_of(page), said_words(page)
    drawn = story.world.program.services.programme.card_pictures["sv"]
    printed = re.findall(r'<path d="([^"]+)"', card)
    assert printed == [drawn[said[1]], drawn[said[0]]], "the card has the other order"
    assert re.findall(r"<p>([^<]*)</p>", card) == ["000-000 00 00"]
    with story.world.database.transaction(write=False) as tx:
        digest = pair_digest(story.world.program.services.vault, said)
        row = word_pairs.by_digest(tx, digest)
    assert row is not None
    assert row.case_id == story.case


@pytest.mark.parametrize(
    ("lang", "shows", "lines"),
    [
        ("sv", "words", ["Ring 000-000 00 00. Säg", "Skicka sms till 000-000 00 01: "]),
        ("ar", "words", [as_arabic("Ring "), as_arabic("Skicka sms till ")]),
        ("sv", "pictures", ["000-000 00 00", "SMS 000-000 00 01"]),
    ],
)
def test_somebody_who_does_not_hear_has_a_number_for_texts_on_the_card(
    story: Story, lang: str, shows: str, lines: list[str]
) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    sent = {"lang": "sv", "card": lang, "shows": shows, "texts": "1"}
    page = sara.post(f"/cases/{story.case}/card", sent).text
    written = re.findall(r"<p>([^<]*)</p>", card_of(page))
    assert len(written) == len(lines)
    for line, begin in zip(written, lines, strict=True):
        assert line.startswith(begin)
    if shows == "words":
        first, second = said_words(page)
        assert all(line.index(second) < line.index(first) for line in written)
    assert "stays on the phone" in page


def test_a_child_chooses_its_words_and_they_find_the_case(story: Story) -> None:
    sara = story.world.browser("sara")
    assert 'name="own"' in sara.get(f"/cases/{story.case}/card").text
    sent = {"lang": "sv", "own": " Glitter-MÅNSKEN "}
    page = sara.post(f"/cases/{story.case}/card", sent).text
    assert said_words(page) == ("glitter", "månsken")
    with story.world.database.transaction(write=False) as tx:
        vault = story.world.program.services.vault
        row = word_pairs.by_digest(tx, pair_digest(vault, ("glitter", "månsken")))
    assert row is not None
    assert row.case_id == story.case


@pytest.mark.parametrize("own", ["ett", "ett två tre", "bo häst", "glitter glitter", "måne 17"])
def test_unfit_words_and_taken_ones_are_refused_with_one_sentence(story: Story, own: str) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    given = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "own": "glitter måne"})
    assert given.status_code == 200
    refusals = []
    for words in (own, "måne glitter"):
        sara.get(f"/cases/{story.case}/card")
        refused = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "own": words})
        assert refused.status_code == 422
        assert f'value="{words}"' not in refused.text
        assert 'value="sv" checked' in refused.text, "the language stays chosen"
        assert 'name="card" value="sv" checked' not in refused.text, "nobody chose that one"
        refusals.append(refused.text.count("These words cannot be used."))
    assert refusals[0] == refusals[1] > 0


def test_own_words_on_a_card_with_pictures_have_one(story: Story) -> None:
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    sent = {"lang": "sv", "shows": "pictures", "own": "glitter måne"}
    assert sara.post(f"/cases/{story.case}/card", sent).status_code == 422
    sara.get(f"/cases/{story.case}/card")
    page = sara.post(f"/cases/{story.case}/card", {**sent, "own": "sol måne"}).text
    assert len(re.findall("<path d=", card_of(page))) == 2


def test_an_adult_does_not_choose(story: Story) -> None:
    story.until("Task_CounselReturnee")
    sara = story.world.browser("sara")
    assert 'name="own"' not in sara.get(f"/cases/{story.case}/card").text
    page = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "own": "glitter måne"}).text
    assert said_words(page) != ("glitter", "måne")


def test_pictures_are_proposed_to_somebody_who_cannot_read(story: Story) -> None:
    sara = story.world.browser("sara")
    asked = sara.get(f"/cases/{story.case}/card").text
    assert re.search(r'value="words" checked', asked)
    story.do("sara", "Task_OfferReturnInformation", literacy="NO")
    asked = sara.get(f"/cases/{story.case}/card").text
    assert re.search(r'value="pictures" checked', asked)
    assert not re.search(r'value="words" checked', asked)


def test_a_language_without_pictures_gives_none(story: Story) -> None:
    world = story.world
    programme = replace(world.program.services.programme, card_pictures={})
    services = replace(world.program.services, programme=programme)
    by, now = world.loaded_viewer("sara"), world.clock.now()
    with world.database.transaction() as tx, pytest.raises(InvalidAnswers) as refused:
        give_card(tx, services, by, now, case_id=story.case, lang="sv", pictures=True)
    assert [fault.key for fault in refused.value.faults] == ["card.no_pictures"]


def test_every_picture_is_drawn_and_no_two_look_alike(story: Story) -> None:
    """As a printer draws them: in the lines of any two, most of what is dark differs."""
    sara = story.world.browser("sara")
    sara.get(f"/cases/{story.case}/card")
    page = sara.post(f"/cases/{story.case}/card", {"lang": "sv", "shows": "pictures"}).text
    around = re.findall(r"<svg [^>]*>", card_of(page))[0]
    pictures = story.world.program.services.programme.card_pictures
    for lang, words in pictures.items():
        assert len(words) >= FEWEST_PICTURES, lang
    drawn = sorted({path for words in pictures.values() for path in words.values()})
    dark = dict(zip(drawn, dark_places(around, drawn), strict=True))
    for one, two in combinations(drawn, 2):
        assert len(dark[one] ^ dark[two]) * 2 > len(dark[one] | dark[two]), (one, two)
    assert min(map(len, dark.values())) > SOME


def dark_places(around: str, drawn: list[str]) -> list[set[int]]:
    """Where each picture of a card is dark, a page each.

    Args:
        around: the opening tag of the picture on the page.
    """
    tag = around.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    images = [f'{tag}<path d="{path}"/></svg>'.replace("currentColor", "black") for path in drawn]
    compiler = typst.Compiler(SHEET, sys_inputs={"images": json.dumps(images)})
    pages = compiler.compile(format="png", ppi=PPI)
    assert isinstance(pages, list)
    made = [Image.open(io.BytesIO(page)).convert("L") for page in pages if page]
    return [{n for n, grey in enumerate(page.tobytes()) if grey < DARK} for page in made]


def card_of(page: str) -> str:
    """What stands on the card of a page."""
    card = re.search(r'<section class="t-word-card"[^>]*>(.*?)</section>', page, re.DOTALL)
    assert card is not None
    return card[1]


def said_words(page: str) -> Words:
    """The words of a page in the order in which they are said."""
    said = re.search(r"<dd><strong[^>]*>(.*?)</strong>", page)
    assert said is not None
    first, second = said[1].split(", ")
    return first, second


def test_who_does_not_see_the_safe_contact_gives_no_words(story: Story) -> None:
    for who in ("omar", "aino", "maja", "disa", "greta"):
        answer = story.world.browser(who).get(f"/cases/{story.case}/card")
        assert answer.status_code in (303, 404), who
