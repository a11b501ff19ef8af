"""The local office answers IOM Helsinki in step 1, before any consent to share: by its task alone.

No row of grants.toml opens the case to it. The open task does (rule G0), and its form asks nothing
but process facts; with the answer sent, the case is closed to the office again.
"""

from __future__ import annotations

from pathlib import Path

from service.access import (
    CLASSES,
    OF_TASK,
    OWN_OFFICE,
    Grant,
    Resource,
    Sight,
    Viewer,
    can_see,
    read_matrix,
)
from service.release.programme.grant_rules import read_grants
from service.settings import Settings
from tests.forms.paper import shipped

CONFIG = Path(Settings().workflows_dir) / "config"
FORM, ROLE, OFFICE = "local_contact", "IomLocal", "iom-sofia"
STAGES = ("1", "2", "3")
MATRIX = read_matrix((CONFIG / "visibility.toml").read_text(encoding="utf-8"), STAGES)
LOCAL = Viewer("p_iva", OFFICE, frozenset({ROLE}))


def in_step_one(*grants: Grant) -> Sight:
    return Sight("case", "1", {ROLE: OFFICE}, grants)


def of_task() -> Grant:
    fields = frozenset(field.key for field in shipped()[FORM].fields)
    return Grant(OF_TASK, OFFICE, ROLE, frozenset(CLASSES), None, fields)


def test_the_reply_asks_nothing_but_process_facts() -> None:
    form = shipped()[FORM]
    assert {f.data_class for f in form.fields if f.group != OWN_OFFICE} == {"C0"}
    assert form.uses == {}


def test_the_task_opens_process_facts_alone() -> None:
    sight, seen = in_step_one(of_task()), set()
    for form in shipped().values():
        for field in form.fields:
            asked = Resource(field.data_class, field.key, field.group, "another", field.headline)
            if can_see(MATRIX, LOCAL, sight, asked).ok:
                seen.add(field.data_class)
    assert seen == {"C0"}
    assert can_see(MATRIX, LOCAL, sight, Resource()).ok


def test_without_the_task_the_case_does_not_exist_for_it() -> None:
    assert not can_see(MATRIX, LOCAL, in_step_one(), Resource()).ok
    rules = read_grants((CONFIG / "grants.toml").read_text(encoding="utf-8"), STAGES).grants
    assert not [rule for rule in rules if rule.element == "Task_LocalContact"]
