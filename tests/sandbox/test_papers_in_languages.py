"""Every paper that the person gets, in an invented language with long texts and in Arabic letters:
PDF/A-2a and PDF/UA-1 in that language with its words on it, nothing over the edge, lines from the
right.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import pytest
import typst
from PIL import Image

from service.casework.casefile.paper_data import marks_of, sample_data
from service.release.appeal_words import NOTHING_SAID, AppealWords, appeal_words
from service.release.language_words import PLACEHOLDER
from service.release.paper_templates import PaperTemplate
from service.release.programme.appeal_roads import AppealRoads
from service.sandbox import paper_compiling
from service.sandbox.paper_compiling import NO_SIGN, compile_paper
from service.workshop.configuration.translation_files import PSEUDO
from tests.support.other_languages import ARABIC, as_arabic, release_in_all_languages
from tests.support.pdf_standards import BOTH, standards_of
from tests.support.pdf_text import pages_of

LANGUAGES = (PSEUDO, ARABIC)
HERS = ("application", "card", "consent", "decision", "information", "plan")
PHONE, DAY = "+46 8 123 45", "2026-03-02"
PPI = 50
MARGIN = 12
"""Dots of the edge of a page at which nothing may stand: six millimetres."""


def made_of(paper: str, lang: str, *, filled: bool) -> tuple[PaperTemplate, dict[str, Any]]:
    """A paper's template and data, with a telephone number as each short answer; a decision that
    it tells is a refusal.
    """
    release = release_in_all_languages()
    template = release.papers[paper]
    texts = release.texts_for(template)
    name = "REFER" if template.each else template.text
    data = sample_data(
        *(template, release.forms, lang, texts.text(name, lang), release.languages),
        appeal_of(template, lang),
        filled=filled,
    )
    for field in data["fields"].values():
        if field["text"]:
            field["text"] = PHONE
    if template.appeal is not None:
        data["fields"][template.appeal.answer]["code"] = "REJECTED" if filled else ""
    for key in data["typed"]:
        data["typed"][key] = PHONE if filled else ""
    data["marks"] = [mark.shown for mark in marks_of(release, template, name, lang)]
    return template, data


def appeal_of(template: PaperTemplate, lang: str) -> AppealWords:
    """How the decision that a paper tells is appealed, as the release says it."""
    if template.appeal is None:
        return NOTHING_SAID
    release = release_in_all_languages()
    roads: AppealRoads = release.own_configuration["appeals"]
    road = roads.of(template.appeal.kind, "MYNDIGHET", on=date(2026, 12, 1))
    assert road is not None
    return appeal_words(roads, road, release.languages, lang, "Kontor")


def pdf_of(template: PaperTemplate, data: dict[str, Any]) -> bytes:
    with TemporaryDirectory() as empty:
        return compile_paper(template.source, data, empty, 0)


@cache
def text_of(paper: str, lang: str, *, filled: bool = True) -> list[str]:
    template, data = made_of(paper, lang, filled=filled)
    return pages_of(pdf_of(template, data))


def pictures(template: PaperTemplate, data: Mapping[str, Any]) -> list[Image.Image]:
    """The pages as pictures, in grey."""
    compiler = typst.Compiler(
        (paper_compiling.BEFORE + template.source).encode(),
        font_paths=paper_compiling._fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(paper_compiling.showable(data))},
    )
    made = compiler.compile(format="png", ppi=PPI)
    pages = made if isinstance(made, list) else [made]
    return [Image.open(io.BytesIO(page)).convert("L") for page in pages if page]


def _ink(picture: Image.Image) -> int:
    return sum(dots * (255 - grey) for grey, dots in enumerate(picture.histogram()))


def shown(text: str, lang: str) -> str:
    """A text as it stands on the page from the left, without spaces."""
    plain = re.sub(r"\s", "", text)
    # lam and alef are one glyph, which stands for the two in their own order
    return plain[::-1].replace("\u0627\u0644", "\u0644\u0627") if lang == ARABIC else plain


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("paper", HERS)
@pytest.mark.parametrize("filled", [True, False])
def test_a_paper_is_made_in_the_language(paper: str, lang: str, filled: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    template, data = made_of(paper, lang, filled=filled)
    made = pdf_of(template, data)
    assert standards_of(made) == BOTH
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang) == lang
        with pdf.open_metadata() as meta:
            assert meta["dc:title"] == template.title[lang] != template.title["sv"]
    assert NO_SIGN not in "".join(pages_of(made)), "the fonts have every sign"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("paper", HERS)
def test_every_page_says_that_nobody_has_signed_it(paper: str, lang: str) -> None:
    own = release_in_all_languages().languages.own("example", lang)
    for page in text_of(paper, lang):
        assert "EXEMPEL:ingenharskrivitunderdenhärtexten.Entolkläseruppden." in page
        assert shown(own, lang) in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("paper", HERS)
def test_every_word_of_a_paper_is_in_the_language(paper: str, lang: str) -> None:
    release = release_in_all_languages()
    whole = "".join(text_of(paper, lang))
    either = whole + "".join(text_of(paper, lang, filled=False))
    template, data = made_of(paper, lang, filled=True)
    keys = set(re.findall(r'w\("(\w+)"', template.own_source))
    for key in keys:
        said = PLACEHOLDER.split(release.languages.own(key, lang))[0]
        first = said.split(". ")[0]
        assert first
        # a long sentence goes on in the next line, and lines are read from the top
        assert shown(" ".join(first.split(" ")[:4]), lang) in either, key
    labels = [field["label"] for field in data["fields"].values() if template.kind != "decision"]
    assert all(shown(label, lang) in whole for label in labels), labels
    swedish = release.papers[paper].title["sv"]
    assert shown(swedish, "sv") not in whole.replace("EXEMPEL", "")
    if paper in ("consent", "decision", "plan", "application"):
        assert keys or template.kind == "decision"


def test_a_number_and_a_code_keep_their_order_among_arabic_letters() -> None:
    (page,) = text_of("card", ARABIC)
    assert page.count(PHONE.replace(" ", "")) == 4
    application = "".join(text_of("application", ARABIC))
    assert PHONE.replace(" ", "") in application
    assert DAY in application
    assert "7K3M-9QXA" in application
    assert "\u2068" not in application, "a screen reader reads spaces as spaces"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("paper", HERS)
def test_nothing_stands_over_the_edge_of_a_page(paper: str, lang: str) -> None:
    for picture in pictures(*made_of(paper, lang, filled=True)):
        box = picture.point(lambda dot: 255 if dot < 200 else 0).getbbox()
        assert box is not None
        left, top, right, bottom = box
        assert left > MARGIN
        assert top > MARGIN
        assert right < picture.width - MARGIN
        assert bottom < picture.height - MARGIN


@pytest.mark.parametrize("paper", HERS)
def test_lines_of_arabic_begin_at_the_right(paper: str) -> None:
    """Below the mark, ink reaches the right margin, and less of it lies on the left."""
    for lang, wanted in ((PSEUDO, "left"), (ARABIC, "right")):
        picture = pictures(*made_of(paper, lang, filled=True))[0]
        half, below = picture.width // 2, picture.height // 14
        foot = picture.height * 9 // 10
        sides = {
            "left": picture.crop((0, below, half, foot)),
            "right": picture.crop((half, below, picture.width, foot)),
        }
        ink = {side: _ink(crop) for side, crop in sides.items()}
        assert max(ink, key=lambda side: ink[side]) == wanted, (lang, ink)


def test_an_appeal_is_printed_with_a_refusal_in_every_language() -> None:
    for lang in ("sv", "en", *LANGUAGES):
        template, data = made_of("decision", lang, filled=True)
        text, found = str(data["appeal"]["text"]), {}
        assert data["appeal"]["lang"] == lang
        words = " ".join(text.split(" ")[:6])
        assert release_in_all_languages().languages.own("to_confirm", lang) in text
        for code in ("REJECTED", "APPROVED"):
            data["fields"]["referralDecision"]["code"] = code
            whole = "".join(pages_of(pdf_of(template, data)))
            found[code] = shown(words, lang) in whole
        assert found == {"REJECTED": True, "APPROVED": False}, lang


def test_letters_of_arabic_are_those_of_the_text() -> None:
    assert as_arabic("Sida {page} av {pages}") == "سيدا {page} اف {pages}"
