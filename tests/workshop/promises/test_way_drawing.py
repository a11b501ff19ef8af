"""The way that breaks a promise is numbered on the drawings that it goes through."""

from __future__ import annotations

from service.workshop.promises.drafted import DraftPromises, way_data
from tests.support.world import World, shipped


def test_steps_are_numbered_and_ways_between_them_marked(shipped_world: World) -> None:
    services = shipped_world.program.services
    plain = DraftPromises(shipped(), services, "en")
    parts = {"x": "Task_MakePlan", "y": "Task_FollowUp"}
    bundle = shipped()
    for name, content in plain.with_promise("never", parts).items():
        bundle = bundle.with_file(name, content)
    promises = DraftPromises(bundle, services, "en")
    (broken,) = [one for one in promises.listed() if one.verdict == "broken"]
    data = way_data(promises, broken, id_="draft", name="v2", xml=lambda file: f"/{file}")
    (drawn,) = data["releases"]
    assert drawn["files"][0]["xml"] == f"/{drawn['files'][0]['file']}"
    assert drawn["files"][0]["title"] != drawn["files"][0]["file"]
    numbers = [int(text) for _, text in data["marks"].values() if text]
    assert numbers == sorted(numbers) == list(range(1, len(broken.way) + 1))
    flows = [id_ for id_ in data["marks"] if id_ not in broken.path]
    assert len(flows) >= len(broken.path) // 2
    assert {kind for kind, _ in data["marks"].values()} == {"broken"}
