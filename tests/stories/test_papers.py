"""Every paper is made of the demo's cases, in both languages, by those who may: a PDF/A-2a and
PDF/UA-1 that holds no answer its maker may not see.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pikepdf
import pytest

from service.casework.casefile import papers, read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.papers import ComposedPaper, PaperOrder
from service.casework.cases import given_answers
from service.errors import NotFound
from service.people import accounts
from service.sandbox.paper_compilers import PaperCompilers
from service.store.installation import offices, people
from service.store.transaction import Tx
from service.store.writing import write_last
from tests.support.pdf_standards import BOTH, standards_of
from tests.support.played_cases import UNTIL, Played

pytestmark = pytest.mark.slow
LANGUAGES = ("sv", "en")
EACH, SEVERAL = 5, 3
"""Every fifth case is looked at; of each paper in each language three are made."""


@pytest.fixture(scope="module")
def compilers() -> Iterator[PaperCompilers]:
    made = PaperCompilers(seconds=60)
    yield made
    made.close()


class _Undone(Exception):
    """Nothing of what the transaction wrote is kept: others look at these cases too."""


@dataclass(frozen=True)
class Composed:
    """One paper that somebody may have made of a case, and the texts that she may not see."""

    view: CaseView
    order: PaperOrder
    paper: ComposedPaper
    hidden: frozenset[str]


@pytest.fixture(scope="module")
def everything(played: Played) -> list[Composed]:
    """Every paper that anybody may have made of some of the cases."""
    found: list[Composed] = []
    with suppress(_Undone), played.program.database.transaction() as tx:
        for view in _views(played, tx):
            found += _composed(tx, view)
        raise _Undone
    return found


def _views(played: Played, tx: Tx) -> Iterator[CaseView]:
    """Some cases as everybody sees them who has a part in them, with a reason to open them."""
    services = played.program.services
    every = [(office, row) for office in offices.everyone(tx).values() for row in _of(tx, office)]
    for case in list(played.cases.values())[::EACH]:
        for office, row in every:
            viewer = accounts.viewer_of(row, office)
            if viewer is None or not viewer.lane_roles:
                continue
            with suppress(NotFound):
                about: dict[str, Any] = {"case_id": case, "purpose": "OTHER", "reason": ""}
                read_log.record_lookup_reason(tx, services, by=viewer, now=UNTIL, **about)
                write_last(tx)
                yield load_case_view(tx, services, viewer, case, UNTIL)


def _of(tx: Tx, office: offices.Office) -> list[people.PersonWithKey]:
    return people.of_office(tx, office.id)


def _composed(tx: Tx, view: CaseView) -> Iterator[Composed]:
    every = given_answers.load_answers(tx, view.keys, view.case.id)
    seen = {text for a in every if view.visibility.see(a) for text in long_texts(a.value)}
    hidden = {text for a in every if not view.visibility.see(a) for text in long_texts(a.value)}
    for choice in papers.paper_choices(view):
        for lang in LANGUAGES:
            order = PaperOrder(choice.id, lang, "KEEP")
            paper = papers.compose(view, order, document="D" * 26, by_name="Ada")
            yield Composed(view, order, paper, frozenset(hidden - seen))


def ua_faults(content: bytes, lang: str) -> list[str]:
    """What is missing of PDF/A-2a and PDF/UA-1, as far as it can be seen without a validator."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root
        with pdf.open_metadata() as meta:
            facts = {
                "marked": bool(root.MarkInfo.Marked),
                "tags": "/StructTreeRoot" in root and "/K" in root.StructTreeRoot,
                "language": str(root.Lang) == lang,
                "title": bool(meta.get("dc:title")),
                "title shown": bool(root.ViewerPreferences.DisplayDocTitle),
                "marks": standards_of(content) == BOTH,
                "tab order": all(str(page.get("/Tabs", "/S")) == "/S" for page in pdf.pages),
                "fonts": all(
                    "/FontFile2" in font.DescendantFonts[0].FontDescriptor
                    or "/FontFile3" in font.DescendantFonts[0].FontDescriptor
                    for page in pdf.pages
                    for font in page.Resources.get("/Font", {}).values()
                ),
                "no script": "/OpenAction" not in root and "/AA" not in root,
            }
    return [name for name, fine in facts.items() if not fine]


def test_every_paper_is_made_of_the_demos_cases(
    everything: list[Composed], compilers: PaperCompilers
) -> None:
    made: dict[tuple[str, str], int] = {}
    for one in everything:
        kind = (one.order.paper, one.order.lang)
        if made.get(kind, 0) < SEVERAL:
            content = compilers.compile(one.paper.source, one.paper.data, at=UNTIL)
            assert ua_faults(content, one.order.lang) == [], (one.view.case.ref, kind)
            made[kind] = made.get(kind, 0) + 1
    release = everything[0].view.visibility.release
    wanted = {id_ for id_, paper in release.papers.items() if not paper.each}
    wanted |= {f"consent:{purpose}" for purpose in release.consent_texts.purposes}
    assert made.keys() == {(paper, lang) for paper in wanted for lang in LANGUAGES}


def test_no_paper_holds_what_its_maker_may_not_see(everything: list[Composed]) -> None:
    for one in everything:
        printed = json.dumps(one.paper.data, ensure_ascii=False)
        assert [text for text in one.hidden if text in printed] == []
    assert any(one.hidden for one in everything)
    assert len({one.view.viewer.office for one in everything}) > 3


def test_a_paper_shows_no_more_than_its_header_declares(everything: list[Composed]) -> None:
    for one in everything:
        template = one.view.visibility.release.papers[one.order.paper.partition(":")[0]]
        assert set(one.paper.data["fields"]) == set(template.fields) - {"*"}
        assert one.view.case.id not in json.dumps(one.paper.data)
        if not template.everything:
            assert {key for key, _ in one.paper.origin.shows} <= set(template.fields)
            assert one.paper.classes <= template.classes | {"C0"}


def long_texts(value: object) -> Iterator[str]:
    """Texts in an answer that are long enough to be nobody else's."""
    if isinstance(value, str) and len(value) > 8 and " " in value:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from long_texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from long_texts(item)
