"""The tables of the programme agree with each other, with the diagrams and with the matrix as the
programme states it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from service.access import OWN_OFFICE, PRODUCT_ROLES, read_matrix
from service.app import directories
from service.release.programme.configuration import read_programme
from service.release.programme.named_fields import read_named_fields
from service.release.programme.vocabulary import (
    GROUP,
    MESSAGE,
    OFFICE_KIND,
    PURPOSE,
    read_vocabulary,
)
from service.text import section

from .picture import WORKFLOWS, Picture, element

CONFIG = WORKFLOWS / "config"
FORMS = WORKFLOWS.parent / "forms"
LETTERS = set(section("mail", "sv"))
WORDS = read_vocabulary((CONFIG / "vocabulary.toml").read_text(encoding="utf-8"))
PURPOSES, STAGES = set(WORDS.ids(PURPOSE)), WORDS.stages
MUNICIPALITIES, COUNTIES = 290, 21


def table(name: str) -> dict[str, Any]:
    """One table of the configuration."""
    return tomllib.loads((CONFIG / f"{name}.toml").read_text(encoding="utf-8"))


def elements() -> set[str]:
    """Ids of everything in the diagrams."""
    return {id_ for path in WORKFLOWS.glob("*.bpmn") for id_ in Picture(path.stem).elements}


def test_there_are_seven_lane_roles_and_seven_house_roles() -> None:
    roles = table("roles")
    services = {id_ for id_, row in roles.items() if row.get("house")}
    assert services == PRODUCT_ROLES
    assert services - {"records-officer"} == {
        *("owner", "reviewer", "data-protection", "auditor", "operator", "desk")
    }
    assert set(roles) - services == {
        "ReferringPartner",
        "CaseApprover",
        "IomHelsinki",
        "IomMedical",
        "IomLocal",
        "ChildServices",
        "RegionalCoordinator",
    }
    assert all(row["sv"] and row["en"] for row in roles.values())


def test_the_matrix_is_read_and_knows_every_role_in_every_stage() -> None:
    matrix = read_matrix((CONFIG / "visibility.toml").read_text(encoding="utf-8"), STAGES)
    assert set(matrix.letters) == set(table("roles")) | {"returnee"}
    assert all(set(stages) == {"1", "2", "3", "x"} for stages in matrix.letters.values())


@pytest.mark.parametrize(
    ("role", "letters"),
    [
        ("ReferringPartner", "FOOO FOOO FF-- FF--"),
        ("RegionalCoordinator", "S--- S--- S--- S---"),
        ("CaseApprover", "FFF- F--- FF-- FF--"),
        ("IomHelsinki", "FFFF FFFF FFFF FFS-"),
        ("IomMedical", "---- FFF- ---- ----"),
        ("IomLocal", "FFF- FFFF FFFF F---"),
        ("ChildServices", "FFF- F-F- F--- ----"),
        ("returnee", "S--- S--- S--- ----"),
        ("owner", "F--- F--- F--- F---"),
        ("reviewer", "F--- F--- F--- F---"),
        ("data-protection", "F--- F--- F--- F---"),
        ("auditor", "F--- F--- F--- F---"),
        ("operator", "---- ---- ---- ----"),
    ],
)
def test_each_role_sees_in_each_stage_what_the_programme_says(role: str, letters: str) -> None:
    row = table("visibility")[role]
    assert " ".join(row[stage] for stage in ("1", "2", "3", "x")) == letters


def test_the_narrowing_rows_are_those_of_the_programme() -> None:
    rows = table("visibility")["narrow"]
    said = {
        (
            r["role"],
            "".join(map(str, r["stage"])),
            str(r["class"]),
            "only" if "only" in r else "never",
            " ".join(r.get("only", r.get("never"))),
        )
        for r in rows
    }
    assert said == {
        ("ReferringPartner", "3x", "C1", "only", "feedback"),
        ("CaseApprover", "1", "C2", "only", "eligibility"),
        ("CaseApprover", "3x", "C1", "only", "feedback"),
        ("IomMedical", "2", "C1", "only", "name"),
        ("IomMedical", "2", "C2", "only", "health"),
        ("IomLocal", "1", "C1", "only", "name family"),
        ("IomLocal", "1", "C2", "only", "child"),
        ("IomLocal", "2", "C2", "only", "needs child"),
        ("IomLocal", "2", "C3", "only", "route destination"),
        ("IomLocal", "3", "C2", "never", "exploitation eligibility"),
        ("IomLocal", "3", "C3", "never", "trafficker whereabouts her-words"),
        ("ChildServices", "12", "C2", "only", "child holds"),
        ("IomHelsinki", "123", "['C1', 'C3']", "never", "whereabouts her-words"),
        ("ReferringPartner", "12", "C3", "never", "her-words"),
        ("IomHelsinki", "123", "C2", "never", "medical-annex"),
    }


def test_grants_name_known_elements_roles_and_consents() -> None:
    grants, ids, roles = table("grants")["grant"], elements(), set(table("roles"))
    assert {row["rule"] for row in grants} == {f"G{n}" for n in range(1, 14)}
    assert [
        row["rule"] for row in grants if row["element"] not in ids or row["role"] not in roles
    ] == []
    assert {purpose for row in grants for purpose in row.get("consent", [])} <= PURPOSES
    assert {row["until"]["element"] for row in grants if "element" in row.get("until", {})} <= ids


def test_only_own_work_children_and_a_call_after_the_end_need_no_consent() -> None:
    assert {row["rule"] for row in table("grants")["grant"] if not row.get("consent")} == {
        "G1",
        "G4",
        "G11",
        "G13",
    }


def test_referrals_by_hand_name_known_roles_and_fields() -> None:
    rules, roles = table("referrals"), set(table("roles"))
    fields = {
        key
        for path in FORMS.glob("*.form")
        for key in re.findall(r'"(?:key|path)": "(\w+)"', path.read_text(encoding="utf-8"))
    }
    rows = rules["purpose"]
    assert {role for row in rows for role in (*row["from"], *row["to"])} <= roles
    assert {consent for row in rows for consent in row.get("consent", [])} <= PURPOSES
    assert {field for row in rows for field in row["fields"]} <= fields
    on_consent = [row for row in rows if "SAMTYCKE" in str(row["ground"])]
    assert [row["id"] for row in on_consent if not row.get("consent")] == []
    assert set(rules["letter"].values()) <= LETTERS
    assert len({row["id"] for row in rows}) == len(rows)


def test_each_purpose_of_a_referral_opens_something() -> None:
    matrix = read_matrix((CONFIG / "visibility.toml").read_text(encoding="utf-8"), STAGES)
    for row in table("referrals")["purpose"]:
        assert any(
            set(letters) != {"-"}
            for role in row["to"]
            for stage, letters in matrix.letters[role].items()
            if stage != "x"
        ), row["id"]


def test_the_vocabulary_has_words_for_all_that_is_used() -> None:
    forms = [json.loads(path.read_text("utf-8")) for path in FORMS.glob("*.form")]
    used = {text for form in forms for text in groups_of(form)}
    assert len(used) > 10
    assert used - {OWN_OFFICE} <= set(WORDS.ids(GROUP))
    roles, offices = table("roles"), table("demo")["office"]
    kinds = {kind for row in roles.values() for kind in row["offices"]}
    assert kinds | {row["kind"] for row in offices} <= set(WORDS.ids(OFFICE_KIND))
    texts = {path.name.partition(".")[0] for path in (CONFIG / "consents").glob("*.md")}
    assert texts == PURPOSES
    messages = {
        str(node.get("name"))
        for path in WORKFLOWS.glob("*.bpmn")
        for node in element(Picture(path.stem).root, "//b:message")
    }
    assert set(WORDS.ids(MESSAGE)) <= messages


def groups_of(part: object) -> Iterator[str]:
    """The groups of a form's fields, at any depth."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict) and "group" in properties:
            yield str(properties["group"])
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for one in inner:
        yield from groups_of(one)


def test_every_routing_name_has_a_type_a_class_and_a_reader() -> None:
    types = table("types")
    kinds = {"boolean", "string", "number", "date", "date and time", "list", "context"}
    assert [
        name
        for name, row in types.items()
        if row["type"] not in kinds or row["class"] not in {"C0", "C1", "C2", "C3"}
    ] == []
    assert [
        name
        for name, row in types.items()
        if row["type"] in {"string", "list"} and not row.get("values")
    ] == []


def test_what_the_diagrams_and_rules_read_is_declared() -> None:
    declared = set(table("types"))
    asked = [
        str(node.text)
        for path in WORKFLOWS.glob("*.bpmn")
        for node in element(Picture(path.stem).root, "//b:conditionExpression")
    ]
    words = {
        word
        for text in asked
        for word in re.findall(r"(?<![\w.\"])[a-z]\w*(?!\w*[\"(])", re.sub(r'"[^"]*"', "", text))
    }
    assert words - {"in", "and", "or", "not", "true", "false", "null"} <= declared


def test_names_that_pages_need_are_fields_or_steps() -> None:
    programme = table("process")
    keys = {
        key
        for form in FORMS.glob("*.form")
        for key in re.findall(r'"(?:key|path)": *"(\w+)"', form.read_text("utf-8"))
    }
    leaned = {
        what: field
        for what, field in programme["answers"].items()
        if what not in ("plan_over_value", "plan_dropped")
    }
    assert {what: field for what, field in leaned.items() if field not in keys} == {}
    assert set(programme["proposals"]) <= keys
    assert programme["follow_up_step"] in elements()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"duties": {"owner": ["IomHelsinki"]}}, "duties: it lacks late"),
        (
            {
                "duties": {
                    "owner": ["Nobody"],
                    **{key: [] for key in ("late", "marking", "raising", "manager")},
                }
            },
            "duties, owner: there is no Nobody; there are ",
        ),
        ({"answers": {}}, "answers: it lacks diary_number"),
        ({"answers": "none"}, "answers: this must be a table, not a text"),
        (
            {"proposals": {"iomOffice": "somewhere"}},
            "iomOffice: there is no somewhere; there are approver_office, iom_office",
        ),
        ({"proposals": {"localOffice": "party"}}, "localOffice: there is no party; .* party:"),
    ],
)
def test_a_programme_with_an_unknown_name_is_refused(
    changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_named_fields({**table("process"), **changed}, set(table("roles")))


def test_common_languages_come_first_and_none_is_lost() -> None:
    programme = read_programme(
        {path.name: path.read_text(encoding="utf-8") for path in CONFIG.glob("*.toml")}
    )
    for lang in ("sv", "en"):
        listed = [code for code, _ in directories(programme)[lang]["languages"]]
        common = [code for code in listed if code in programme.common_languages]
        assert len(common) >= 40
        assert listed[: len(common)] == common
        assert len(listed) == len(set(listed)) > 200
