"""The stories of the demo, run on the player of drafts: one format, and the same ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.demo import seed
from service.demo.scenarios import read_scenario, read_usual
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.workshop.trial.scenario_checks import check_scenarios, summary
from service.workshop.trial.scenario_file import scenario_content
from tests.support.played_cases import SCENARIOS, UNTIL, program_at
from tests.support.usual_answers import with_usual_answers
from tests.support.world import shipped

pytestmark = pytest.mark.slow
KNOWS = "an alarm asks the offices that may know the case, which a draft takes to be all"
UNDO = "what is left to undo by hand is counted by its handler"
WINDOW = "the dates of follow-ups are worked out by their handler"
COMPLAINT = "whom a complaint is about, and whether a case is found, the worker finds out"
ONLY_AS_CASES = {
    "adult": WINDOW,
    "alarm-about-partner": KNOWS,
    "birth-date-corrected": "somebody signed in corrects an answer",
    "call-after-end-danger-local": KNOWS,
    "changed-mind": UNDO,
    "complaint-again": COMPLAINT,
    "complaint-other-iom": COMPLAINT,
    "corrected": "somebody signed in corrects an answer",
    "danger-at-home-without-office": KNOWS,
    "danger-early": KNOWS,
    "death-at-home": KNOWS,
    "death-before-iom": KNOWS,
    "death-before-journey": UNDO,
    "denied-boarding": WINDOW,
    "flew-without-go": WINDOW,
    "heard-only": WINDOW,
    "held-at-transit": WINDOW,
    "hold-not-cleared": UNDO,
    "home-anyway": UNDO,
    "lost-contact-danger": KNOWS,
    "lost-contact-watched": WINDOW,
    "never-arrived": "a day of ringing goes round more often than one move of a draft may",
    "no-go": UNDO,
    "no-office-after-arrival": KNOWS,
    "no-office-at-escalation": KNOWS,
    "no-office-before-plan": "the contacts are counted by their handler",
    "no-show": UNDO,
    "nobody-answers": WINDOW,
    "not-seen-twice": WINDOW,
    "refused-bookings": KNOWS,
    "stayed-without-go": UNDO,
    "walk": "the contacts are counted by their handler",
    "words-not-safe": KNOWS,
}
"""Stories that a draft cannot play, and why."""


def test_stories_of_the_demo_pass_as_scenarios_of_a_draft(
    database_url: str, keyring: Keyring
) -> None:
    program = program_at(database_url, keyring, UNTIL)
    seed.seed_directory(program, UNTIL)
    services, usual = program.services, read_usual(SCENARIOS / "answers.json")
    release = services.prepared.build(shipped(), process="return_case")
    files = dict(release.bundle.files)
    for path in sorted(Path(SCENARIOS).glob("*.scenario.json")):
        story = with_usual_answers(read_scenario(path), usual, release)
        files[f"scenarios/{path.name}"] = scenario_content(story)
    draft = services.prepared.build(Bundle(files), process="return_case")
    with program.database.transaction(write=False) as tx:
        run = check_scenarios(tx, services, draft)
    results = run()
    failing = {
        line.name: line.reason for line in summary(draft, results, "en").lines if line.reason
    }
    program.database.close()
    assert len(results) > 45
    assert failing.keys() == ONLY_AS_CASES.keys(), failing
