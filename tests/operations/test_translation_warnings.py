"""The operator is told in which languages nobody has signed what the person reads."""

from __future__ import annotations

from service.operations.translation_warnings import translation_warnings
from service.release.language_words import file_of
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
