"""How many letters one walked case sends, at once and gathered; gathered, none is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.letters.gathered_letters import MORNING
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import read_scenarios
from service.mail import OutgoingMail
from service.operations.start_checks import prepare_database
from service.people import letter_choices
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.installation import offices, people
from service.store.work import letters
from service.worker.state import WorkerState
from service.workshop.trial.scenario_file import Scenario
from tests.support.played_cases import SCENARIOS, UNTIL
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped

pytestmark = pytest.mark.slow
ALONE = 20
"""The most letters that a case may send by default outside the one of a morning."""


def walk() -> Scenario:
    return next(one for one in read_scenarios(SCENARIOS) if one.name == "walk")


def adult() -> Scenario:
    return next(one for one in read_scenarios(SCENARIOS) if one.ref == "adult")


def messages(
    url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, how: str
) -> tuple[int, dict[str, str], int]:
    """Messages that left for offices while a case was walked with everybody's choice, the letters
    of its turns at the end, by number and state, and how many letters waited for no morning.
    Reminders hang on when it is looked.
    """
    left: list[str] = []

    def hand_over(worker: WorkerState, mail: OutgoingMail, **_: object) -> None:
        del worker
        if not mail.channel:
            left.append(mail.key)

    monkeypatch.setattr("service.worker.letters.hand_over", hand_over)
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = make_program(Settings(database_url=url), keyring, clock)
    prepare_database(program)
    known = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    with program.database.transaction() as tx:
        for office in offices.everyone(tx):
            for row in people.of_office(tx, office):
                chosen = {**row.person.settings, **({letter_choices.CHOICE: how} if how else {})}
                people.set_choices(tx, row.person.id, language=row.person.language, settings=chosen)
    player = make_player(program, clock, known)
    case = player.play(walk(), UNTIL)
    player.pass_time(UNTIL + timedelta(days=5))
    player.close()
    with program.database.transaction(write=False) as tx:
        found = [one for one in letters.of_case(tx, case) if not one.channel]
    program.database.close()
    assert {one.state for one in found} <= {"sent", "held"}, "nothing waits for ever"
    turns = {one.number: one.state for one in found if one.number.replace(":", "").isdigit()}
    alone = [one for one in found if MORNING not in one.params]
    return len(left), turns, len(alone)


def test_a_walked_case_sends_fewer_letters_when_gathered(
    tmp_path_factory: pytest.TempPathFactory, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for how in (letter_choices.AT_ONCE, letter_choices.DAILY):
        url = f"sqlite:///{tmp_path_factory.mktemp(how)}/one.db"
        found[how] = messages(url, keyring, monkeypatch, how)
    (many, at_once, _), (few, daily, _) = found.values()
    assert at_once == daily, "the same letters, and each reached its office"
    assert few < many, f"{many} messages at once, {few} gathered"


def test_by_default_an_adults_case_takes_few_letters(
    tmp_path_factory: pytest.TempPathFactory, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has chosen anything: what can wait joins the one letter of a morning, which tells an
    office of all its cases. The rest leaves by itself.
    """
    monkeypatch.setattr(f"{__name__}.walk", adult)
    url = f"sqlite:///{tmp_path_factory.mktemp('usual')}/one.db"
    _, every, alone = messages(url, keyring, monkeypatch, "")
    assert alone <= ALONE, f"{alone} of {len(every)} letters"
