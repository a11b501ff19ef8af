"""A plan of retention that nobody could carry out is a finding with its row; it stops a release."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache, partial

import pytest

from service.engine import Files
from service.errors import Finding
from service.forms import Form
from service.release.bundle import CONFIG
from service.release.prepared import files_of
from service.release.programme.retention_rules import (
    ANY,
    DESTROY,
    HAND_OVER,
    LOCK,
    PRESERVE,
    REVIEW,
    read_retention,
)
from service.release.retention_checks import (
    SENTENCES,
    retention_findings,
    rules_not_run,
    signature_findings,
)
from service.text import finding_text
from tests.support.local_handlers import TOPICS
from tests.support.plans import FILE, SIGNER, rule, signed
from tests.support.small_desk import two_tasks
from tests.support.world import shipped

new_rule = partial(
    rule,
    "NEW",
    ground="PROGRAMME",
    start=date(2026, 1, 1),
    record=["case_file"],
    owner=["PARTNER_ABROAD"],
    classes=["C2"],
)


@cache
def shipped_parts() -> tuple[dict[str, Form], Files]:
    """Forms and diagrams of the shipped release, read once."""
    files, forms, _ = files_of(shipped(), TOPICS)
    return forms, files


def found(text: str) -> list[Finding]:
    """Findings about a plan in the shipped release."""
    bundle = shipped().with_file(FILE, text.encode())
    return list(retention_findings(bundle, *shipped_parts()))


def changed(old: str, new: str) -> str:
    text = shipped().text(FILE)
    assert old in text
    return text.replace(old, new, 1)


def test_the_shipped_plan_has_one_hint_that_nobody_has_signed() -> None:
    (one,) = found(shipped().text(FILE))
    assert (one.code, one.severity) == ("K121", "I")
    assert "MYNDIGHET [" in one.message
    assert "house [" in one.message


def test_the_days_of_unsent_start_forms_are_those_that_the_worker_counts() -> None:
    rule = 'after = "P30D"\ncounted = "written"'
    (one,) = (
        one for one in found(changed(rule, rule.replace("P30D", "P14D"))) if one.code == "K128"
    )
    assert (one.severity, one.facts["place"], one.facts["days"]) == ("E", "rule R1", 30)
    days = f"{CONFIG}reminders.toml"
    text = shipped().text(days).replace("delete_after_days = 30", "delete_after_days = 14")
    of_days = retention_findings(shipped().with_file(days, text.encode()), *shipped_parts())
    places = {one.facts["place"] for one in of_days if one.code == "K128"}
    assert places == {"rule R1", "rule R1-IOM", "rule R1-ABROAD"}


def test_rules_that_nothing_runs_are_known() -> None:
    rules = rules_not_run(read_retention(shipped().text(FILE)))
    assert ("R13", "log_review") in {(rule.id, record) for rule, record in rules}
    assert {record for _, record in rules} == {"log_review"}


def test_a_release_is_asked_about_its_plan() -> None:
    text = changed("Svc_NotifyIomHelsinki", "Svc_Notify")
    bundle = shipped().with_file(FILE, text.encode())
    of_plan = [one for one in files_of(bundle, TOPICS)[2] if one.file == FILE]
    assert [(one.code, one.severity) for one in of_plan] == [("K114", "E"), ("K121", "I")]


def test_of_what_cannot_be_read_nothing_is_said() -> None:
    assert found("= no") == []
    forms, files = shipped_parts()
    assert list(retention_findings(two_tasks(), forms, files)) == []
    torn, bare = (replace(files, diagrams=found) for found in ({"a.bpmn": b"<"}, {}))
    text = changed("Svc_NotifyIomHelsinki", "Svc_Notify")
    bundle = shipped().with_file(FILE, text.encode())
    for one in (torn, bare):
        assert [found.code for found in retention_findings(bundle, forms, one)] == ["K121"]


@pytest.mark.parametrize(
    ("old", "new", "code", "sentence"),
    [
        (
            "from = 1991-07-01",
            "from = 1991-07-01\nto = 2026-06-30",
            "K110",
            "rule R3 rests on ARCHIVE, which is in force from 1991-07-01 to 2026-06-30 only",
        ),
        ("from = 2009-05-01", "from = 2026-05-01", "K110", "rule R1-IOM rests on IOM, which is in"),
        (
            'id = "R5-END"\nground = "IOM"',
            'id = "R5-END"\nground = "WEEDING"',
            "K111",
            "rule R5-END is about records of IOM_MISSION, which WEEDING does not bind",
        ),
        ('owner = ["SOCIALTJANST"]\n\n', 'owner = ["KYRKA"]\n\n', "K112", "ground SOCIAL names t"),
        ('owner = ["PARTNER_ABROAD"]', 'owner = ["PARTNER"]', "K112", "rule R1-ABROAD names the k"),
        ('["consultation"]\n', '["consult"]\n', "K113", "record consultation names the process c"),
        ("End_NothingFound", "End_Nothing", "K114", "record call_not_found names the element End"),
        ("Svc_NotifyIomHelsinki", "Svc_Notify", "K114", "record case_not_approved names the elem"),
        ("Task_ForwardFeedback", "Task_Forward", "K114", "moment last_feedback names the element"),
        ('"approxBirthYear"', '"birthYear"', "K115", "moment birth names the answer birthYear"),
        ('"approxBirthYear"', '"givenNames"', "K115", "moment birth names the answer givenNames"),
        ('"isMinor"', '"isChild"', "K116", "record child_case_file names the routing name isChil"),
    ],
)
def test_what_nothing_has_is_refused(old: str, new: str, code: str, sentence: str) -> None:
    text = changed(old, new)
    one = next(one for one in found(text) if one.code == code)
    assert one.severity == "E"
    assert one.message.startswith(sentence)
    place = re.escape(str(one.facts["place"]).rpartition(" ")[2])
    assert code == "K112" or re.match(f'id = "{place}"', text.splitlines()[one.line - 1])


@pytest.mark.parametrize(
    ("does", "after", "counted", "code", "sentence"),
    [
        (
            *(PRESERVE, "", "", "K117"),
            "rule NEW preserves what rule R10-END destroys: C2 of PARTNER_ABROAD ",
        ),
        (DESTROY, "P2Y", "case_end", "K118", "rule R10-END and rule NEW dest"),
        (DESTROY, "P12M", "written", "K118", "rule R10-END and rule NEW dest"),
        (DESTROY, "P12M", "case_end", "K118", "rule R10-END and rule NEW dest"),
        (HAND_OVER, "P2Y", "case_end", "K119", "rule R10-END destroys before"),
    ],
)
def test_rules_that_say_different_things_are_refused(
    does: str, after: str, counted: str, code: str, sentence: str
) -> None:
    text = shipped().text(FILE)
    new = new_rule(does, after, counted=counted)
    (one,) = [f for f in found(text + new) if f.severity == "E"]
    assert one.code == code
    assert one.message.startswith(sentence)
    ended = text.replace(
        'id = "R10-END"\nground = "PROGRAMME"',
        'id = "R10-END"\nground = "PROGRAMME"\nto = 2026-12-31',
    ) + new_rule(does, after, counted=counted, start=date(2027, 1, 1))
    assert [f for f in found(ended) if f.severity == "E"] == []


@pytest.mark.parametrize(
    "new",
    [
        new_rule(DESTROY, "P12M", counted="case_end", not_before="her_day"),
        new_rule(REVIEW, "P0D", counted="her_day"),
        new_rule(LOCK, "P1D", counted="case_end"),
        new_rule(HAND_OVER, "P6M", counted="case_end"),
    ],
)
def test_rules_that_fit_each_other_are_not(new: str) -> None:
    text = shipped().text(FILE) + new
    assert [one for one in found(text) if one.severity == "E"] == []


def test_rules_of_any_office_contradict_those_of_one() -> None:
    new = new_rule(PRESERVE, owner=[ANY])
    texts = [one.message for one in found(shipped().text(FILE) + new) if one.code == "K117"]
    assert any("C2 of IOM_MISSION in case_file" in text for text in texts)


def test_what_no_rule_covers_is_a_warning_with_its_forms() -> None:
    text = shipped().text(FILE)
    at = text.index('[[rule]]\nid = "R2-NGO"')
    without = text[:at] + text[text.index("[[rule]]", at + 1) :]
    (one,) = [one for one in found(without) if one.code == "K120"]
    assert one.severity == "W"
    assert " of NGO in consultation" in one.message
    assert one.message.endswith("Asked in: consultation_question")


def test_each_class_that_is_left_out_is_named() -> None:
    text = changed(
        'id = "R12-IOM"\nground = "IOM"\nfrom = 2026-01-01\nrecord = ["complaint"]\n'
        'owner = ["IOM_MISSION"]\nclasses = ["C0", "C1", "C2", "C3"]',
        'id = "R12-IOM"\nground = "IOM"\nfrom = 2026-01-01\nrecord = ["complaint"]\n'
        'owner = ["IOM_MISSION"]\nclasses = ["C0", "C1"]',
    )
    (one,) = [one for one in found(text) if one.code == "K120"]
    assert "C3 of IOM_MISSION in complaint" in one.message
    assert "complaint_decision" in one.message


def test_a_signature_counts_until_its_rules_change() -> None:
    plan = signed(shipped().text(FILE), "NGO")
    (one,) = found(plan)
    assert "NGO" not in one.message
    later = plan.replace('id = "R9-LAST"\nground = "GDPR"', 'id = "R9-LATER"\nground = "GDPR"')
    codes = {one.code: one.message for one in found(later)}
    assert "NGO [" in codes["K122"]
    nameless = plan.replace(f"{SIGNER} ", "")
    assert {one.code for one in found(nameless)} == {"K121", "K122"}


def test_who_signs_for_a_kind_that_there_is_not_is_refused() -> None:
    text = f'[signed]\nPARTNER = "x"\n{shipped().text(FILE)}'
    (one,) = [one for one in found(text) if one.severity == "E"]
    assert one.message.startswith("[signed] names the kind of office PARTNER, which vocabulary")


def test_the_empty_plan_has_nobody_to_sign_it() -> None:
    assert list(signature_findings(read_retention(""), ("A",))) == []


def test_every_sentence_is_in_swedish_too() -> None:
    names = ("place", "name", "other", "first", "last", "names", "forms", "days")
    facts: dict[str, object] = dict.fromkeys(names, "x")
    for code in SENTENCES:
        assert finding_text(code, "", facts, "sv") not in ("", finding_text(code, "", facts, "en"))
