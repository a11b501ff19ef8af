"""A complaint does not exist for whom it is about: not as a case, in no list, count, letter or
file, whoever they are.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from service.casework.cases import bars
from service.casework.cases.bars import Barred
from service.casework.commands import complaints
from service.casework.letters import letter_mail
from service.casework.retention import open_matters
from service.casework.tasks import claims
from service.errors import NotAllowed, NotFound
from service.store.casefile import case_bars, cases, parties
from service.store.work import letters, tasks
from tests.support.browser import PASSWORD, Browser, without_tokens
from tests.support.directory import (
    BOARD,
    HELSINKI,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import NOON, SEED, World
from tests.web.program import Program
from tests.web.story import Story

ABOVE = "regionkoordinator-mitt"
MORE = Directory(
    (OfficePlan(ABOVE, "Region", "REGIONKOORDINATOR", address="region@example.invalid"),),
    (
        PersonPlan("kim", ABOVE, ("RegionalCoordinator",)),
        PersonPlan("alva", HELSINKI, ("auditor",)),
        PersonPlan("dag", HELSINKI, ("data-protection",)),
    ),
    language="en",
    password=PASSWORD,
)
WORDS = "KANARIE: ingen svarade"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""The id of a case that there never was."""
LISTS = (
    *("/inbox", "/inbox?box=office", "/inbox?box=waiting", "/inbox/news", "/cases", "/office"),
    *("/cases?state=open", "/approvals", "/audit", "/audit?what=entries", "/audit/reads"),
    *("/audit/reads?as=csv", "/audit/verify", "/audit/report", "/audit/report.csv"),
    *("/audit/log-review", "/audit/streams", "/processes", "/drafts", "/migrations", "/help"),
)
"""Pages that show or count several cases; one that is not for her answers the same before and
after."""
SINCE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d|\b\d\d:\d\d\b")


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    """A case at IOM Helsinki, and an office above the one that approves."""
    made = Story(shipped_world)
    with shipped_world.program.database.transaction() as tx:
        add_directory(tx, shipped_world.program.services, MORE, by=SEED, now=NOON)
    made.until("Task_CheckApplication")
    yield made
    made.close()


def complain(story: Story, by: str = "sara", **answers: Any) -> str:
    """Write down a complaint, and let the worker see to it; gives the id of the case."""
    typed = story.answers("complaint", by, complaintText=WORDS, **answers)
    made = story.world.start(typed, by=by, element="Start_Complaint")
    story.settle()
    return made.case_id


def ref_of(story: Story, case_id: str) -> str:
    with story.world.program.database.transaction(write=False) as tx:
        found = cases.get(tx, case_id)
    assert found is not None
    return found.ref


def open_tasks(story: Story, case_id: str) -> list[tuple[str, str | None]]:
    with story.world.program.database.transaction(write=False) as tx:
        return [(task.element, task.office_id) for task in tasks.of_case(tx, case_id)]


def paths_of_a_case(story: Story) -> list[str]:
    """Every address that names a case alone and is looked at."""
    rules = story.world.app.url_map.iter_rules()
    return sorted(
        rule.rule.replace("<case>", "{case}")
        for rule in rules
        if rule.arguments == {"case"} and "GET" in (rule.methods or ())
    )


def answer(browser: Browser, path: str) -> tuple[int, str]:
    """Status and address of an answer."""
    found = browser.get(path)
    return found.status_code, (found.location or "")


ABOUT = {
    "IOM_HELSINKI": ("Task_DecideWhoLeaves", BOARD, ("aino", "mea", "alva", "dag"), "greta"),
    "APPROVER": ("Task_DecideWhoLeavesAbove", ABOVE, ("omar", "greta", "disa", "maja"), "alva"),
    "DATA_PROTECTION": ("Task_DecideWhoLeavesAbove", ABOVE, ("disa", "dag"), "greta"),
    "INTERPRETER": ("Task_DecideWhoLeaves", BOARD, (), "greta"),
    "IOM_LOCAL": ("Task_DecideWhoLeaves", BOARD, ("iva",), "greta"),
    "OTHER": ("Task_DecideWhoLeavesIom", HELSINKI, (), "greta"),
}
"""Whom it is about: the task that waits and its office, who knows nothing of it, and an auditor who
does."""


@pytest.mark.parametrize("about", ABOUT)
def test_an_office_that_it_is_not_about_has_it(story: Story, about: str) -> None:
    task, office, barred, knows = ABOUT[about]
    case_id = complain(story, complaintRole=about)
    assert open_tasks(story, case_id) == [(task, office)]
    for name in barred:
        assert case_id in story.world.loaded_viewer(name).barred
    assert case_id not in story.world.loaded_viewer(knows).barred
    assert story.world.browser(knows).get(f"/audit/cases/{case_id}/replay").status_code == 200


@pytest.mark.parametrize(
    ("about", "name"), [(about, name) for about, row in ABOUT.items() for name in row[2]]
)
def test_every_address_answers_as_of_a_case_that_never_was(
    story: Story, about: str, name: str
) -> None:
    case_id = complain(story, complaintRole=about)
    browser, ref = story.world.browser(name), ref_of(story, case_id)
    paths = [*paths_of_a_case(story), "/go/{case}", "/cases/{case}?tab=history"]
    assert len(paths) > 20
    for path in paths:
        real, none = (answer(browser, path.format(case=id_)) for id_ in (case_id, UNKNOWN))
        assert real == (none[0], none[1].replace(UNKNOWN, case_id)), path
        assert real[0] in (302, 303, 403, 404, 422), path
        assert ref not in browser.page.text if browser.page else True
    (key,) = [task for task, _ in open_keys(story, case_id)]
    for path in (f"/tasks/{key}", f"/tasks/{key}/print", f"/tasks/{key}/calendar"):
        unknown = path.replace(case_id, UNKNOWN)
        assert answer(browser, path)[0] == answer(browser, unknown)[0] == 404, path


def open_keys(story: Story, case_id: str) -> list[tuple[str, str]]:
    with story.world.program.database.transaction(write=False) as tx:
        return [(task.key, task.element) for task in tasks.of_case(tx, case_id)]


@pytest.mark.parametrize(
    ("about", "name"), [(about, name) for about, row in ABOUT.items() for name in row[2]]
)
def test_lists_and_counts_are_the_same_before_and_after(
    story: Story, about: str, name: str
) -> None:
    browser = story.world.browser(name)
    before = {path: plain(browser.get(path).text) for path in LISTS}
    case_id = complain(story, complaintRole=about)
    for path, text in before.items():
        after = plain(browser.get(path).text)
        assert after == text, path
    ref = ref_of(story, case_id)
    found = browser.post("/find", {"q": ref})
    page = browser.get(found.location).text if found.location else found.text
    assert f"/{case_id}" not in page
    for path in (f"/audit?q={ref}", f"/audit/bundle?case={case_id}"):
        assert f"/{case_id}" not in browser.get(path).text, path
        assert f">{ref}<" not in browser.get(path).text, path


def plain(page: str) -> str:
    """A page without what changes with each look."""
    return SINCE.sub("", re.sub(r"[0-9A-Z]{26}", "", without_tokens(page)))


def test_programs_get_nothing_of_it(story: Story) -> None:
    aino, omar = Program(story.world, "aino"), Program(story.world, "omar")
    asked = ("/v1/cases", "/v1/tasks")
    before = [(who.get(path)["items"]) for who in (aino, omar) for path in asked]
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    after = [(who.get(path)["items"]) for who in (aino, omar) for path in asked]
    assert after[:2] == before[:2]
    assert after[2:] != before[2:]
    assert aino.ask("GET", f"/v1/cases/{case_id}").status_code == 404
    assert omar.ask("GET", f"/v1/cases/{case_id}").status_code == 200


def test_who_is_not_barred_sees_it_in_these_lists(story: Story) -> None:
    """What the pages above would have shown."""
    omar, greta = story.world.browser("omar"), story.world.browser("greta")
    before = {path: plain(who.get(path).text) for who in (omar, greta) for path in LISTS}
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    changed = {
        path for who in (omar, greta) for path in LISTS if plain(who.get(path).text) != before[path]
    }
    assert {"/inbox", "/cases", "/office", "/audit", "/audit/reads"} <= changed
    ref = ref_of(story, case_id)
    assert ref in omar.get("/inbox").text
    assert omar.post("/find", {"q": ref}).location.startswith(f"/cases/{case_id}")
    assert case_id in greta.get("/audit").text
    assert ref in greta.get(f"/audit/bundle?case={case_id}").text


def test_an_auditor_who_is_barred_makes_no_proof_and_no_export_of_it(story: Story) -> None:
    case_id = complain(story, complaintRole="APPROVER")
    ref = ref_of(story, case_id)
    for name, found in (("greta", False), ("alva", True)):
        browser = story.world.browser(name)
        browser.get("/audit/bundle")
        sent = browser.post("/audit/bundle", {"cases": ref, "reason": "Kontroll"})
        unknown = sent.mimetype == "text/html" and f"No case is called: {ref}" in sent.text
        assert unknown != found
        assert exported(story, name, ref) == found


def exported(story: Story, name: str, ref: str) -> bool:
    """Whether a file of all events has a case."""
    browser = story.world.browser(name)
    browser.get("/audit/export")
    order = {"what": "json", "reason": "Kontroll", "option": ["pseudonyms", "rare"]}
    made = browser.post("/audit/export", order)
    with zipfile.ZipFile(io.BytesIO(made.data)) as packed:
        return any(ref.encode() in packed.read(one) for one in packed.namelist())


def test_who_sent_it_gets_the_one_answer_and_sees_nothing_of_it(story: Story) -> None:
    for name, about in (("sara", "INTERPRETER"), ("aino", "IOM_HELSINKI")):
        browser = story.world.browser(name)
        browser.get("/cases/new?element=Start_Complaint")
        typed = story.answers("complaint", name, complaintRole=about, complaintText=WORDS)
        body = {"process": "complaint", "element": "Start_Complaint", **typed, "do": "send"}
        sent = browser.post("/cases/new", body)
        assert (sent.status_code, sent.location) == (
            303,
            "/cases/new?element=Start_Complaint&sent=1",
        )
        page = browser.get(sent.location).text
        assert "Thank you. I have written it down. I cannot say more." in page
    with story.world.program.database.transaction(write=False) as tx:
        made = [one for one in cases.listed(tx) if one.process == "complaint"]
    assert len(made) == 2
    for case, name in zip(made, ("sara", "aino"), strict=True):
        browser = story.world.browser(name)
        assert browser.get(f"/cases/{case.id}").status_code == 404
        assert case.ref not in browser.get("/cases").text


def test_no_letter_goes_to_whom_it_is_about(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    story.world.clock.set(story.world.clock.now() + timedelta(days=9))
    story.settle()
    program, now = story.world.program, story.world.clock.now()
    with program.database.transaction() as tx:
        sent = letters.of_case(tx, case_id)
        assert {letter.office_id for letter in sent} == {BOARD}
        assert all(ref_of(story, case_id) not in text(tx, story, one) for one in sent)
        wrong = letters.Letter(
            *("k", case_id, HELSINKI, "", "news", "sv"), {}, needs_consent="", made_at=now
        )
        assert letter_mail.is_barred(tx, wrong)


def text(tx: Any, story: Story, letter: letters.Letter) -> str:
    services = story.world.program.services
    made = letter_mail.compose_mail(tx, services, letter, "a@example.invalid")
    return made.text.replace(services.base_url, "").replace(letter.case_id, "")


def test_a_person_who_is_named_is_barred_and_her_office_is_not(story: Story) -> None:
    case_id = complain(story, complaintRole="OTHER", complaintPerson="aino")
    assert open_tasks(story, case_id) == [("Task_DecideWhoLeavesIom", HELSINKI)]
    key = open_keys(story, case_id)[0][0]
    aino, eero = story.world.loaded_viewer("aino"), story.world.loaded_viewer("eero")
    services, now = story.world.program.services, story.world.clock.now()
    ref = ref_of(story, case_id)
    assert ref not in story.world.browser("aino").get("/inbox?box=office").text
    assert ref in story.world.browser("eero").get("/inbox?box=office").text
    with story.world.program.database.transaction() as tx:
        with pytest.raises(NotFound):
            claims.claim(tx, services, by=aino, now=now, task_key=key)
        claims.claim(tx, services, by=eero, now=now, task_key=key)
        with pytest.raises(NotAllowed):
            claims.hand_over(tx, by=eero, now=now, task_key=key, to_person="p_aino")


def test_who_has_the_task_reads_it_and_nobody_else_of_the_office_does(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    key = open_keys(story, case_id)[0][0]
    omar = story.world.browser("omar")
    omar.get(f"/tasks/{key}")
    omar.post(f"/tasks/{key}/claim", {})
    assert WORDS in omar.get(f"/tasks/{key}").text
    assert WORDS not in omar.get(f"/cases/{case_id}?tab=history").text


def test_where_no_office_is_left_an_incident_says_so_without_a_word_of_it(story: Story) -> None:
    program, now = story.world.program, story.world.clock.now()
    typed = story.answers("complaint", "sara", complaintRole="APPROVER", complaintText=WORDS)
    made = story.world.start(typed, element="Start_Complaint")
    with program.database.transaction() as tx:
        whom = [Barred(office=ABOVE), Barred(office=HELSINKI)]
        bars.bar(tx, by=SEED, now=now, case_id=made.case_id, whom=whom, why=bars.ABOUT)
    for _ in range(12):
        story.settle()
        story.world.clock.set(story.world.clock.now() + timedelta(days=1))
    (incident,) = story.world.incidents(made.case_id)
    assert incident.topic == complaints.FIND_OFFICE
    assert WORDS not in incident.error
    assert open_tasks(story, made.case_id) == []


# ---- who leaves the case that it is about


def decide(story: Story, case_id: str, **answers: Any) -> list[str]:
    """The head decides; gives the tasks that wait then."""
    omar, services = story.world.loaded_viewer("omar"), story.world.program.services
    (key,) = [key for key, _ in open_keys(story, case_id)]
    now = story.world.clock.now()
    with story.world.program.database.transaction() as tx:
        claims.claim(tx, services, by=omar, now=now, task_key=key)
    typed = story.answers("complaint_decision", "omar", **answers)
    story.world.complete(key, typed, by="omar")
    story.settle()
    return [element for _, element in open_keys(story, case_id)]


def test_a_person_leaves_the_case_and_her_office_keeps_it(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    key = story.key("Task_CheckApplication")
    services, now = story.world.program.services, story.world.clock.now()
    with story.world.program.database.transaction() as tx:
        by = story.world.loaded_viewer("aino")
        claims.claim(tx, services, by=by, now=now, task_key=key)
    ref = story.brief().ref
    waits = decide(story, case_id, whoLeaves="PERSON", complaintCase=ref, leavingPerson="Aino")
    assert waits == ["Task_TellComplainant"]
    with story.world.program.database.transaction(write=False) as tx:
        task = tasks.get(tx, key)
        assert task is not None
        assert (task.office_id, task.claimed_by) == (HELSINKI, None)
        assert parties.of_case(tx, story.case)["IomHelsinki"] == HELSINKI
    aino, eero = story.world.browser("aino"), story.world.browser("eero")
    assert aino.get(f"/cases/{story.case}").status_code == 404
    assert aino.get(f"/tasks/{key}").status_code == 404
    assert ref not in aino.get("/inbox").text
    assert ref in eero.get("/inbox?box=office").text
    eero.get(f"/tasks/{key}")
    assert eero.post(f"/tasks/{key}/claim", {}).status_code == 303
    history = eero.get(f"/cases/{story.case}?tab=history").text
    assert "Aino no longer handles the case" in history
    assert "Ingen behöver lämna" not in history
    assert "complaint" not in history.lower()
    assert story.world.faults() == []


def test_nobody_leaves_whom_nobody_could_replace(story: Story) -> None:
    ref = story.brief().ref
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    asked = {"whoLeaves": "OFFICE", "complaintCase": ref, "leavingOffice": HELSINKI}
    assert decide(story, case_id, **asked) == ["Task_DecideWhoLeaves"]
    asked = {"whoLeaves": "PERSON", "complaintCase": ref, "leavingPerson": "Sara"}
    assert decide(story, case_id, **asked) == ["Task_TellComplainant"]
    with story.world.program.database.transaction(write=False) as tx:
        assert [row.person_id for row in case_bars.of_case(tx, story.case)] == ["p_sara"]
        assert parties.of_case(tx, story.case)["IomHelsinki"] == HELSINKI


def test_a_case_that_is_not_found_is_asked_for_again(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    asked = {"whoLeaves": "PERSON", "complaintCase": "okänt", "leavingPerson": "Aino"}
    assert decide(story, case_id, **asked) == ["Task_DecideWhoLeaves"]


def test_a_complaint_holds_the_case_that_it_is_about_until_it_is_answered(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    assert held(story) == {}
    waits = decide(story, case_id, whoLeaves="NOBODY", complaintCase=ref_of(story, story.case))
    assert waits == ["Task_TellComplainant"]
    assert held(story) == {story.case: open_matters.COMPLAINT}
    key, _ = open_keys(story, case_id)[0]
    story.world.complete(key, story.answers("complaint_answer", "omar"), by="omar")
    story.settle()
    assert held(story) == {}


def held(story: Story) -> Mapping[str, str]:
    """The cases about which something is open."""
    with story.world.program.database.transaction(write=False) as tx:
        return open_matters.load_open_matters(tx, story.world.program.services)


def test_a_complaint_leaves_no_trace_in_the_case_that_it_is_about(story: Story) -> None:
    def seen() -> tuple[Any, ...]:
        with story.world.program.database.transaction(write=False) as tx:
            sent = [letter.key for letter in letters.of_case(tx, story.case)]
        return len(story.facts()), story.open(), sent, story.brief()

    before = seen()
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    assert decide(story, case_id) == ["Task_TellComplainant"]
    assert seen() == before


def test_an_alarm_of_the_case_goes_on_when_a_person_leaves_it(story: Story) -> None:
    quiet = set(story.open())
    report = story.answers("alert_report", "sara", alertSeenOn="@now-PT1H", alertDanger=True)
    browser = story.world.browser("sara")
    page = f"/cases/{story.case}/messages/alert"
    browser.get(page)
    assert browser.post(page, {**report, "do": "send"}).status_code == 303
    story.settle()
    waiting = set(story.open())
    alarms = sorted(waiting - quiet)
    assert alarms
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    ref = story.brief().ref
    decide(story, case_id, whoLeaves="PERSON", complaintCase=ref, leavingPerson="Aino")
    assert set(story.open()) == waiting
    eero, services = story.world.loaded_viewer("eero"), story.world.program.services
    now = story.world.clock.now()
    key = story.key(alarms[0])
    with story.world.program.database.transaction() as tx:
        task = tasks.get(tx, key)
        assert task is not None
        assert task.office_id == HELSINKI
        assert claims.claim(tx, services, by=eero, now=now, task_key=key)


def test_what_a_bar_says_is_in_the_history_and_binds(story: Story) -> None:
    case_id = complain(story, complaintRole="IOM_HELSINKI")
    with story.world.program.database.transaction(write=False) as tx:
        rows = case_bars.of_case(tx, case_id)
    assert [(row.office_id, row.role, row.why) for row in rows] == [(HELSINKI, "", bars.ABOUT)]
    told = story.world.browser("greta").get(f"/audit/cases/{case_id}/replay").text
    assert "The case does not exist for Helsinki: the complaint is about them" in told
    assert story.world.faults() == []


def test_a_case_is_not_referred_to_an_office_that_left_it(story: Story) -> None:
    browser, page = story.world.browser("sara"), f"/cases/{story.case}/refer"
    assert "Board" in browser.get(page).text
    now = story.world.clock.now()
    with story.world.program.database.transaction() as tx:
        whom = [Barred(office=BOARD)]
        bars.bar(tx, by=SEED, now=now, case_id=story.case, whom=whom, why=bars.LEFT)
    assert "Board" not in browser.get(page).text
