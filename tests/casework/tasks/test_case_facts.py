"""What the page of a task shows of its case."""

from __future__ import annotations

from dataclasses import replace

from service.casework.tasks import case_facts
from service.casework.tasks.explanation import load_turn_explainer
from service.release.programme.task_page_rules import TaskPageRule, read_task_pages
from service.release.programme.typed_tables import Worded
from service.store.casefile import facts
from service.text import say
from tests.casework.tasks.sessions import session
from tests.support.changed_configuration import with_configuration
from tests.support.world import World


def test_what_others_wrote_has_all_groups_and_who_answered(desk: World, case: str) -> None:
    desk.do(case, "a", {"contact": ["by phone"]}, by="stina")
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case, "b")
        explainer = load_turn_explainer(
            tx,
            found.services,
            found.target.visibility,
            found.target.newest,
            facts.of_case(tx, case),
        )
        (group,) = case_facts.others_answers(found, explainer)
    assert group.by == "Stina, Social"
    (contact,) = (one for one in group.answers if one.key == "contact")
    assert (contact.label, contact.text) == ("Contact", "by phone")


def test_a_case_without_consent_says_so(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        shown = dict(case_facts.case_facts(session(tx, desk, case)))
    assert shown[say("case.consents", "sv")] == (say("consent.none", "sv"),)


def test_a_case_without_documents_links_to_none(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        assert case_facts.document_links(tx, session(tx, desk, case)) == ()


def test_the_form_has_beside_it_what_its_programme_says(desk: World, case: str) -> None:
    desk.do(case, "a", {"contact": ["by phone"]})
    rules = read_task_pages(PAGES)
    services = desk.program.services
    services = with_configuration(services, task_pages=rules)
    with desk.database.transaction(write=False) as tx:
        found = replace(session(tx, desk, case, "b"), services=services)
        companion = case_facts.form_companion(found)
        elsewhere = case_facts.form_companion(replace(found, services=desk.program.services))
    assert companion is not None
    assert companion.title == "Bredvid"
    assert companion.answers == (("Contact", ("by phone",)),)
    assert [(item.text, item.state) for item in companion.checks] == [
        ("Brev", "missing"),
        ("Kontakt", "done"),
    ]
    assert elsewhere is None


def test_beside_a_form_of_several_answers_the_last_one_stands(desk: World, case: str) -> None:
    desk.do(case, "a", {"contact": ["by phone"]})
    rule = TaskPageRule(
        forms=("ask",),
        name=Worded(sv="Säker", en="Safe"),
        newest=("contact", "place"),
        first=True,
    )
    services = with_configuration(desk.program.services, task_pages={"ask": rule})
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case, "b")
        found = replace(found, services=services)
        companion = case_facts.form_companion(found)
        target = found.target
        vars(target)["shown"] = {}  # nothing may be seen
        closed = case_facts.form_companion(found)
    assert companion is not None
    assert (companion.answers, companion.hidden) == ((("Contact", ("by phone",)),), False)
    assert companion.first
    assert closed is not None
    assert (closed.answers, closed.hidden) == ((), True)


def test_who_has_not_claimed_it_hears_that_claiming_shows_more(desk: World, case: str) -> None:
    desk.do(case, "a", {"contact": ["by phone"]})
    words = Worded(sv="Larm", en="Alarm")
    rule = TaskPageRule(forms=("ask",), name=words, answers=("contact",), opens=True)
    services = with_configuration(desk.program.services, task_pages={"ask": rule})
    with desk.database.transaction(write=False) as tx:
        found = replace(session(tx, desk, case, "b"), services=services)
        seen = case_facts.form_companion(found)
        vars(found.target)["shown"] = {}  # nothing may be seen
        closed = case_facts.form_companion(found)
    assert seen is not None
    assert not seen.opens
    assert closed is not None
    assert closed.opens


PAGES = """
[[page]]
forms = ["ask"]
name = { sv = "Bredvid", en = "Beside" }
answers = ["contact", "place"]

[[page.check]]
name = { sv = "Kontakt", en = "Contact" }
done = 'contact = "by phone"'

[[page.check]]
name = { sv = "Brev", en = "Letter" }
done = 'contact = "by letter"'

[[page.check]]
name = { sv = "Namn som releasen inte har", en = "A name that the release lacks" }
done = "unknownName = true"
"""
