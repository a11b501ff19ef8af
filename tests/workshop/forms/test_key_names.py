"""The key of a question is found and changed wherever the draft reads it."""

from __future__ import annotations

import pytest

from service.release.bundle import Bundle
from service.release.prepared import findings_of
from service.sandbox.handlers import declared
from service.workshop.forms.key_names import asked_keys, places_of, rename_key
from tests.support.world import World, shipped

TOPICS = declared()

GRANTS = "workflows/config/grants.toml"


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
    configuration = shipped_world.program.services.programme.configuration
    places = places_of(shipped(), "referralDecision", TOPICS, configuration)
    kinds = {place.kind for place in places}
    assert {"question", "condition", "gateway", "table", "paper", "handler"} <= kinds
    assert "workflows/config/grants.toml" in {p.file for p in places if p.kind == "table"}
    assert {p.file for p in places if p.by_hand} == {"letters.notify_iom", "letters.tell_outcome"}
    gateways = [p.element for p in places if p.kind == "gateway"]
    assert len(gateways) >= 3


def test_a_table_of_the_installation_is_out_of_reach(shipped_world: World) -> None:
    configuration, name = shipped_world.program.services.programme.configuration, GRANTS
    old = Bundle({n: content for n, content in shipped().files.items() if n != name})
    places = places_of(old, "referralDecision", TOPICS, configuration)
    assert [p.file for p in places if p.kind == "house"] == [name]
    assert name not in rename_key(old, "referralDecision", "other")


def test_an_expression_beside_a_form_gets_the_new_key() -> None:
    changed = rename_key(shipped(), "ticketsBooked", "seats")["workflows/config/task_pages.toml"]
    assert changed is not None
    assert b'done = "seats = true"' in changed


def test_a_name_in_a_group_is_another_name() -> None:
    assert "currency" not in asked_keys(shipped())
    assert rename_key(shipped(), "currency", "coin") == {}


def test_a_plan_of_retention_gets_the_new_key_where_it_names_answers_alone() -> None:
    name = "workflows/config/retention.toml"
    text = shipped().text(name)
    changed = rename_key(shipped(), "dateOfBirth", "born")[name]
    assert changed == text.replace('"dateOfBirth"', '"born"').encode()
    changed = rename_key(shipped(), "isMinor", "child")[name]
    assert changed == text.replace('"isMinor"', '"child"').encode()
    for id_ in ("complaint", "destroy", "case_end", "C2", "true"):
        assert f'"{id_}"' in text
        assert name not in rename_key(shipped(), id_, "other")
