"""Papers: a template becomes a PDF/A-2a and PDF/UA-1 without a network, and one that does
harm ends in a sentence.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from service.errors import PaperFailed
from service.sandbox import paper_compiling
from service.sandbox.paper_compilers import PaperCompilers
from service.sandbox.pdf_inspection import links_of
from service.text import known, languages, say
from tests.support.pdf_standards import BOTH, standards_of

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = {"title": "Ansökan", "lang": "sv", "name": "Övia Exempelova"}
PLAIN = "= #paper.title\n#paper.name"
DRAWING = """<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>\
<image href='/etc/logo.png'/></svg>"""
BLANK = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
HOSTILE = {
    "a file": ('#read("/etc/passwd")', "file"),
    "a file outside": ('#read("../../../../etc/passwd")', "file"),
    "a picture": ('#image("/etc/logo.png")', "file"),
    "a picture in a picture": (f'#image(bytes("{DRAWING}"))', "file"),
    "a program": ('#plugin("a.wasm")', "file"),
    "a package": ('#import "@preview/cetz:0.3.0"', "package"),
    "a package by another name": ('#let at = "\\u{40}"\n#import at + "preview/a:0.1.0"', "package"),
    "a package of the machine": ('#import "@local/letters:1.0.0"', "package"),
    "a loop": ("#while true {}", "endless"),
    "a long loop": ("#let n = 0\n#while n >= 0 { n += 1 }", "endless"),
    "a function that calls itself": ("#let f(x) = f(x)\n#f(1)", "endless"),
    "much memory": ("#let a = range(2000000000)", "heavy"),
    "many pages": ("#for n in range(300000) [page #n #pagebreak()]", "heavy"),
    "no way for a screen reader": ("= One\n=== Three", "standard"),
    "colours of print": ("#rect(fill: cmyk(10%, 10%, 10%, 10%))[x]", "archive"),
    "a sign of no alphabet": ("#text[\\u{ef00}]", "archive"),
    "a picture without words": (f'#image(bytes("{BLANK}"))', "standard"),
    "a script behind a link": ('#link("javascript:app.alert(1)")[x]', "link"),
    "a script in other letters": ('#link("JavaScript:app.alert(1)")[x]', "link"),
    "a script behind a space": ('#link(" javascript:app.alert(1)")[x]', "link"),
    "a script that is put together": ('#link("java" + "script:alert(1)")[x]', "link"),
    "a file behind a link": ('#link("file:///etc/passwd")[x]', "link"),
    "a link without a scheme": ('#link("other.pdf")[x]', "link"),
    "data behind a link": ('#link("data:text/html,x")[x]', "link"),
    "a file in the paper": ('#pdf.attach("a.txt", bytes("x"), description: "x")', "content"),
    "no program": ("#(", "template"),
    "an unknown word": ("#nothing", "template"),
}


@pytest.fixture(scope="module")
def compilers() -> Iterator[PaperCompilers]:
    made = PaperCompilers(seconds=60)
    yield made
    made.close()


def test_a_paper_is_pdf_a_and_ua_with_fonts_of_its_own(compilers: PaperCompilers) -> None:
    made = compilers.compile(PLAIN, DATA, at=AT)
    assert standards_of(made) == BOTH
    with pikepdf.open(io.BytesIO(made)) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang) == "sv"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as meta:
            assert meta["dc:title"] == "Ansökan"
        (page,) = pdf.pages
        fonts = [str(font.BaseFont) for font in page.Resources.Font.values()]
    assert [name for name in fonts if "LiberationSans" in name]
    assert made == compilers.compile(PLAIN, DATA, at=AT), "nothing of the machine or the clock"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_is_refused(compilers: PaperCompilers, name: str) -> None:
    source, why = HOSTILE[name]
    with pytest.raises(PaperFailed) as refused:
        compilers.compile(source, DATA, at=AT)
    assert refused.value.facts["why"] == why
    assert not refused.value.facts["said"], "what typst says may quote what was given"
    assert "Exempelova" not in str(refused.value)
    assert compilers.compile(PLAIN, DATA, at=AT), "the next one is made all the same"


def test_links_to_sites_mail_and_telephones_stay(compilers: PaperCompilers) -> None:
    addresses = ["https://example.org/a?b=c", "HTTP://example.org", "mailto:a@b.se", "tel:+46123"]
    source = "= One <one>\n#link(<one>)[there]\n"
    source += "\n".join(f'#link("{address}")[x]' for address in addresses)
    assert list(links_of(compilers.compile(source, DATA, at=AT))) == addresses


def test_where_a_link_leads_is_said_of_invented_data(compilers: PaperCompilers) -> None:
    source = '#link("javascript:" + paper.name)[x]'
    with pytest.raises(PaperFailed) as refused:
        compilers.compile(source, DATA, at=AT, sample=True)
    assert refused.value.facts["said"] == "javascript:Övia Exempelova"
    with pytest.raises(PaperFailed) as refused:
        compilers.compile(source, DATA, at=AT)
    assert refused.value.facts["said"] == ""


def test_a_template_that_computes_on_is_ended() -> None:
    short = PaperCompilers(seconds=1)
    endless = "#for a in range(9999) { for b in range(9999) { let x = calc.sin(a * b) } }"
    try:
        with pytest.raises(PaperFailed) as refused:
            short.compile(endless, DATA, at=AT)
        assert refused.value.facts["why"] == "heavy"
    finally:
        short.close()


def test_a_template_does_not_see_what_surrounds_it(
    compilers: PaperCompilers, tmp_path: Path
) -> None:
    os.environ["TRESTEG_CANARY"] = "canary"
    source = "#repr(sys.inputs.keys()) #repr(datetime.today())"
    made = compilers.compile(source, DATA, at=AT)
    del os.environ["TRESTEG_CANARY"]
    assert made
    assert not list(tmp_path.iterdir())


def test_what_typst_says_comes_along_for_invented_data(compilers: PaperCompilers) -> None:
    with pytest.raises(PaperFailed) as refused:
        compilers.compile("\n\n#nothing", DATA, at=AT, sample=True)
    assert refused.value.facts == {
        "why": "template",
        "line": 3,
        "said": "unknown variable: nothing",
    }


@pytest.mark.parametrize("text", ["日本語", "ไทย", "tab\there", "\x07", "🫠", "\uef00"])
def test_characters_without_a_font_are_shown_as_such(compilers: PaperCompilers, text: str) -> None:
    assert paper_compiling.NO_SIGN in paper_compiling.showable(text)
    assert compilers.compile(PLAIN, {**DATA, "name": text}, at=AT)


@pytest.mark.parametrize(
    "text", ["Åsa Öberg", "Иванова", "Șerban Țăranu", "Ελένη", "مريم", "Nguyễn", "– × ’ − € ☐"]
)
def test_names_of_many_languages_are_shown(compilers: PaperCompilers, text: str) -> None:
    assert paper_compiling.showable(text) == text
    for wrapped in (PLAIN, "= #paper.title\n*#paper.name*"):
        assert compilers.compile(wrapped, {**DATA, "name": text}, at=AT)


def test_every_font_has_its_licence() -> None:
    names = sorted(path.name for path in paper_compiling.FONTS.iterdir())
    fonts = [name for name in names if name.endswith(".ttf")]
    assert sorted(fonts) == sorted([*paper_compiling.REGULAR, *paper_compiling.BOLD])
    families = {re.split(r"Sans", name)[0] for name in fonts}
    assert {f"LICENSE-{family}.txt" for family in families} == set(names) - set(fonts)


@pytest.mark.parametrize("lang", languages())
def test_every_reason_is_a_sentence(lang: str) -> None:
    for why in {why for _, why in HOSTILE.values()}:
        assert known(f"papers.why_{why}")
        assert say(f"papers.why_{why}", lang)


def test_a_child_that_cannot_leave_the_network_finds_no_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lower = ["http_proxy", "https_proxy", "all_proxy"]
    names = [*lower, *(name.upper() for name in lower)]
    for name in names:
        monkeypatch.setenv(name, "http://proxy.example.org")
    monkeypatch.setenv("RUST_BACKTRACE", "1")
    paper_compiling.prepare()
    assert {os.environ[name] for name in names} == {"http://127.0.0.1:9"}
