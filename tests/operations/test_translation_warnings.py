"""The operator is told what nobody has signed or called of what the person reads and says."""

from __future__ import annotations

from dataclasses import replace

from service.operations.translation_warnings import card_warnings, translation_warnings
from service.release.language_words import file_of
from service.release.programme.configuration import CardNumber
from tests.support.small_desk import two_tasks
from tests.support.world import World

WORDS = b'version = "1"\n[words]\npage = "Sida"\n'
ONE = b'version = "1"\n[words]\n'


def test_a_release_from_before_there_were_signatures_is_not_spoken_of(desk: World) -> None:
    assert translation_warnings(desk.program) == []


def test_what_nobody_signed_is_named_by_language(desk: World) -> None:
    bundle = two_tasks().with_file(file_of("sv"), WORDS).with_file(file_of("ar"), ONE)
    desk.publish(bundle)
    unsigned, incomplete = translation_warnings(desk.program)
    assert unsigned.startswith("In sv nobody has signed words.")
    assert incomplete == "In ar not everything is translated: words."


def test_words_and_numbers_of_cards_are_named_until_somebody_has_looked(desk: World) -> None:
    words, _, number, texts = card_warnings(desk.program)
    assert "words/en.txt" in words
    assert "called 000-000 00 00 from SE" in number
    assert "sent 000-000 00 01 a text from SE" in texts
    checked = CardNumber(number="1", country="SE", checked="Ada, 2026-12-01")
    programme = replace(
        desk.program.services.programme,
        unsigned_words=frozenset(),
        card_numbers=(checked,),
        card_text_numbers=(checked,),
    )
    services = replace(desk.program.services, programme=programme)
    assert card_warnings(replace(desk.program, services=services)) == []
    programme = replace(programme, card_text_numbers=())
    services = replace(desk.program.services, programme=programme)
    (none,) = card_warnings(replace(desk.program, services=services))
    assert none.startswith("No number takes texts")
