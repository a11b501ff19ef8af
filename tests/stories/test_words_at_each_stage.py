"""Each of the six things that a person may say, at each stage of a case, through the form and with
words as any office types them: what the sender is answered, who has which task until when, and that
nothing opens to the sender.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
from flask import Flask

from service.access import Viewer
from service.application.container import Tresteg
from service.audit import verify
from service.casework.cases.card_words import GivenWords, give_words
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import read_scenario
from service.demo.state import PEOPLE
from service.operations.start_checks import prepare_database
from service.people import accounts
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases, facts
from service.store.installation import installation_values
from service.store.work import letters, tasks
from service.worker.loop import Worker
from service.workshop.trial.scenario_file import Scenario, ScenarioStep
from service.workshop.trial.scenario_times import moments
from tests.support.browser import Browser, without_tokens
from tests.support.played_cases import SCENARIOS, UNTIL, program_at
from tests.support.programs import WokenOnly, make_application, make_program
from tests.support.shipped import publish_shipped

SAYS: Final = ("NOT_SAFE", "CALL_ME", "STOP", "SEE_ALL", "COMPLAIN", "SAFE")
STAGES: Final[Mapping[str, tuple[str, int, str]]] = {
    "before IOM knows": ("words-call-me", 2, "PT1H"),
    "before the tickets": ("pause-before-tickets", 11, "PT1H"),
    "days before": ("pause-days-before", 16, "PT1H"),
    "the last day": ("flight-at-the-gate", 17, "P1DT6H"),
    "not reached": ("pause-unreached", 14, "PT1H"),
    "on the way": ("pause-on-the-way", 18, "PT1H"),
    "at home": ("pause-at-home", 21, "PT1H"),
    "in an alarm": ("pause-in-an-alarm", 6, "PT5M"),
    "a child": ("words-child", 5, "PT1H"),
    "a child, before child services": ("words-child-early", 2, "PT1H"),
    "after the end": ("declined", 99, "PT1H"),
}
"""Stage to a scenario, how many of its steps lead there, and how long after them she calls."""
START: Final = "Start_ReturneeSays"
RECEIPT: Final = re.compile(
    r"Tack\. Jag har skrivit upp det\. Mer kan jag inte säga\."
    r"|Thank you\. I have written it down\. I cannot say more\."
)
PARTNER: Final = {
    "NOT_SAFE": {"Task_TakePartner partner 30m"},
    "CALL_ME": {"Task_CallBackPartner partner 1d"},
    "STOP": {"Task_PausePartner partner 1d"},
    "SEE_ALL": {"Task_ShowAllPartner partner 7d"},
    "COMPLAIN": {"Task_DecideWhoLeaves approver 1d"},
    "SAFE": {"Task_NoteSafePartner partner 1d"},
}
"""What follows before IOM knows of her: step, who has it, and how long from the call until it is
due. Five working days are seven here."""
HELSINKI: Final = {
    "NOT_SAFE": {"Task_TakeHelsinki helsinki 30m", "Task_TakePartner partner 30m"},
    "CALL_ME": {"Task_CallBack helsinki 1d"},
    "STOP": {"Task_PauseHelsinki helsinki 1d"},
    "SEE_ALL": {"Task_ShowAll helsinki 7d"},
    "COMPLAIN": {"Task_DecideWhoLeaves approver 1d"},
    "SAFE": {"Task_NoteSafe helsinki 1d"},
}
"""What follows in Sweden once IOM knows of her."""
AWAY: Final = {
    **HELSINKI,
    "NOT_SAFE": {"Task_TakeHelsinki helsinki 30m", "Task_TakeLocal local 30m"},
}


def with_child(follows: Mapping[str, set[str]], child: str) -> dict[str, set[str]]:
    """The same, and who speaks with the child, whatever it says in its case."""
    return {
        says: found | ({child} if says != "COMPLAIN" else set()) for says, found in follows.items()
    }


FOLLOWS: Final[Mapping[str, Mapping[str, set[str]]]] = {
    "before IOM knows": PARTNER,
    "before the tickets": HELSINKI,
    "days before": HELSINKI,
    "the last day": {
        **HELSINKI,
        "CALL_ME": {"Task_CallBack helsinki 30m"},
        "STOP": {"Task_PauseHelsinki helsinki 30m", "Task_PausePartner partner 30m"},
    },
    # a pause was said already: a second one in seven days holds nothing
    "not reached": {**HELSINKI, "STOP": {"Task_NewWords helsinki 1d"}},
    "on the way": {
        **AWAY,
        "STOP": {"Task_PauseLocal local 7h", "Task_PauseHelsinki helsinki 12h"},
    },
    "at home": AWAY,
    # added to the open alarm, and whoever has the case has a letter of it
    "in an alarm": {**HELSINKI, "NOT_SAFE": set()},
    "a child": {
        **with_child(PARTNER, "Task_ChildSaid child services 1d"),
        "NOT_SAFE": {
            "Task_TakePartner partner 30m",
            "Task_TakeApprover approver 30m",
            "Task_ChildSaid child services 1d",
        },
    },
    "a child, before child services": with_child(PARTNER, "Task_ChildSaidPartner partner 1d"),
    "after the end": {
        "NOT_SAFE": {"Task_TakeHelsinki helsinki 30m"},
        "CALL_ME": {"Task_TalkAfterEnd helsinki 12h"},
        "STOP": {"Task_TalkAfterEnd helsinki 12h"},
        "SEE_ALL": {"Task_TalkAfterEnd helsinki 12h"},
        "COMPLAIN": {"Task_DecideWhoLeaves approver 1d"},
        "SAFE": {"Task_NoteSafeAfterEnd helsinki 1d"},
    },
}
"""Stage to what she says to the tasks that follow, in her case or in that of the call."""
WHO: Final = {
    ("IomHelsinki", "iom-helsinki"): "helsinki",
    ("IomLocal", "iom-sofia"): "local",
    ("ReferringPartner", "socialtjansten-exempelstad"): "partner",
    ("CaseApprover", "lansstyrelsen-stockholm"): "approver",
    ("ChildServices", "socialtjansten-exempelstad-barn"): "child services",
}
SENDERS: Final = ("tyra", "sara", "nora", "omar", "aino", "mirja", "iva", "dan", "berit", "kim")
"""One person of each kind of office that has the form, some in the cases and some in none."""
NEVER: Final = ("nobody", "saidthis")
UNITS: Final = {"d": 24 * 60, "h": 60, "m": 1}
FILE: Final = "stages.db"


@dataclass(frozen=True)
class Stages:
    """A program whose cases wait, each at its stage, all at one moment."""

    program: Tresteg
    cases: Mapping[str, str]
    """Stage to the id of its case."""

    def browser(self, name: str) -> Browser:
        """The browser of one of the demo's people."""
        browser = Browser(self.app.test_client())
        browser.get("/demo")
        assert browser.post("/demo/enter", {"who": name}).status_code == 303
        return browser

    @cached_property
    def app(self) -> Flask:
        """The site."""
        return make_application(self.program, WokenOnly(lambda: None))

    def give(self, stage: str) -> GivenWords:
        """Give the person of a case two words; those of before are killed."""
        by = self.viewer("sara")
        with self.program.database.transaction() as tx:
            return give_words(
                tx, self.program.services, by=by, now=UNTIL, case_id=self.cases[stage], lang="sv"
            )

    def open_tasks(self, case: str) -> list[tasks.Task]:
        """The open tasks of a case."""
        with self.program.database.transaction(write=False) as tx:
            return tasks.of_case(tx, case)

    def new(self, case: str, before: Mapping[str, list[tasks.Task]]) -> list[tasks.Task]:
        """The open tasks of a case that were not open before."""
        return [task for task in self.open_tasks(case) if task not in before[case]]

    def calls(self) -> set[str]:
        """The cases of calls."""
        with self.program.database.transaction(write=False) as tx:
            return {one.id for one in cases.listed(tx, process="returnee_says")}

    def history(self, case: str) -> list[facts.Fact]:
        """What moved a case."""
        with self.program.database.transaction(write=False) as tx:
            return facts.of_case(tx, case)

    def written_letters(self, case: str) -> list[letters.Letter]:
        """The letters of a case."""
        with self.program.database.transaction(write=False) as tx:
            return letters.of_case(tx, case)

    def office(self, name: str) -> str:
        """The office of one of the demo's people."""
        return self.viewer(name).office

    def viewer(self, name: str) -> Viewer:
        """The rights of one of the demo's people."""
        with self.program.database.transaction(write=False) as tx:
            ids = json.loads(installation_values.get(tx, PEOPLE) or "")
            found = accounts.load_viewer(tx, ids[name])
        assert found is not None
        return found

    def require_whole(self) -> None:
        """Every case plays again to what is stored."""
        with self.program.database.transaction(write=False) as tx:
            report = verify.verify_all(tx, self.program.services, now=UNTIL)
        assert (report.faults, report.breaches) == ((), ())

    def settle(self) -> None:
        """The worker does all that is due."""
        program = self.program
        worker = Worker(program.database, program.services, program.clock, program.mail)
        while worker.step():
            pass
        worker.handlers.close()


def say(browser: Browser, words: str, says: str) -> str:
    """Send what somebody says; gives the address of the page that answers."""
    browser.get(f"/cases/new?element={START}")
    about = (
        {"complaintRole": "PARTNER", "complaintText": "Nobody came"}
        if says == "COMPLAIN"
        else {"saidText": "Please call", "saidLanguage": "en"}
    )
    typed = {"herWords": words, "says": says, **about, "element": START, "do": "send"}
    sent = browser.post("/cases/new", typed)
    assert sent.status_code == 303, sent.text
    return str(sent.location)


def bare(page: str) -> str:
    """A page without what is drawn anew for each look: tokens, keys, ids."""
    return re.sub(r"[0-9A-Z]{26}", "ID", without_tokens(page))


def story(stage: str) -> Scenario:
    """A scenario as far as a stage, with the time until she calls."""
    name, steps, later = STAGES[stage]
    whole = read_scenario(SCENARIOS / f"{name}.scenario.json")
    return replace(whole, name=stage, steps=(*whole.steps[:steps], ScenarioStep(wait=later)))


def play_stages(url: str, keyring: Keyring) -> Mapping[str, str]:
    """Play every story to its stage; gives the cases."""
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = make_program(Settings(database_url=url), keyring, clock)
    prepare_database(program)
    people = seed.seed_directory(program, program.clock.now())
    publish_shipped(program, program.clock.now())
    player, found = make_player(program, clock, people), dict[str, str]()
    stories = {stage: story(stage) for stage in STAGES}
    plan: list[tuple[datetime, str, int]] = []
    for stage, one in stories.items():
        days = moments(replace(one, begins="PT0M"), UNTIL, player.calendars[one.calendar])
        plan += [(at - (days[-1] - UNTIL), stage, number) for number, at in enumerate(days)]
    for at, stage, number in sorted(plan):
        player.pass_time(at)
        found[stage] = player.step(stories[stage], number, found.get(stage, ""), UNTIL)
    player.close()
    program.database.close()
    return found


@pytest.fixture(scope="module")
def played_once(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> tuple[Path, Mapping[str, str]]:
    """The database of the stages, and their cases."""
    folder = tmp_path_factory.mktemp("stages")
    shutil.copyfile(empty_sqlite, folder / FILE)
    return folder, play_stages(f"sqlite:///{folder / FILE}", keyring)


@pytest.fixture
def stages(
    played_once: tuple[Path, Mapping[str, str]], tmp_path: Path, keyring: Keyring
) -> Iterator[Stages]:
    folder, found = played_once
    shutil.copytree(folder, tmp_path / "own")
    program = program_at(f"sqlite:///{tmp_path / 'own' / FILE}", keyring, UNTIL)
    yield Stages(program, found)
    program.database.close()


@pytest.mark.slow
@pytest.mark.parametrize("says", SAYS)
def test_whatever_she_says_at_whatever_stage(stages: Stages, says: str) -> None:
    killed = {stage: stages.give(stage).said for stage in STAGES}
    given = {stage: stages.give(stage) for stage in STAGES}
    before = {case: stages.open_tasks(case) for case in stages.cases.values()}
    moved = {case: len(stages.history(case)) for case in stages.cases.values()}
    browsers = {name: stages.browser(name) for name in SENDERS}
    turn, called, sent = SAYS.index(says), dict[str, str](), defaultdict[str, list[str]](list)
    opened = dict[tuple[str, str], int]()
    for number, (stage, case) in enumerate(stages.cases.items()):
        name = SENDERS[(number + 3 * turn) % len(SENDERS)]
        opened[name, case] = browsers[name].get(f"/cases/{case}").status_code
        printed = (number + turn) % 2
        words = given[stage].printed if printed else given[stage].said
        known = stages.calls()
        sent[name].append(say(browsers[name], " ".join(words), says))
        (called[stage],) = stages.calls() - known
        for none in (killed[stage], NEVER):
            sent[name].append(say(browsers[name], " ".join(none), says))
    answered = pages(browsers, sent)
    assert all(len(found) == 1 for found in answered.values())
    assert all(RECEIPT.search(page) for found in answered.values() for page in found)
    stages.settle()
    assert pages(browsers, sent) == answered
    followed = {
        stage: {
            row(task) for task in (*stages.open_tasks(called[stage]), *stages.new(case, before))
        }
        for stage, case in stages.cases.items()
    }
    assert followed == {stage: FOLLOWS[stage][says] for stage in followed}
    for (name, case), status in opened.items():
        has = {task.office_id for task in stages.new(case, before)}
        if stages.office(name) not in has:  # it answers for the case itself
            assert browsers[name].get(f"/cases/{case}").status_code == status, (name, case)
    for stage, case in stages.cases.items():
        # nothing ends or rests away from who has it, and a complaint is no line in the case
        assert {task.key for task in before[case]} <= {task.key for task in stages.open_tasks(case)}
        quiet = says == "COMPLAIN" or stage == "after the end"
        assert (len(stages.history(case)) == moved[case]) == quiet, stage
    require_closed(stages, browsers)
    stages.require_whole()


def pages(browsers: Mapping[str, Browser], sent: Mapping[str, list[str]]) -> Mapping[str, set[str]]:
    """What each sender reads at the addresses that she was led to, each page once."""
    return {
        name: {bare(browsers[name].get(address).text) for address in addresses}
        for name, addresses in sent.items()
    }


def require_closed(stages: Stages, browsers: Mapping[str, Browser]) -> None:
    """No call exists for anybody but the office that has a task of it."""
    for call in stages.calls():
        has = {task.office_id for task in stages.open_tasks(call)}
        for name, browser in browsers.items():
            if stages.office(name) not in has:
                assert browser.get(f"/cases/{call}").status_code == 404, (name, call)


def row(task: tasks.Task) -> str:
    """A task as the table has it."""
    assert task.due is not None
    minutes = int((task.due - UNTIL).total_seconds() // 60)
    due = next(f"{minutes // of}{unit}" for unit, of in UNITS.items() if not minutes % of)
    return f"{task.element} {WHO[task.role, task.office_id or '']} {due}"


@pytest.mark.slow
def test_what_is_said_in_an_open_alarm_is_a_letter_to_who_has_the_case(stages: Stages) -> None:
    stage = "in an alarm"
    case, words = stages.cases[stage], " ".join(stages.give(stage).said)
    before = stages.written_letters(case)
    say(stages.browser("tyra"), words, "NOT_SAFE")
    stages.settle()
    written = {
        (one.template, one.office_id) for one in stages.written_letters(case) if one not in before
    }
    assert written == {("urgent_news", "iom-helsinki")}
