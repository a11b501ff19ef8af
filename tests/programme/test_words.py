"""Words that people read: those that were given up stand in no text, form, rule, paper or diagram.

Source: the programme's table of words. Many who return are men and boys; nobody is a "she" there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from service.forms import Form
from service.forms.reading import texts_of
from tests.forms.paper import shipped
from tests.support.tree import ROOT

PARTS = (
    r"\(frivilligt\)",
    "återta för hand",
    "betänketid – fråga igen",
    "hantera upptrappning",
    "mötte den",
    "tvingad till brott",
    "så här står det till",
    "går vidare av sig självt",
    "det här väntar sedan",
    "bestäm frister",
    "det får du inte göra",
    "ingen har tagit",
    "påminn den",
    "låt vila",
    r"beslutsför\b",
    "dubbelt stöd",
    "boende nått",
    "läser och skriver",
    "utnyttjare i hushållet",
    "gärningsperson på fri fot(?<!misstänkt gärningsperson på fri fot)",
    "slutord",
    "egna ord till sverige",
    "det kom mer från dig",
    "inte av ett slag",
    "fyra ögon",
    "strimla",
    r"\bhon\b|\bhennes?\b",
    r"klart för \d|klart för \{",
    r"\d givna|\} givna",
    "återkallade, ",
    "du får inte göra det här",
    r"fyll i \{label\}",
    "så mycket mer från dig",
    "hälsa inför resan",
    r"vad ”\{task\}” ger",
)
"""Swedish, anywhere in a text."""
WHOLE = frozenset(
    {"slag", "mår", "sätt", "hur", "gjort", "sexuellt", "försäkringar", "genomgånget"}
    | {"genomgången", "framme", "kontorets", "vill stanna", "god mans underskrift"}
)
"""Swedish, as a whole text."""
ENGLISH = (
    *(r"\bhas been already\b", r"\bquorate\b", r"^means$", r"^wish$", r"\bmeet her\b"),
    *(r"” brings\b", r"^window opens$", r"\bpaper \{n\}", r"\bgoes on by itself\b"),
    r"\bs?he\b|\bhers?\b|\bherself\b(?! or himself)",
)


def of_catalogue(lang: str) -> Iterator[tuple[str, str]]:
    def texts(table: dict[str, Any], start: str) -> Iterator[tuple[str, str]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from texts(value, f"{start}{key}.")
            else:
                yield f"{start}{key}", str(value)

    yield from texts(tomllib.loads((ROOT / f"service/text/{lang}.toml").read_text("utf-8")), "")


def of_form(form: Form) -> set[str]:
    found = {form.title, *(t for s in form.sections for t in (s.label, s.help))}
    for _, one in form.walk():
        found |= set(texts_of(one))
        found |= {check.words.get("sv", "") for check in one.checks}
    return found


def of_drawing(name: str) -> set[str]:
    """The Swedish names and sentences of a diagram, and the labels of a rule."""
    found = set[str]()
    for node in etree.parse(ROOT / name).iter():
        found |= {node.get("name") or "", node.get("label") or ""}
        if (node.get("name") or "").endswith(".sv"):
            found.add(node.get("value") or "")
        if isinstance(node.tag, str) and node.tag.endswith("}description"):
            found.add(node.text or "")
    return found


def swedish() -> Iterator[tuple[str, str]]:
    """Every Swedish text that a person may read, with where it stands."""
    yield from of_catalogue("sv")
    for name, form in shipped().items():
        yield from ((f"{name}.form", text) for text in of_form(form))
    for path in sorted(ROOT.glob("workflows/*.[bd]*n")):
        yield from ((path.name, text) for text in of_drawing(f"workflows/{path.name}"))
    for path in (*ROOT.glob("workflows/papers/*.typ"), *ROOT.glob("workflows/config/*/*.sv.md")):
        yield from ((path.name, line) for line in path.read_text("utf-8").splitlines())


def given_up(text: str) -> bool:
    small = text.strip().casefold()
    return small in WHOLE or any(re.search(part, small) for part in PARTS)


def test_no_swedish_text_has_a_word_that_was_given_up() -> None:
    assert sorted({(place, text) for place, text in swedish() if given_up(text)}) == []


def test_no_page_of_the_guides_and_no_answer_of_the_demo_has_one() -> None:
    guides = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("docs/howto/*.md")]
    demo = [*ROOT.glob("workflows/config/*.toml"), *ROOT.glob("workflows/scenarios/**/*.json")]
    lines = [
        (path.name, line.strip())
        for path in (*guides, *demo)
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [one for one in lines if any(re.search(part, one[1].casefold()) for part in PARTS)] == []
    assert [one for one in lines if re.search(r"\*\*[A-ZÅÄÖ ]{4,}\*\*", one[1])] == [], "capitals"


def english() -> Iterator[tuple[str, str]]:
    """Every English text that a person may read, with where it stands."""
    yield from of_catalogue("en")
    for name, form in shipped().items():
        yield from ((f"{name}.form", text) for text in form.words["en"].values())
    for path in sorted(ROOT.glob("workflows/*.bpmn")):
        for node in etree.parse(path).iter():
            if (node.get("name") or "").endswith(".en"):
                yield path.name, node.get("value") or ""


def test_no_english_text_has_a_word_that_was_given_up() -> None:
    found = [
        (place, text)
        for place, text in english()
        if any(re.search(part, text.casefold()) for part in ENGLISH)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["Slag", "Klart för 2 uppgifter.", "Säg det till henne", "Framme"])
def test_a_word_that_was_given_up_is_found(text: str) -> None:
    assert given_up(text)


@pytest.mark.parametrize("text", ["Klart för avresa?", "Misstänkt gärningsperson är på fri fot"])
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not given_up(text)


def test_a_fact_and_an_alert_have_two_words() -> None:
    rows = dict(
        line.split("|")[1:4:2]
        for line in (ROOT / "docs/words.md").read_text("utf-8").splitlines()
        if line.count("|") > 3
    )
    assert (rows[" alert "].strip(), rows[" fact "].strip()) == ("händelse", "historikpost")
