"""The key of a question is found and changed wherever the draft reads it."""

from __future__ import annotations

import pytest

from service.actions.publishing.forms.key_names import asked_keys, places_of, rename_key
from service.actions.releases.bundle import Bundle
from service.actions.releases.prepared import findings_of
from service.sandbox.handlers import declared
from tests.support.world import World, shipped

TOPICS = declared()


@pytest.mark.parametrize("key", ["interestInReturn", "activities", "givenNames", "level"])
def test_a_renamed_key_leaves_no_new_error_and_comes_back(key: str) -> None:
    bundle = shipped()
    renamed = rename_key(bundle, key, "anotherKey")
    made = Bundle({**bundle.files, **{n: c for n, c in renamed.items() if c is not None}})
    before = {(f.code, f.file) for f in findings_of(bundle, TOPICS)}
    errors = [f for f in findings_of(made, TOPICS) if (f.code, f.file) not in before]
    by_hand = {topic for topic, t in TOPICS.items() if key in {*t.reads, *t.fields}}
    assert [f for f in errors if not by_hand] == []
    back = rename_key(made, "anotherKey", key)
    assert {**made.files, **back} == dict(bundle.files)


def test_every_place_is_told_and_what_a_draft_cannot_reach(shipped_world: World) -> None:
    programme = shipped_world.program.services.programme
    places = places_of(shipped(), "referralDecision", TOPICS, programme)
    kinds = {place.kind for place in places}
    assert {"question", "condition", "gateway", "table", "paper", "handler", "house"} <= kinds
    assert {p.file for p in places if p.by_hand} == {
        *("letters.notify_iom", "letters.tell_outcome", "workflows/config/grants.toml"),
    }
    gateways = [p.element for p in places if p.kind == "gateway"]
    assert len(gateways) >= 3


def test_a_name_in_a_group_is_another_name() -> None:
    assert "currency" not in asked_keys(shipped())
    assert rename_key(shipped(), "currency", "coin") == {}
