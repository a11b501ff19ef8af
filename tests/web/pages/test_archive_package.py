"""A package for an archive: the button of a records officer, what she gets, and the receipt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from service.casework.cases import protection
from service.security.keyring import Keyring
from service.store.casefile import approvals, cases, retention_acts
from tests.audit.archive.conftest import PLAN, filled, sequence, world_of
from tests.support.filled_case import fill_case
from tests.support.small_plan import work
from tests.support.world import World

BUTTON = "Make the package</button>"


@pytest.fixture
def world(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = world_of(database_url, keyring, PLAN)
    yield made
    made.database.close()


def page_of(case: str) -> str:
    return f"/retention/cases/{case}"


def test_the_button_gives_the_package_and_the_receipt_lets_it_be_erased(world: World) -> None:
    case = filled(world)
    sara = world.browser("sara")
    page = sara.get(page_of(case)).text
    assert BUTTON in page
    assert "An archive takes it over; nobody erases it before its receipt is entered." in page
    assert "Nothing can be erased early" in page, "and no button that could only be refused"
    assert 'name="why"' not in page
    sent = sara.post(f"{page_of(case)}/package", {})
    assert (sent.status_code, sent.mimetype) == (200, "application/zip")
    assert "2026-0001-social-" in sent.headers["Content-Disposition"]
    assert sent.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        assert archive.testzip() is None
    assert "packages for an archive: 1" in sara.get(page_of(case)).text
    with world.database.transaction(write=False) as tx:
        (task,) = retention_acts.waiting(tx)
    of_task = f"/retention/tasks/{task.id}"
    page = sara.get(of_task).text
    assert page.index(BUTTON) < page.index("The archive’s receipt"), "first the one, then the other"
    assert f'name="task" value="{task.id}"' in page
    refused = sara.post(of_task, {"why": "", "archive": "Stadsarkivet", "receipt": ""})
    assert refused.status_code == 422
    assert "without the archive’s receipt" in refused.text
    assert "Stadsarkivet" in refused.text, "what was typed stays"
    done = sara.post(of_task, {"why": "", "archive": "Stadsarkivet", "receipt": "17"})
    assert done.status_code == 303
    assert "takes it over" not in sara.get(page_of(case)).text
    work(world, 30)
    with world.database.transaction(write=False) as tx:
        acts = [act.does for act in retention_acts.of_case(tx, case)]
    assert retention_acts.DESTROY in acts
    assert world.faults() == []


def test_on_the_page_of_the_task_it_goes_back_there(world: World) -> None:
    case = filled(world)
    with world.database.transaction() as tx:
        found = world.case(case)
        cases.set_marking(tx, case, found.rev, protection.MARKINGS[-1])
        (task,) = retention_acts.waiting(tx)
    sara, here = world.browser("sara"), f"/retention/tasks/{task.id}"
    assert "Ask a second person</button>" in sara.get(here).text
    package, from_here = f"{page_of(case)}/package", {"task": task.id}
    for sent, status in (({}, 409), ({"second": " "}, 422)):
        refused = sara.post(package, {**from_here, **sent})
        assert refused.status_code == status
        assert "The archive’s receipt" in refused.text
    asked = sara.post(package, {**from_here, "second": "The archive takes it over"})
    assert asked.headers["Location"].endswith(here)
    assert "has been asked" in sara.get(here).text


def test_before_the_plan_asks_the_page_says_that_an_archive_takes_over(world: World) -> None:
    case = fill_case(world)
    sara = world.browser("sara")
    page = sara.get(page_of(case)).text
    assert "When the plan asks for it, your office gets a task" in page
    assert BUTTON not in page
    refused = sara.post(f"{page_of(case)}/package", {})
    assert refused.status_code == 409
    assert "The plan has not asked your office" in refused.text


def test_nobody_else_gets_one(world: World) -> None:
    case = filled(world)
    for name in ("stina", "greta", "omar", "disa"):
        who = world.browser(name)
        who.get("/inbox")
        assert who.post(f"{page_of(case)}/package", {}).status_code == 404, name


def test_of_a_protected_identity_a_colleague_is_asked(world: World) -> None:
    case = filled(world)
    with world.database.transaction() as tx:
        found = world.case(case)
        cases.set_marking(tx, case, found.rev, protection.MARKINGS[-1])
    sara, stina = world.browser("sara"), world.browser("stina")
    assert BUTTON not in sara.get(page_of(case)).text
    package = f"{page_of(case)}/package"
    assert sara.post(package, {}).status_code == 409
    assert sara.post(package, {"second": " "}).status_code == 422
    assert sara.post(package, {"second": "The archive takes it over"}).status_code == 303
    assert "has been asked" in sara.get(page_of(case)).text
    assert "Make a package for an archive" in stina.get("/approvals").text
    with world.database.transaction(write=False) as tx:
        (asked,) = approvals.asked_by(tx, "p_sara", kind=approvals.PACKAGE_CASE)
    assert stina.post(f"/approvals/{asked.id}", {"do": "approve"}).status_code == 303
    sequence(world)
    assert BUTTON in sara.get(page_of(case)).text
    assert sara.post(package, {}).mimetype == "application/zip"
