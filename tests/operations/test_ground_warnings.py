"""The operator is told which grounds and roads of appeal no lawyer has confirmed, and which have
ended.
"""

from __future__ import annotations

from service.operations.ground_warnings import appeal_warnings, ground_warnings
from service.release.programme.appeal_roads import read_appeals
from service.release.programme.ground_rules import read_grounds
from tests.support.small_desk import two_tasks
from tests.support.world import World

FILE, RULES = "workflows/config/grounds.toml", "workflows/config/grants.toml"
GROUNDS = """
[[ground]]
id = "AGREED"
sv = "avtal"
en = "agreement"
paragraph = "1 §"
from = 2020-01-01
for = ["grant"]
owner = ["any"]
"""
RULE = """
[[grant]]
rule = "G1"
element = "Start"
moment = "start"
role = "ReferringPartner"
classes = ["C0"]
ground = "AGREED"
"""

APPEALS_FILE = "workflows/config/appeals.toml"
APPEALS = """
[[appeal]]
id = "ROAD"
for = "request"
owner = ["any"]
from = 2020-01-01
sv = "Så."
en = "So."
"""


def test_grounds_are_named_until_a_lawyer_has_confirmed_them(desk: World) -> None:
    (sentence,) = ground_warnings(desk.program)
    assert sentence.startswith("No lawyer has confirmed SAMTYCKE_12_2 ["), "the installation's"
    desk.publish(two_tasks().with_file(FILE, GROUNDS.encode()))
    (sentence,) = ground_warnings(desk.program)
    digest = read_grounds(GROUNDS).digest("AGREED")
    assert sentence.startswith(f"No lawyer has confirmed AGREED [{digest}]")
    signed = f'[confirmed]\nAGREED = "Anna Ask, jurist, 2026-01-01 [{digest}]"\n{GROUNDS}'
    desk.publish(two_tasks().with_file(FILE, signed.encode()))
    assert ground_warnings(desk.program) == []


def test_a_rule_on_a_ground_that_has_ended_is_named(desk: World) -> None:
    ended = GROUNDS.replace("2020-01-01\n", "2020-01-01\nto = 2020-12-31\n")
    files = {FILE: ended.encode(), RULES: RULE.encode()}
    bundle = two_tasks()
    for name, content in files.items():
        bundle = bundle.with_file(name, content)
    desk.publish(bundle)
    sentences = ground_warnings(desk.program)
    assert [one for one in sentences if one.startswith("G1 rests on AGREED")] == sentences[1:]
    assert len(sentences) == 2


def test_roads_of_appeal_are_named_until_a_lawyer_has_confirmed_them(desk: World) -> None:
    (sentence,) = appeal_warnings(desk.program)
    assert sentence.startswith("No lawyer has confirmed the text on appeals of SUPPORT [")
    digest = read_appeals(APPEALS).digest("ROAD")
    signed = f'[confirmed]\nROAD = "Anna Ask, jurist, 2026-01-01 [{digest}]"\n{APPEALS}'
    desk.publish(two_tasks().with_file(APPEALS_FILE, signed.encode()))
    assert appeal_warnings(desk.program) == []
    ended = signed.replace("2020-01-01\n", "2020-01-01\nto = 2020-12-31\n")
    desk.publish(two_tasks().with_file(APPEALS_FILE, ended.encode()))
    changed, none = appeal_warnings(desk.program)
    assert changed.startswith("The confirmation does not count, for the text on appeals")
    assert "no row is in force" in none
    assert "ROAD" in none
