"""Beside a replay: the table of lines, the form as it was, the history of fields, and what is left
when the files of a release cannot be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from service.casework.tasks import claims
from service.errors import BadDiagram
from service.security.keyring import Keyring
from service.store.installation import ledger_entries
from tests.audit.event_card.conftest import process
from tests.support import small
from tests.support.browser import without_tokens
from tests.support.directory import THREE_OFFICES
from tests.support.world import World, open_world, small_process


@pytest.fixture
def played(database_url: str, keyring: Keyring) -> Iterator[tuple[World, str]]:
    """A case in which a question was answered, a rule answered, and the question came again."""
    world = small_process(open_world(database_url, keyring, directory=THREE_OFFICES))
    world.publish(process())
    case = world.start(small.ANSWERS).case_id
    world.do(case, "a", small.ANSWERS)
    world.do(case, "b", {**small.ANSWERS, "answer": ["NO"]})
    yield world, case
    world.database.close()


def get(world: World, address: str) -> str:
    answer = world.browser("greta").get(address)
    assert answer.status_code == 200, address
    return answer.text


def test_the_card_tells_before_and_after_and_the_row(played: tuple[World, str]) -> None:
    world, case = played
    page = get(world, f"/audit/cases/{case}/replay?at=2")
    assert '<th scope="row">Answer</th><td>–</td><td>Ja</td>' in page
    assert "Row 1 answered." in page
    assert "t-rule-table__fired" in page
    assert f'href="/audit/cases/{case}/form?at=2"' in page
    page = get(world, f"/audit/cases/{case}/replay?at=3")
    assert '<th scope="row">Answer</th><td>Ja</td><td>Nej</td>' in page


def test_looks_stand_in_legend_table_and_card(played: tuple[World, str]) -> None:
    world, case = played
    get(world, f"/audit/cases/{case}/replay?at=1")
    page = get(world, f"/audit/cases/{case}/replay")
    assert page.count("Read after this, before the next line: 1") == 2, "not this look"
    legend = rf'href="/audit/cases/{case}/reads">somebody read the case</a>\s*<small>1</small>'
    assert re.search(legend, page)
    assert '"reads": 1' in page


def test_a_long_history_is_a_table_of_pages(played: tuple[World, str]) -> None:
    world, _ = played
    other, services = world.start(small.ANSWERS).case_id, world.program.services
    with world.database.transaction() as tx:
        viewer, key, now = world.viewer(), world.tasks(other)[0].key, world.clock.now()
        for _ in range(40):
            claims.claim(tx, services, by=viewer, task_key=key, now=now)
            claims.release_task(tx, services, by=viewer, task_key=key, now=now)
    page = get(world, f"/audit/cases/{other}/replay?at=1")
    assert len(re.findall(r'data-at="\d+"', page)) == 50
    assert "Lines 1–50 of 81" in page
    assert f'href="/audit/cases/{other}/replay?at=51#lines"' in page
    page = get(world, f"/audit/cases/{other}/replay?at=60")
    assert "Lines 51–81 of 81" in page
    assert re.search(r'data-at="60" aria-current="true"', page)


def test_a_form_is_shown_as_it_was_for_reading_only(played: tuple[World, str]) -> None:
    world, case = played
    page = get(world, f"/audit/cases/{case}/form?at=2")
    assert '<fieldset class="t-form t-form--then" disabled>' in page
    assert re.search(r'value="YES"[^>]*checked', page)
    assert page.count("hidden from you") >= 3
    assert "Stockholm" not in page
    assert "ringer" not in page
    browser = world.browser("greta")
    assert 'value="NO" checked' in get(world, f"/audit/cases/{case}/form"), "the newest one"
    for wrong in ("?at=", "?at=99", "?at=x"):
        assert browser.get(f"/audit/cases/{case}/form{wrong}").status_code == 404


def test_a_field_is_chosen_and_followed(played: tuple[World, str]) -> None:
    world, case = played
    page = get(world, f"/audit/cases/{case}/fields")
    assert '<option value="answer">' in page
    assert "Stockholm" not in page
    page = get(world, f"/audit/cases/{case}/fields?field=answer")
    assert page.index(">Ja<") < page.index(">Nej<"), "oldest first"
    assert f'href="/audit/cases/{case}/replay?at=2"' in page
    page = get(world, f"/audit/cases/{case}/fields?field=note")
    assert "What was answered is hidden from you" in page
    assert "ringer" not in page
    assert "This was never filled in" in get(world, f"/audit/cases/{case}/fields?field=none")


def test_every_look_at_a_form_or_a_field_is_recorded(played: tuple[World, str]) -> None:
    world, case = played
    get(world, f"/audit/cases/{case}/form?at=2")
    get(world, f"/audit/cases/{case}/fields?field=answer")
    with world.database.transaction(write=False) as tx:
        told = ledger_entries.of_stream(tx, f"reads/{case}")
    assert [json.loads(line.body)["purpose"] for line in told] == ["audit"] * 2


def test_without_the_files_of_a_release_the_lines_are_left(
    played: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, case = played
    release = world.case(case).release_id
    prepared = world.program.services.prepared

    def unreadable(*_: object, **__: object) -> None:
        raise BadDiagram(())

    monkeypatch.setattr(prepared, "ready", lambda _: None)
    monkeypatch.setattr(prepared, "put", unreadable)
    page = get(world, f"/audit/cases/{case}/replay?at=2")
    assert "The files of a release cannot be read" in page
    assert release in page, "which is missing"
    assert "Ja" not in without_tokens(page)
    assert len(re.findall(r'data-at="\d+"', page)) == 3
    assert "The files of a release cannot be read" in get(world, f"/audit/cases/{case}/fields")
    assert world.browser("greta").get(f"/audit/cases/{case}/form?at=2").status_code == 404
