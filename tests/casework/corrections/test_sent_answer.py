"""What a sent answer says now, and which of its fields are corrected elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from service.access import Grant, Viewer
from service.casework.cases import protection
from service.casework.corrections.sent_answer import (
    CONSENT,
    FILE,
    LATER,
    OFFICE,
    OUTCOME,
    PROTECTION,
    UNSEEN,
    SentAnswer,
    load_sent_answer,
)
from service.casework.pages.case_commands import record_lookup_reason
from service.errors import NotAllowed, NotFound, NotNamed
from tests.casework.corrections.conftest import START, correct, fact_of
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import World


def sent(desk: World, case: str, element: str, by: str = "sara") -> SentAnswer:
    with desk.database.transaction(write=False) as tx:
        rev, now = fact_of(desk, case, element), desk.clock.now()
        return load_sent_answer(tx, desk.program.services, desk.viewer(by), case, rev, now)


def test_it_begins_with_what_was_answered_and_corrected(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"note": ["second"]})
    found = sent(desk, case_id, "a", by="stina")
    assert found.values == {
        "answer": "YES",
        "day": "2026-04-01",
        "note": "second",
        "contact": "0700",
    }
    assert (found.fixed, found.is_decision) == ({}, False)


def test_a_field_that_was_answered_later_is_corrected_there(desk: World, case_id: str) -> None:
    assert dict(sent(desk, case_id, START).fixed) == {"note": LATER, "contact": LATER}


def test_what_another_page_changes_is_not_corrected_here(desk: World, case_id: str) -> None:
    found = sent(desk, case_id, "a")
    note = next(field for field in found.form.fields if field.key == "note")
    (party,) = {rule.when for rule in found.configuration.parties if rule.to == "country"}
    fields = {
        "agreed": (CONSENT, replace(note, kind="consent")),
        "all_agreed": (CONSENT, replace(note, kind="consents")),
        "paper": (FILE, replace(note, kind="file")),
        "papers": (FILE, replace(note, kind="list", fields=(replace(note, kind="file"),))),
        found.configuration.named_fields.protection.field: (PROTECTION, note),
        "office": (OFFICE, replace(note, binds="IomLocal")),
        party: (OFFICE, note),
        "outcome": (OUTCOME, replace(note, buttons=True)),
        "hidden": (UNSEEN, replace(note, data_class="C3")),
        "age": (None, replace(note, kind="consent", ruled=True)),
        "note": (None, note),
    }
    asked = tuple(replace(field, key=key) for key, (_, field) in fields.items())
    form = replace(found.form, sections=(replace(found.form.sections[0], fields=asked),))
    grant = Grant("G", "social", ROLE, frozenset({"C0", "C1", "C2"}))
    sight = replace(found.visibility.sight, grants=(grant,))
    visibility = replace(found.visibility, sight=sight)
    fixed = replace(found, form=form, visibility=visibility).fixed
    assert list(fixed.items()) == [(key, why) for key, (why, _) in fields.items() if why]


def test_of_a_protected_identity_only_named_persons_open_it(desk: World, case_id: str) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        about: dict[str, Any] = {"case_id": case_id, "marking": "SEKRETESSMARKERING"}
        about["reason"] = "asked for"
        protection.set_marking(tx, desk.program.services, by=desk.viewer(), now=now, **about)
    for name in ("sara", "stina"):
        why = partial(record_lookup_reason, case_id=case_id, purpose="PHONE", reason="")
        with desk.database.transaction() as tx:
            why(tx, desk.program.services, desk.viewer(name), now)
    assert sent(desk, case_id, "a").values["note"] == "She said so"
    with pytest.raises(NotNamed):
        sent(desk, case_id, "a", by="stina")
    correct(desk, case_id, {"note": ["other"]})
    assert desk.faults() == []


def test_a_fact_that_answered_nothing_is_not_found(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        services, now = desk.program.services, desk.clock.now()
        for case, rev in ((case_id, 99), ("none", 1)):
            with pytest.raises(NotFound):
                load_sent_answer(tx, services, desk.viewer(), case, rev, now)
        auditor = Viewer("p_greta", "social", frozenset({"auditor"}))
        with pytest.raises(NotAllowed):
            load_sent_answer(tx, services, auditor, case_id, 99, now)


def test_a_step_without_a_form_has_no_answer_to_correct(desk: World) -> None:
    silent = d.start(inner=d.ext(d.props(roles=ROLE))) + small.person("a") + d.end()
    desk.publish(small.bundle(d.diagram(silent, "s>a a>e")))
    case_id = desk.start().case_id
    with pytest.raises(NotFound):
        sent(desk, case_id, "s")
