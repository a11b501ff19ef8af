"""The page of the verification: results in words, in the reader's language, and earlier runs."""

from __future__ import annotations

import pytest

from service.errors import NotAllowed
from service.operations.verification_page import VerificationPage, load_verification
from tests.operations.test_verification_runs import begin, damage, finish
from tests.support.world import World


def page(world: World, who: str = "greta", lang: str = "en") -> VerificationPage:
    world.lang = lang
    with world.database.transaction(write=False) as tx:
        return load_verification(tx, world.program.services, world.viewer(who))


def test_before_the_first_run_there_is_nothing_to_show(shipped_world: World) -> None:
    found = page(shipped_world)
    assert (found.run, found.running, found.result, list(found.earlier)) == (None, False, None, [])


def test_faults_are_sentences_and_runs_are_listed_newest_first(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    begin(shipped_world)
    assert page(shipped_world).running
    finish(shipped_world)
    damage(shipped_world, "UPDATE cases SET stage = 'x' WHERE id = :case", case=case)
    begin(shipped_world)
    finish(shipped_world)
    found = page(shipped_world)
    assert found.result is not None
    [faulty] = found.result.faulty
    assert faulty.id == case
    assert "The case: what is stored does not follow from the facts." in {
        fault.text for fault in faulty.faults
    }
    assert [run.number > 0 for run in found.earlier] == [True, False]
    assert found.earlier[0].by == "Greta"
    swedish = page(shipped_world, lang="sv").result
    assert swedish is not None
    assert "Ärendet: det som lagras följer inte av händelserna." in {
        fault.text for fault in swedish.faulty[0].faults
    }


def test_it_is_for_auditors(shipped_world: World) -> None:
    with pytest.raises(NotAllowed):
        page(shipped_world, "sara")
