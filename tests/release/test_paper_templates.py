"""Headers of papers: what is declared is read, and what does not fit the forms is a finding."""

from __future__ import annotations

import pytest

from service.application.shipped_files import shipped_bundle
from service.people.office_contacts import PARTS
from service.release.bundle import Bundle
from service.release.paper_templates import OFFERS, inspect_papers, read_papers
from service.release.prepared import findings_of, prepare
from service.settings import Settings
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks

GOOD = """\
// title = { sv = "Papper", en = "Paper" }
// kind = "plan"
// classes = ["C2"]
// fields = ["note"]
// typed = [{ key = "one", sv = "Rad", most = 9000 }]

= #paper.title
"""
CONSENT = b"# Dela\nversion: 1\n\nText.\n"


def with_paper(text: str, *, common: str = "") -> Bundle:
    bundle = two_tasks().with_file("workflows/papers/paper.typ", text.encode())
    return bundle.with_file("workflows/papers/common.typ", common.encode()) if common else bundle


def found(bundle: Bundle) -> list[tuple[str, str]]:
    return [(f.code, f.element) for f in findings_of(bundle, TOPICS) if f.code.startswith("T")]


def test_a_header_is_read() -> None:
    bundle = with_paper(GOOD, common="// one\n#let a = 1")
    assert not found(bundle)
    (paper,) = prepare(bundle, TOPICS).papers.values()
    assert (paper.id, paper.kind, paper.fields, paper.code) == ("paper", "plan", ("note",), True)
    assert (paper.title_in("en"), paper.title_in("fi")) == ("Paper", "Papper")
    assert paper.classes == {"C2"}
    assert [(line.key, line.most) for line in paper.typed] == [("one", 200)]
    assert paper.source.splitlines()[paper.lines_before] == GOOD.splitlines()[0]
    assert not paper.everything


def test_a_release_without_papers_has_none() -> None:
    release = prepare(two_tasks(), TOPICS)
    assert release.papers == {}
    assert release.consent_texts.purposes == frozenset()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("= no header", "no title"),
        ("// title = {", "header of this paper is no use"),
        (GOOD.replace('sv = "Papper", ', ""), "no title in Swedish"),
        (GOOD.replace('"plan"', '"letter"'), "its kind is none of"),
        (GOOD.replace('"C2"', '"C9"'), "a class that does not exist"),
        (GOOD.replace("// fields", "// feilds"), "it names feilds"),
        (GOOD.replace('["note"]', '"note"'), "fields is no list"),
        (GOOD.replace("// kind", '// each = "day"\n// kind'), "each is consent, or nothing"),
        (GOOD.replace('key = "one", ', ""), "needs key and sv"),
    ],
)
def test_a_header_that_is_no_use_is_a_finding(text: str, says: str) -> None:
    templates, findings = inspect_papers(with_paper(text))
    assert not templates
    ((code, message),) = [(f.code, f.message) for f in findings]
    assert code == "T101"
    assert says in message
    assert found(with_paper(text)) == [("T101", "")]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (('["note"]', '["note", "shoes"]'), [("T102", "shoes")]),
        (('["C2"]', "[]"), [("T103", "note")]),
        (('"plan"', '"plan"\n// purpose = "REFER"'), [("T105", "")]),
        (('"plan"', '"plan"\n// each = "consent"'), [("T105", "")]),
    ],
)
def test_what_does_not_fit_the_forms_is_a_finding(
    change: tuple[str, str], wanted: list[tuple[str, str]]
) -> None:
    assert found(with_paper(GOOD.replace(*change))) == wanted


def test_a_note_of_an_office_is_never_printed() -> None:
    bundle = shipped_bundle(Settings())
    text = bundle.text("workflows/papers/plan.typ").replace('"goals",', '"goals", "noteToOffice",')
    assert found(bundle.with_file("workflows/papers/plan.typ", text.encode())) == [
        ("T104", "noteToOffice")
    ]


def test_a_purpose_with_a_text_is_one() -> None:
    text = GOOD.replace('"plan"', '"plan"\n// purpose = "SHARE"')
    bundle = with_paper(text).with_file("workflows/config/consents/SHARE.sv.md", CONSENT)
    assert not found(bundle)


def test_the_shipped_papers_are_those_that_are_promised() -> None:
    papers = read_papers(shipped_bundle(Settings()))
    assert {paper.kind for paper in papers.values()} == {
        "application",
        "consent",
        "plan",
        "decision",
        "card",
        "report",
        "case",
        "order",
        "information",
    }
    assert all({"sv", "en"} <= set(paper.title) for paper in papers.values())
    assert not found(shipped_bundle(Settings()))


def test_a_line_to_type_offers_what_an_office_says_of_itself() -> None:
    assert set(PARTS) == OFFERS
    lines = read_papers(shipped_bundle(Settings()))["card"].typed
    assert [line.offers for line in lines] == [(), ("telephone",), ("hours",), ("visit", "mail")]
    text = GOOD.replace("most = 9000", 'offers = ["fax"]')
    assert [code for code, _ in found(with_paper(text))] == ["T101"]


def test_a_paper_prints_an_information_that_has_a_text() -> None:
    bundle = with_paper(GOOD.replace('"plan"', '"information"\n// text = "TOLD"'))
    assert [code for code, _ in found(bundle)] == ["T105"]
    assert not found(bundle.with_file("workflows/config/information/TOLD.sv.md", CONSENT))


def test_a_form_shows_an_information_that_has_a_text() -> None:
    shipped = shipped_bundle(Settings())
    folder = "workflows/config/information/"
    without = {n: content for n, content in shipped.files.items() if not n.startswith(folder)}
    assert ("T107", "infoGiven") in found(Bundle(without))
