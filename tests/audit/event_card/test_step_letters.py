"""Letters on the auditor's card of a step: what they were about, to whom, and where they are."""

from __future__ import annotations

from collections.abc import Callable

from service.casework.history.step_letters import load_step_letters
from service.security.keyring import Keyring
from service.store.work import letters
from tests.audit.event_card.conftest import ReplayedCase
from tests.support.directory import OFFICE, ROLE
from tests.support.world import settle
from tests.worker.providers import TOPIC, asks, begin, open_providers

Play = Callable[[str], ReplayedCase]


def letter(case: ReplayedCase, number: str, state: str = "waiting") -> letters.Letter:
    """A notice to the office of the case, by its number in the case."""
    return letters.Letter(
        key=f"{case.case}:{number}",
        case_id=case.case,
        office_id=OFFICE,
        role=ROLE,
        template="news",
        language="sv",
        params={},
        needs_consent="",
        made_at=case.desk.clock.now(),
        state=state,
    )


def test_letters_of_a_step_are_told_by_kind_office_and_state(played: Play) -> None:
    case = played("C0")
    desk, history = case.desk, case.desk.facts(case.case)
    with desk.database.transaction() as tx:
        rows = [letter(case, "2:0", "sent"), letter(case, "2:1", "leased"), letter(case, "3:0")]
        letters.add(tx, [*rows, letter(case, "1-a:late0"), letter(case, "9:0")])
        texts = {
            lang: load_step_letters(tx, desk.program.services, case.case, history, lang)
            for lang in ("en", "sv")
        }
        assert list(texts["en"]) == [2, 3], "neither a reminder nor what no fact made"
        assert texts["en"][2] == (
            ("something to read", "To Social (Referring). Today: Sent"),
            ("something to read", "To Social (Referring). Today: Waiting"),
        )
        assert texts["sv"][3] == (("nytt att läsa", "Till Social (Hänvisande). I dag: Väntar"),)


def test_a_request_stands_at_the_answer_that_made_it(database_url: str, keyring: Keyring) -> None:
    world = open_providers(database_url, keyring, {TOPIC: asks()})
    try:
        case = begin(world)
        settle(world.worker())
        history = world.facts(case)
        with world.database.transaction(write=False) as tx:
            found = load_step_letters(tx, world.program.services, case, history, "en")
        (answer,) = (fact.rev for fact in history if fact.kind == "answer")
        assert found[answer] == (
            ("request for tickets", "To Resebyrån. Today: Sent"),
            ("new case", "To Social (Referring). Today: Sent"),
        )
    finally:
        world.database.close()
