"""Words of papers: a file a language, titles and questions in it, and what is wrong with one."""

from __future__ import annotations

import pytest

from service.release.bundle import Bundle, in_release
from service.release.language_words import direction, file_of, inspect_languages, read_languages
from service.release.paper_templates import read_papers
from tests.support.other_languages import forms_of
from tests.support.world import shipped

SWEDISH = 'version = "1"\n[words]\npage = "Sida {page}"\ncode = "Kod"\n'


def found(lang: str, text: str) -> list[tuple[str, str]]:
    files = {file_of("sv"): SWEDISH.encode(), file_of(lang): text.encode()}
    return [(f.code, f.element) for f in inspect_languages(Bundle(files))[1]]


@pytest.mark.parametrize(
    ("lang", "text", "codes"),
    [
        ("ar", 'version = "1"\n[words]\npage = "{page} x"\n', []),
        ("ar", 'version = "1"\n[words]\npage = "x"\n', [("T115", "page")]),
        ("ar", 'version = "1"\n[words]\nother = "x"\n', [("T114", "other")]),
        ("ar", "[words]\n", [("T113", "")]),
        ("ar", 'version = "1"\n[word]\n', [("T113", "")]),
        ("ar", "version = ", [("T113", "")]),
        ("arabic", 'version = "1"\n', [("T113", "")]),
    ],
)
def test_a_file_of_words_is_read_or_is_a_finding(
    lang: str, text: str, codes: list[tuple[str, str]]
) -> None:
    assert found(lang, text) == codes


def test_what_a_language_lacks_is_said_in_swedish() -> None:
    text = 'version = "1"\n[words]\ncode = "رمز"\n'
    languages = read_languages(
        Bundle({file_of("sv"): SWEDISH.encode(), file_of("ar"): text.encode()})
    )
    assert languages.words("ar") == {"page": "Sida {page}", "code": "رمز"}
    assert languages.words("fi") == languages.words("sv")
    assert (languages.own("page", "ar"), languages.own("code", "ar")) == ("", "رمز")


def test_a_title_makes_a_paper_in_a_language_and_questions_are_asked_in_it() -> None:
    text = b'version = "1"\n[titles]\nplan = "Plano"\n[questions]\n"M\xc3\xa5l" = "Celos"\n'
    bundle = shipped().with_file(file_of("eo"), text)
    assert read_papers(bundle)["plan"].title_in("eo") == "Plano"
    assert "eo" not in read_papers(bundle)["application"].title
    form = forms_of(bundle)["reintegration_plan"]
    assert form.say("Mål", "eo") == "Celos"
    assert form.say("Mål", "en") == "Goals"


def test_the_words_of_the_shipped_files_are_whole() -> None:
    languages, findings = inspect_languages(shipped())
    assert findings == []
    assert languages.files["sv"].words.keys() == languages.files["en"].words.keys()
    for template in read_papers(shipped()).values():
        if template.is_hers:
            assert "#t(" not in template.own_source, template.id


def test_files_of_words_are_part_of_a_release() -> None:
    assert in_release("workflows/config/languages/ar.toml")
    assert not in_release("workflows/config/languages/ar.po")
    assert not in_release("workflows/config/languages/old/ar.toml")


@pytest.mark.parametrize(
    ("lang", "dir_"), [("ar", "rtl"), ("fa", "rtl"), ("bg", "ltr"), ("art", "ltr")]
)
def test_lines_begin_where_the_language_has_it(lang: str, dir_: str) -> None:
    assert direction(lang) == dir_
