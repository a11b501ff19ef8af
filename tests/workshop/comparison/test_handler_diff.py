"""A handler whose code changed is told at every step that calls it."""

from __future__ import annotations

from service.engine import survey
from service.release.prepared import files_of
from service.workshop.comparison.process_diff import diff_handlers
from service.workshop.comparison.release_changes import ChangeTexts
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS

BUNDLE = small.one(d.job("j", "letters.count"), "s>j j>e")


def sentences(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    model = survey(files_of(BUNDLE, TOPICS)[0]).model
    changes = diff_handlers(before, after, model, ChangeTexts("en"))
    return [(one.kind, one.element, one.text) for one in changes]


def test_a_changed_handler_is_code_at_its_step() -> None:
    ((kind, element, text),) = sentences({"letters.count": "tree1:a"}, {"letters.count": "tree1:b"})
    assert (kind, element) == ("code", "j")
    assert "letters.count" in text


def test_an_unused_an_unchanged_and_an_older_digest_say_nothing() -> None:
    assert sentences({"letters.other": "tree1:a"}, {"letters.other": "tree1:b"}) == []
    assert sentences({"letters.count": "tree1:a"}, {"letters.count": "tree1:a"}) == []
    assert sentences({"letters.count": "a"}, {"letters.count": "tree1:b"}) == []
