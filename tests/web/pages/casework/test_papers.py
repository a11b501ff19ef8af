"""Papers of a case: made of what the maker may see, kept sealed, signed, found by their code."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from werkzeug.test import TestResponse

from service.casework.casefile import documents as case_documents
from service.casework.casefile import papers
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.paper_commands import keep_paper
from service.casework.casefile.paper_data import code_of
from service.casework.casefile.papers import ComposedPaper, PaperOrder
from service.errors import NotFound, Stale
from service.people.office_contacts import set_office_contact
from service.release.bundle import TEXTS
from service.sandbox.paper_compiling import compile_paper
from service.store.casefile import documents
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.other_languages import in_all_languages, with_signature
from tests.support.pdf_text import pages_of
from tests.support.world import NOON, SEED, World, shipped
from tests.web.story import PAPER, Story

NAME = "Testara"
PLAN = {"paper": "plan", "lang": "sv", "reason": "GIVE"}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def make(browser: Browser, story: Story, **form: str) -> TestResponse:
    """Have a paper made, as its page does."""
    path = f"/cases/{story.case}/papers/new"
    browser.get(f"{path}?paper={form['paper']}")
    return browser.post(path, form)


def made(story: Story) -> list[documents.Document]:
    with story.world.program.database.transaction(write=False) as tx:
        return [row for row in documents.of_case(tx, story.case) if row.template]


def read(story: Story, id_: str) -> bytes:
    with story.world.program.database.transaction(write=False) as tx:
        return case_documents.read_document(tx, story.world.program.services, id_)[1]


def lines(story: Story, stream: str) -> list[tuple[str, dict[str, Any]]]:
    with story.world.program.database.transaction(write=False) as tx:
        entries = ledger_entries.of_stream(tx, f"{stream}/{story.case}")
    bodies = ((entry.kind, json.loads(entry.body)) for entry in entries)
    return [(kind, {k: v for k, v in body.items() if k != "rows"}) for kind, body in bodies]


def composed(story: Story, who: str, order: PaperOrder, document: str = "D" * 26) -> ComposedPaper:
    program = story.world.program
    with program.database.transaction(write=False) as tx:
        viewer, now = story.world.loaded_viewer(who), story.world.clock.now()
        view = load_case_view(tx, program.services, viewer, story.case, now)
        return papers.compose(view, order, document=document, by_name="A")


def choices(story: Story, who: str) -> list[str]:
    program = story.world.program
    with program.database.transaction(write=False) as tx:
        viewer, now = story.world.loaded_viewer(who), story.world.clock.now()
        view = load_case_view(tx, program.services, viewer, story.case, now)
        return [choice.id for choice in papers.paper_choices(view)]


def test_a_paper_is_chosen_made_kept_and_opened(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara = shipped_world.browser("sara")
    page = sara.get(f"/cases/{story.case}?tab=papers")
    assert f"/cases/{story.case}/papers/new" in page.text
    listed = sara.get(f"/cases/{story.case}/papers/new").text
    for paper in ("application", "consent:REFER", "consent:SHARE_HEALTH", "card", "case"):
        assert f"papers/new?paper={paper}" in listed.replace("%3A", ":")
    form = sara.get(f"/cases/{story.case}/papers/new?paper=application").text
    assert re.search(r'value="en"\s+checked', form), "her own language, when the person's is none"
    done = make(sara, story, paper="application", lang="en", reason="SIGN")
    assert (done.status_code, done.location) == (303, f"/cases/{story.case}?tab=papers&done=made")
    (row,) = made(story)
    assert (row.template, row.purpose, row.kind, row.klass) == (
        "application",
        "PARTICIPATE",
        "pdf",
        "C0",
    )
    page = sara.get(done.location)
    assert "Application for support to return" in page.text
    assert code_of(row.id) in page.text
    opened = sara.get(f"/files/{row.id}")
    assert (opened.status_code, opened.mimetype) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(opened.data)) as pdf:
        assert str(pdf.Root.Lang) == "en"
    kind, body = next(line for line in lines(story, "reads") if line[0] == "print")
    assert (body["paper"], body["reason"], body["document"]) == ("application", "SIGN", row.id)
    assert set(body["classes"]) >= {"C0", "C1"}
    assert (
        "paper_made",
        {"document": row.id, "paper": "application", "purpose": "PARTICIPATE"},
    ) in (lines(story, "case"))
    assert "made a paper" in sara.get(f"/cases/{story.case}?tab=history").text
    assert kind == "print"


def test_a_form_sent_twice_makes_one_paper(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara = shipped_world.browser("sara")
    path = f"/cases/{story.case}/papers/new"
    sara.get(f"{path}?paper=card")
    once = sara.hidden()
    form = {"paper": "card", "lang": "sv", "reason": "GIVE", "t-one": "Anna", **once}
    assert sara.client.post(path, data=form, headers=sara.headers).status_code == 303
    assert sara.client.post(path, data=form, headers=sara.headers).status_code == 303
    assert len(made(story)) == 1


def test_a_card_offers_how_offices_are_reached(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    office, changes = shipped_world.viewer("omar").office, {"telephone": "08-465 004 10"}
    with shipped_world.program.database.transaction() as tx:
        set_office_contact(tx, by=SEED, now=NOON, office=office, changes=changes)
    sara, path = shipped_world.browser("sara"), f"/cases/{story.case}/papers/new"
    page = sara.get(f"{path}?paper=card").text
    assert 'list="t-two-offers"' in page
    assert '<option value="08-465 004 10">' in page
    assert 'list="t-one-offers"' not in page
    form = {"paper": "card", "lang": "sv", "reason": "GIVE", "t-two": "08-465 004 10"}
    assert make(sara, story, **form).status_code == 303
    contacts = sara.get(f"/cases/{story.case}?tab=people").text
    assert 'href="tel:08-465004 10"' not in contacts
    assert 'href="tel:08-46500410"' in contacts


def test_the_person_is_told_in_her_language(story: Story, shipped_world: World) -> None:
    key, sara = story.until("Task_OfferReturnInformation"), shipped_world.browser("sara")
    page = sara.get(f"/tasks/{key}").text
    assert "What the person is to be told (version 2026-2)" in page
    assert "You may change your mind at any time, also at the airport." in page
    told = {"paper": "information", "lang": "bg", "reason": "GIVE"}
    assert make(sara, story, **told).status_code == 303
    (row,) = made(story)
    assert (row.template, row.klass, row.shows) == ("information", "C0", [])
    with pikepdf.open(io.BytesIO(read(story, row.id))) as pdf:
        assert str(pdf.Root.Lang) == "bg"
    story.until("Task_SubmitReferral")
    text = story.release().information_texts.text("RETURN", "bg")
    (answer,) = [one for one in story.given("sara") if one.key == "infoGiven"]
    assert text is not None
    assert isinstance(answer.value, dict)
    assert answer.value["textDigest"] == text.digest


def test_a_reason_is_asked_for(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara = shipped_world.browser("sara")
    answer = make(sara, story, paper="card", lang="sv", reason="")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert not made(story)
    assert make(sara, story, paper="card", lang="sv", reason="BECAUSE").status_code == 404
    assert make(sara, story, paper="card", lang="xx", reason="GIVE").status_code == 404
    assert make(sara, story, paper="nothing", lang="sv", reason="GIVE").status_code == 404


def test_nothing_gets_in_that_the_maker_may_not_see(story: Story) -> None:
    story.until("Task_MakePlan")
    order = PaperOrder("application", "sv", "KEEP")
    whole = composed(story, "sara", order)
    assert NAME in json.dumps(whole.data) or whole.data["fields"]["givenNames"]["text"]
    assert "application" not in choices(story, "iva"), "the local office knows no name yet"
    with pytest.raises(NotFound):
        composed(story, "iva", order)
    everything = composed(story, "sara", PaperOrder("case", "sv", "HAND_OVER"))
    others = [
        answer
        for answer in story.given("aino")
        if answer.key == "noteToOffice" and isinstance(answer.value, str)
    ]
    for answer in others:
        assert answer.value not in json.dumps(everything.data), "a note of another office"
    assert everything.data["steps"]


def test_who_may_not_see_a_field_of_it_does_not_see_it(story: Story, shipped_world: World) -> None:
    story.until("Task_ConfirmLocalSupport")
    sara, iva = shipped_world.browser("sara"), shipped_world.browser("iva")
    make(sara, story, paper="application", lang="sv", reason="KEEP")
    (row,) = made(story)
    assert sara.get(f"/files/{row.id}").status_code == 200
    assert iva.get(f"/files/{row.id}").status_code == 404
    page = iva.get(f"/cases/{story.case}?tab=papers")
    assert page.status_code == 200
    assert code_of(row.id) not in page.text


def test_a_card_holds_what_was_typed_and_nothing_else(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara, aino = shipped_world.browser("sara"), shipped_world.browser("aino")
    typed = {"t-one": "Anna", "t-two": "070-000 00 00", "t-other": "no line"}
    assert make(sara, story, paper="card", lang="sv", reason="GIVE", **typed).status_code == 303
    (row,) = made(story)
    order = PaperOrder("card", "sv", "GIVE", {"one": "Anna", "other": "x"})
    data = composed(story, "sara", order).data
    assert data["typed"] == {"one": "Anna", "two": "", "three": "", "four": ""}
    assert (data["code"], data["fields"], row.klass) == ("", {}, "C1")
    source = composed(story, "sara", order).source
    assert "paper.ref" not in source.split("// title")[1], "which case it is of, the card says not"
    assert code_of(row.id) not in sara.get(f"/cases/{story.case}?tab=papers").text
    assert aino.get(f"/files/{row.id}").status_code in (303, 404), "it stays with its office"


def test_a_signed_copy_is_tied_by_the_code_on_the_page(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara = shipped_world.browser("sara")
    make(sara, story, paper="application", lang="sv", reason="SIGN")
    (row,) = made(story)
    path = f"/cases/{story.case}/papers/signed"

    def send(code: str, content: bytes | None = PAPER) -> TestResponse:
        sara.get(path)
        file = {"file": (io.BytesIO(content), "scan.pdf")} if content is not None else {}
        return sara.post(path, {"code": code, **file}, content_type="multipart/form-data")

    for code in ("", "7K3M-9QXA", code_of(row.id)[:4]):
        wrong = send(code)
        assert wrong.status_code == 422
        assert "No paper of this case has that code." in wrong.text
    assert send(code_of(row.id), None).status_code == 422
    assert send(code_of(row.id), b"no paper").status_code == 422
    typed = code_of(row.id).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert send(typed).location == f"/cases/{story.case}?tab=papers&done=signed"
    with story.world.program.database.transaction(write=False) as tx:
        (copy,) = [r for r in documents.of_case(tx, story.case) if r.signs]
    assert (copy.signs, copy.purpose, copy.shows) == (row.id, row.purpose, row.shows)
    page = sara.get(f"/cases/{story.case}?tab=papers").text
    assert "Signed: " in page
    assert "signed: Ansökan om stöd att återvända" in page
    assert ("paper_signed", {"document": copy.id, "signs": row.id}) in lines(story, "case")
    assert sara.get(f"/files/{copy.id}").status_code == 200
    assert shipped_world.faults() == []


def test_a_copy_that_came_with_a_form_is_tied(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara, aino = shipped_world.browser("sara"), shipped_world.browser("aino")
    make(sara, story, paper="application", lang="sv", reason="SIGN")
    (row,) = made(story)
    attached: dict[str, Any] = {"case_id": story.case, "task_key": "", "klass": "C1"}
    with story.world.program.database.transaction() as tx:
        case_documents.attach(
            tx,
            story.world.program.services,
            by=story.world.loaded_viewer("sara"),
            now=story.world.clock.now(),
            field="attachments",
            clean=case_documents.CheckedFile("x.pdf", "pdf", PAPER),
            **attached,
        )
        brought = [r for r in documents.of_case(tx, story.case) if r.field]
    path = f"/cases/{story.case}/papers/signed"
    assert brought[0].id in sara.get(path).text
    assert brought[0].id not in aino.get(path).text, "another office's"
    body = {"code": code_of(row.id), "document": brought[0].id}
    wrong = sara.post(path, {**body, "document": row.id})
    assert wrong.status_code == 422
    assert sara.post(path, body).location == f"/cases/{story.case}?tab=papers&done=signed"
    sara.get(path)
    assert sara.post(path, body).status_code == 422, "tied already"
    assert ("paper_signed", {"document": brought[0].id, "signs": row.id}) in lines(story, "case")
    assert "signed: Ansökan" in sara.get(f"/cases/{story.case}?tab=papers").text
    assert shipped_world.faults() == []


def test_a_case_that_moved_meanwhile_is_read_anew(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    order = PaperOrder("application", "sv", "KEEP")
    before = composed(story, "sara", order)
    story.do("sara", "Task_SignApplication")
    command = partial(
        keep_paper,
        case_id=story.case,
        order=order,
        document="D" * 26,
        by_name="A",
        composed=before,
        content=b"%PDF",
    )
    viewer, now = shipped_world.loaded_viewer("sara"), shipped_world.clock.now()
    with pytest.raises(Stale), shipped_world.database.transaction() as tx:
        command(tx, shipped_world.program.services, viewer, now)
    assert not made(story)


def test_a_hostile_template_ends_in_a_sentence(shipped_world: World) -> None:
    name = "workflows/papers/card.typ"
    bundle = shipped()
    hostile = bundle.files[name] + b'\n#read("/etc/passwd")\n'
    shipped_world.publish(bundle.with_file(name, hostile))
    story = Story(shipped_world)
    try:
        story.until("Task_SubmitReferral")
        answer = make(shipped_world.browser("sara"), story, paper="card", lang="sv", reason="GIVE")
        assert answer.status_code == 422
        assert "The template tries to read a file. No paper was made." in answer.text
        assert not made(story)
    finally:
        story.close()


def test_a_release_without_papers_makes_none(shipped_world: World) -> None:
    bundle = shipped()
    kept = {
        name: content
        for name, content in bundle.files.items()
        if not name.startswith(("workflows/papers/", *TEXTS))
    }
    form = json.loads(kept["forms/new_case.form"])
    kept["forms/new_case.form"] = json.dumps(form).replace('"information": "RETURN", ', "").encode()
    journey = "workflows/home_journey.bpmn"
    asks = re.compile(r'type="bookings\.request_\w+"')
    kept[journey] = asks.sub('type="letters.alert_told"', bundle.text(journey)).encode()
    shipped_world.publish(type(bundle)(kept))
    story = Story(shipped_world)
    try:
        story.until("Task_SubmitReferral")
        sara = shipped_world.browser("sara")
        assert "papers/new" not in sara.get(f"/cases/{story.case}?tab=papers").text
        page = sara.get(f"/cases/{story.case}/papers/new")
        assert "There is no paper that you can make" in page.text
    finally:
        story.close()


def test_papers_have_a_limit_of_their_own(
    story: Story, shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.until("Task_SignApplication")
    sara = shipped_world.browser("sara")
    monkeypatch.setattr(case_documents, "MOST_MADE", 1)
    card = {"paper": "card", "lang": "sv", "reason": "GIVE"}
    assert make(sara, story, **card).status_code == 303
    assert make(sara, story, **card).status_code == 413
    assert len(made(story)) == 1


def test_a_text_in_another_language_says_which_and_where_its_lines_begin(
    shipped_world: World,
) -> None:
    shipped_world.publish(in_all_languages())
    story = Story(shipped_world)
    try:
        key, sara = story.until("Task_OfferReturnInformation"), shipped_world.browser("sara")
        page = sara.get(f"/tasks/{key}").text
        title = story.release().information_texts.texts["RETURN"]["ar"].title
        assert f'<div lang="ar" dir="rtl"><p><strong>{title}' in page
        assert '<div lang="art" dir="ltr">' in page
        assert "Arabic (example: nobody has signed the text, an interpreter reads it aloud)" in page
        paper = sara.get(f"/cases/{story.case}/papers/new?paper=plan").text
        assert re.search(r'value="ar"\s*> Arabic \(example: nobody has signed the text\)', paper)
        order = PaperOrder("information", "ar", "GIVE")
        assert [m["lang"] for m in composed(story, "sara", order).data["marks"]] == ["sv", "ar"]
        assert make(sara, story, paper="information", lang="ar", reason="GIVE").status_code == 303
        (row,) = made(story)
        with pikepdf.open(io.BytesIO(read(story, row.id))) as pdf:
            assert str(pdf.Root.Lang) == "ar"
    finally:
        story.close()


def test_a_signed_text_is_no_example(shipped_world: World) -> None:
    shipped_world.publish(with_signature(shipped(), "bg", "information.RETURN"))
    story = Story(shipped_world)
    try:
        key, sara = story.until("Task_OfferReturnInformation"), shipped_world.browser("sara")
        page = sara.get(f"/tasks/{key}").text
        assert "<summary>Bulgarian</summary>" in page
        assert composed(story, "sara", PaperOrder("information", "bg", "GIVE")).data["marks"] == []
    finally:
        story.close()


REFUSED = {
    "referralDecision": "REJECTED",
    "reasonCode": "BUDGET",
    "otherHelp": ["NGO"],
    "decisionNote": "Nej.",
}
DECISION = PaperOrder("decision", "sv", "GIVE")


def test_a_refusal_says_how_it_is_appealed_on_its_paper_and_at_the_task(
    story: Story, tmp_path: Path
) -> None:
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **REFUSED)
    road = "Du kan överklaga till Förvaltningsrätten i Stockholm."
    helps = "Social hjälper dig, också med en säker adress. (ska bekräftas av en jurist)"
    paper = composed(story, "sara", DECISION)
    assert paper.data["appeal"]["text"].startswith(road)
    assert paper.data["appeal"]["text"].endswith(helps)
    english = composed(story, "sara", replace(DECISION, lang="en"))
    assert english.data["appeal"]["text"].startswith("You can appeal to the Administrative Court")
    printed = "".join(pages_of(compile_paper(paper.source, dict(paper.data), str(tmp_path), 0)))
    assert "Omduintehållermedombeslutet" in printed
    sara = story.world.browser("sara")
    task = sara.get(f"/tasks/{story.key('Task_TellPerson')}").text
    assert "You can appeal to the Administrative Court in Stockholm." in task
    assert "Social helps you" in task


def test_what_is_not_refused_says_nothing_of_an_appeal(story: Story, tmp_path: Path) -> None:
    story.until("Task_DecideReferral")
    returned = {**REFUSED, "referralDecision": "RETURNED", "reasonCode": "INCOMPLETE"}
    story.do("omar", "Task_DecideReferral", **{**returned, "missingItems": ["IDENTITY"]})
    paper = composed(story, "sara", DECISION)
    assert "rklaga" not in "".join(
        pages_of(compile_paper(paper.source, dict(paper.data), str(tmp_path), 0))
    )
