"""Texts: the same in every language, and every one that a page, a script or a route asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, meta

from service import text

SERVICE = Path(__file__).resolve().parents[2] / "service"
WEB = SERVICE / "web"
TEMPLATES = WEB / "templates"
SCRIPTS = WEB / "frontend" / "src"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
FILTERS = ("moment", "day", "iso", "utc", "due", "stage", "as_feel", "named_parts")
"""What the web door adds to Jinja's own filters: base.html."""
WHOLE_KEY = re.compile(r"""\b(?:t|say)\(\s*["']([a-z_]+(?:\.[A-Za-z0-9_-]+)+)["']\s*[,)]""")
BEGINNING = re.compile(r"""\b(?:t|say)\(\s*["']([a-z_]+\.[A-Za-z0-9_.-]*)["']\s*~""")


def flat(table: dict[str, Any], start: str = "") -> Iterator[str]:
    """The keys of a file of words, whole."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{start}{key}.")
        else:
            yield f"{start}{key}"


def sources() -> list[Path]:
    """Everything that asks for words: templates and the code of the web door."""
    return [*TEMPLATES.rglob("*.html"), *WEB.rglob("*.py")]


def test_swedish_comes_first() -> None:
    assert text.languages() == ("sv", "en")


def test_a_sentence_is_said_in_the_language_asked_for() -> None:
    assert text.say("nav.inbox", "sv") == "Inkorg"
    assert text.say("nav.inbox", "en") == "Inbox"


def test_an_unknown_language_is_answered_in_swedish() -> None:
    assert text.say("nav.inbox", "fi") == "Inkorg"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "Försenad 0 dagar"), (1, "Försenad 1 dag"), (2, "Försenad 2 dagar")]
)
def test_a_count_chooses_between_one_and_other(n: int, said: str) -> None:
    assert text.say("due.late", "sv", n=n) == said


def test_a_counting_sentence_without_plurals_takes_n_as_a_value() -> None:
    assert text.say("api.status", "en", n=1) == "Status 1"


def test_a_key_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(text.UnknownText):
        text.say("nav.nowhere", "sv")


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        text.say("task.taken", "sv", name="Aino")


def test_values_are_set_in_as_they_are() -> None:
    assert text.say("save.saved", "sv", time="{name}") == "Sparat {name}"


def test_a_key_from_data_can_be_looked_for_first() -> None:
    assert text.known("due.late")
    assert text.known("line.complete")
    assert not text.known("line.dance")


def test_a_section_holds_the_words_of_a_script() -> None:
    assert text.section("editor", "en")["name"] == "Name"
    assert text.section("editor", "sv").keys() == text.section("editor", "en").keys()


@pytest.mark.parametrize("template", PAGES)
def test_a_template_can_be_read_and_says_what_it_needs(template: str) -> None:
    source = (TEMPLATES / template).read_text("utf-8")
    assert source.startswith("{#")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters |= dict.fromkeys(FILTERS, str)
    meta.find_undeclared_variables(environment.parse(source))
    environment.get_template(template)


def test_every_key_that_is_asked_for_is_there() -> None:
    asked = {
        (path.name, key) for path in sources() for key in WHOLE_KEY.findall(path.read_text("utf-8"))
    }
    assert sorted((name, key) for name, key in asked if not text.known(key)) == []


def test_every_key_that_is_put_together_has_words_to_choose_from() -> None:
    """A template that says ``t("status." ~ state)`` needs at least two sentences that begin so."""
    beginnings = {
        beginning for path in sources() for beginning in BEGINNING.findall(path.read_text("utf-8"))
    }
    assert len(beginnings) > 10
    words = [
        f"{name}.{key}"
        for name in {beginning.partition(".")[0] for beginning in beginnings}
        for key in text.section(name, "sv")
    ]
    assert (
        sorted(
            beginning
            for beginning in beginnings
            if sum(word.startswith(beginning) for word in words) < 2
        )
        == []
    )


def test_every_word_of_the_editor_is_there() -> None:
    """The panel writes ``words.add_after``, or names the word in a table of fields."""
    script = "\n".join(path.read_text("utf-8") for path in (SCRIPTS / "editor").glob("*.js"))
    asked = set(re.findall(r"\bwords\.(?!js\b)([a-z_]+)", script)) | set(
        re.findall(r'\b(?:word|hint): "([a-z_]+)"', script)
    )
    asked |= set(
        re.findall(
            r'\b(?:plain|flag|extension|property|inner|family|mapping|part)\("([a-z_]+)"', script
        )
    ) | set(re.findall(r'"((?:kind|tool)_[a-z_]+)"', script))
    assert len(asked) > 40
    assert sorted(asked - text.section("editor", "sv").keys()) == []


def test_every_word_of_the_rule_editor_is_there() -> None:
    script = "\n".join(path.read_text("utf-8") for path in (SCRIPTS / "rules").glob("*.js"))
    asked = set(re.findall(r"\bwords\.([a-z_]+)", script)) - {
        "row"
    }  # that one is a word of the page
    assert len(asked) > 5
    assert (
        sorted(asked - {key.partition(".")[0] for key in text.section("rules_editor", "sv")}) == []
    )


def test_every_word_of_a_page_script_is_put_into_the_page() -> None:
    given = set(re.findall(r'"(\w+)": t\(', (TEMPLATES / "base.html").read_text("utf-8")))
    asked = {
        key
        for path in (SCRIPTS / "page").glob("*.js")
        for key in re.findall(r'\b(?:say|tell)\("(\w+)"', path.read_text("utf-8"))
    }
    assert sorted(asked - given) == []


def test_no_words_are_left_that_nobody_asks_for() -> None:
    """Asked for whole, or by a beginning that code or a template goes on from."""
    asking = [*sources(), *SERVICE.rglob("*.py"), *SCRIPTS.rglob("*.js")]
    source = "\n".join(path.read_text("utf-8") for path in asking)
    whole = set(re.findall(r"""["']([a-z_]+(?:\.[A-Za-z0-9_-]+)+)["']""", source))
    beginnings = tuple(set(re.findall(r"""["']([a-z_]+\.[a-z_.]*)(?:\{|["']\s*~)""", source)))
    scripts = set(
        re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in SCRIPTS.rglob("*.js")))
    )
    parts = re.findall(r"`([a-z]+_)\$\{", source)
    words = {word.partition(".")[0] for word in text.section("editor", "sv")}
    given = {f"editor.{word}" for word in words if word in scripts or word.startswith(tuple(parts))}
    words = {word.partition(".")[0] for word in text.section("rules_editor", "sv")}
    given |= {f"rules_editor.{word}" for word in words if word in scripts}
    # by their makers' own English words
    given |= {f"{name}.{word}" for name in ("bpmn", "dmn") for word in text.section(name, "sv")}
    # several pages are one template, each with a section of its own
    ends = tuple(set(re.findall(r"""~ ["'](\.[a-z_]+)["']""", source)))
    of_two = {name: text.section(name, "sv") for name in ("unmask", "reopen", "unlock", "glass")}
    given |= {
        f"{name}.{word.partition('.')[0]}"
        for name, words in of_two.items()
        for word in words
        if f".{word}".startswith(ends)
    }
    left = {
        re.sub(r"(\..+)\.(one|other)$", r"\1", key)
        for key in flat(tomllib.loads((SERVICE / "text" / "sv.toml").read_text("utf-8")))
    }
    assert sorted(key for key in left - whole - given if not key.startswith(beginnings)) == []


def test_every_sign_that_is_drawn_is_in_the_sprite() -> None:
    drawn = set(
        re.findall(r'<symbol id="([a-z-]+)"', (WEB / "static" / "icons.svg").read_text("utf-8"))
    )
    asked = {
        sign
        for path in TEMPLATES.rglob("*.html")
        for sign in re.findall(r'\bicon\("([a-z-]+)"', path.read_text("utf-8"))
    }
    assert asked
    assert sorted(asked - drawn) == []
