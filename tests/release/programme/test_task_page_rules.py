"""What the pages of tasks show next to their forms, as its file says it."""

from __future__ import annotations

import pytest

from service.release.programme.task_page_rules import read_task_pages

PAGE = """
[[page]]
forms = ["a", "b"]
name = { sv = "Planen", en = "The plan" }
answers = ["goals"]

[[page.check]]
name = { sv = "Klart", en = "Done" }
done = "ready = true"
answers = ["ready"]
"""


def test_one_page_may_be_of_several_forms() -> None:
    pages = read_task_pages(PAGE)
    assert pages["a"] == pages["b"]
    assert pages["a"].answers == ("goals",)
    (check,) = pages["a"].checks
    assert (check.words["en"], check.done, check.answers) == ("Done", "ready = true", ("ready",))


def test_no_file_is_no_page() -> None:
    assert read_task_pages("") == {}


@pytest.mark.parametrize(
    ("lacking", "place"),
    [("name", "page 1, check 1"), ("forms", "page 1"), ("done", "page 1, check 1")],
)
def test_what_is_lacking_is_named(lacking: str, place: str) -> None:
    lines = (line for line in PAGE.splitlines() if not line.startswith(f"{lacking} ="))
    with pytest.raises(ValueError, match=f"^{place}: it lacks {lacking}$"):
        read_task_pages("\n".join(lines))
