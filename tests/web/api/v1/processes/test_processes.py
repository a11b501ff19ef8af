"""Drafts, dry runs and plans in the interface for programs: the same acts, for the same people."""

from __future__ import annotations

import pytest

from service.store.installation import releases
from tests.support.dry_runs import finish_batches
from tests.support.world import World, shipped
from tests.web.pages.test_releases import begun, later
from tests.web.program import Program, code_of

pytestmark = pytest.mark.slow  # each test lints and builds the shipped release once more
FILE = "workflows/return_case.bpmn"


@pytest.fixture
def draft(shipped_world: World) -> str:
    return begun(shipped_world, shipped_world.browser("maja"))


def test_a_draft_is_listed_read_saved_and_linted(shipped_world: World, draft: str) -> None:
    maja = Program(shipped_world, "maja")
    (listed,) = maja.get("/v1/drafts")["items"]
    assert (listed["id"], listed["name"], listed["rev"]) == (draft, "v2", 1)
    names = [one["name"] for one in maja.get(f"/v1/drafts/{draft}")["files"]]
    assert FILE in names
    address = f"/v1/drafts/{draft}/files/{FILE}"
    content = maja.get(address)["content"]
    assert content.encode() == shipped().files[FILE]
    assert code_of(maja.put(address, None, {"content": content})) == (428, "rev_needed")
    saved = maja.put(address, 1, {"content": later().decode()})
    assert saved.status_code == 200, saved.text
    assert (saved.get_json()["rev"], saved.headers["ETag"]) == (2, '"r2"')
    stale = maja.put(address, 1, {"content": content})
    assert code_of(stale) == (412, "stale")
    assert maja.get(address)["content"].encode() == later()
    found = maja.get(f"/v1/drafts/{draft}/findings")
    assert found["rev"] == 2
    assert not [one for one in found["findings"] if one["severity"] == "E"]
    broken = maja.put(address, 2, {"content": "<no diagram"})
    assert code_of(broken) == (422, "findings")
    elsewhere = maja.put(f"/v1/drafts/{draft}/files/../secrets.toml", 2, {"content": ""})
    assert elsewhere.status_code == 404
    assert maja.get(address)["content"].encode() == later()


def test_a_dry_run_is_begun_and_its_result_read(shipped_world: World, draft: str) -> None:
    shipped_world.start_case()
    maja = Program(shipped_world, "maja")
    before = maja.ask("GET", f"/v1/drafts/{draft}/dry-runs/newest")
    assert code_of(before) == (404, "not_found")
    begun_run = maja.post(f"/v1/drafts/{draft}/dry-runs", {})
    assert begun_run.status_code == 200, begun_run.text
    address = begun_run.get_json()["location"]
    assert maja.get(address)["state"] == "running"
    finish_batches(shipped_world.program)
    done = maja.get(address)
    assert (done["state"], done["done"], done["current"]) == ("done", 1, True)
    assert sum(done["numbers"].values()) == 1
    assert maja.get(f"/v1/drafts/{draft}/dry-runs/newest") == done


def test_plans_are_listed_and_read(shipped_world: World) -> None:
    shipped_world.start_case()
    text = shipped().text(FILE).replace('dueDate="P5D"', 'dueDate="P7D"', 1)
    shipped_world.publish(shipped().with_file(FILE, text.encode()))
    owner, maja = shipped_world.browser("maja"), Program(shipped_world, "maja")
    owner.get("/migrations")
    plan = str(owner.post("/migrations", {"source": ""}).location).rpartition("/")[2]
    listed = maja.get("/v1/migrations")
    assert (listed["target"], [one["open"] for one in listed["earlier"]]) == ("v2", [1])
    assert [one["id"] for one in listed["plans"]] == [plan]
    read = maja.get(f"/v1/migrations/{plan}")
    (row,) = read["rows"]
    assert (row["becomes"], row["cases"], read["review"], read["work"]) == ("same", 1, "", [])


@pytest.mark.parametrize("person", ["nils", "disa", "sara", "greta"])
def test_who_owns_no_process_changes_none(shipped_world: World, draft: str, person: str) -> None:
    someone = Program(shipped_world, person)
    reads = person in ("nils", "disa")
    for address in ("/v1/drafts", f"/v1/drafts/{draft}", "/v1/migrations"):
        assert someone.ask("GET", address).status_code == (200 if reads else 404), address
    put = someone.put(f"/v1/drafts/{draft}/files/{FILE}", 1, {"content": "x"})
    post = someone.post(f"/v1/drafts/{draft}/dry-runs", {})
    assert {put.status_code, post.status_code} <= {403, 404}
    with shipped_world.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    assert row.rev == 1
