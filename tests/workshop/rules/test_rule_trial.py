"""A rule tried by hand says in words which rows fire, or why there is no answer."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from service.errors import NotFound
from service.workshop.rules.draft_rules import DraftRules
from service.workshop.rules.rule_trial import RuleTrial, try_rule, value_text
from tests.engine.dmn.tables import file, table
from tests.support.world import NOON
from tests.workshop.rules.conftest import Rules, eligibility

ZONE = ZoneInfo("Europe/Stockholm")
FITS = {
    "foreignCitizen": "true",
    "interestInReturn": "YES",
    "inTargetGroup": "YES",
    "rightToReside": "YES",
}


def tried(drawn: DraftRules, rule: str = "eligibility", **sent: str) -> RuleTrial:
    return try_rule(drawn, rule, sent, now=NOON, zone=ZONE)


def odd(
    rules: Rules, *rows: str, kind: str = "number", lang: str = "en", **more: str
) -> DraftRules:
    """The release with one more rule, that reads `missedInARow` where nothing else is said."""
    name = more.pop("name", "missedInARow")
    drawn = table(rows, id="odd", inputs=[(name, kind, "")], **more)  # type: ignore[arg-type]  # texts of the table
    return rules(lang, odd=file(drawn))


def test_the_row_that_fires_is_told_with_what_it_gives(rules: Rules) -> None:
    said = tried(rules("sv"), **FITS)
    assert (said.sentence, said.fine) == ("Rad 7 gäller.", True)
    (row,) = said.rows
    assert (row.number, row.outputs) == (7, (("Förslag", "ELIGIBLE"), ("Skäl", "TARGET_GROUP")))
    assert row.note == "Alla villkor är uppfyllda"


def test_what_is_left_empty_is_no_answer(rules: Rules) -> None:
    assert tried(rules()).sentence == "Row 2 fires."
    assert tried(rules(), **{**FITS, "rightToReside": ""}).sentence == "Row 8 fires."


def test_collected_rows_are_told_together(rules: Rules) -> None:
    said = tried(rules(), "legal_hold", travelBan="true", visaMissing="true")
    assert (said.sentence, len(said.rows)) == ("Rows 1, 6 fire.", 2)
    assert tried(rules(), "legal_hold").sentence == "No row fits. The rule gives an empty list."


def test_no_row_gives_nothing_or_the_default(rules: Rules) -> None:
    none = tried(odd(rules, '> 5 | "A"'), "odd", missedInARow="1")
    assert (none.sentence, none.fine) == ("No row fits. The rule gives nothing.", False)
    default = tried(odd(rules, '> 5 | "A"', default='"B"'), "odd", missedInARow="1")
    assert (default.sentence, default.fine) == (
        "No row fits. The rule gives what stands for that: B.",
        True,
    )


def test_rows_that_overlap_are_named_and_would_stop_a_case(rules: Rules) -> None:
    said = tried(odd(rules, '> 5 | "A"', '> 7 | "B"'), "odd", missedInARow="9")
    assert said.sentence.startswith("Rows 1, 2 fit at once")
    assert ([row.number for row in said.rows], said.fine) == ([1, 2], False)


def test_a_value_that_the_rule_does_not_know_is_named(rules: Rules) -> None:
    said = tried(rules(), interestInReturn="PERHAPS")
    assert said.sentence.startswith("The value of “Vill gå vidare” is none of those")
    assert said.rows == ()


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("foreignCitizen", "maybe", "Choose yes or no."),
        ("interestInReturn", "x" * 501, "No more than 500 characters."),
    ],
)
def test_bad_input_is_a_sentence_at_its_field(
    name: str, text: str, fault: str, rules: Rules
) -> None:
    said = tried(rules(), **{name: text})
    assert (said.sentence, said.fine) == ("One value cannot be read.", False)
    assert said.faults == {name: fault}


def test_dates_numbers_and_moments_are_typed_as_in_every_form(rules: Rules) -> None:
    sent = {"departureAt": "1 mars 2026 10.00", "signedOn": "2025-06-01"}
    assert tried(rules("sv"), "journey_checks", **sent).rows[0].number == 1
    wrong = {"departureAt": "soon", "signedOn": "2025-13-01"}
    said = tried(rules("en"), "journey_checks", **wrong)
    assert said.faults is not None
    assert set(said.faults) == set(wrong)
    assert tried(odd(rules, '= 2.5 | "A"'), "odd", missedInARow="2,5").rows[0].number == 1


def test_lengths_of_time_and_lists_are_read_or_refused(rules: Rules) -> None:
    lists = odd(rules, 'count(?) > 1 | "A"', kind="Any", name="openChecks")
    assert tried(lists, "odd", openChecks='["A", "B"]').rows[0].number == 1
    said = tried(lists, "odd", openChecks="A, B")
    assert said.faults is not None
    assert "between [ and ]" in said.faults["openChecks"]


def test_a_table_with_errors_is_not_tried(rules: Rules) -> None:
    broken = rules(eligibility=eligibility('not("YES")', "nobodyKnows"))
    said = tried(broken, **FITS)
    assert said.sentence == "The table has errors. Mend them first; then the rule can be tried."
    with pytest.raises(NotFound):
        tried(broken, "nothing")


def test_too_much_work_is_a_sentence(rules: Rules) -> None:
    rows = ['some x in openChecks satisfies x != ? | "A"'] * 600
    many = "[" + ",".join(['""'] * 90) + "]"
    drawn = odd(rules, *rows, policy="FIRST", name="openChecks[1]", kind="string")
    said = tried(drawn, "odd", openChecks=many)
    assert said.sentence.startswith("This takes more work than a case may do")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ([], "nothing"),
        (True, "Yes"),
        (["A", False], "A, No"),
        ({"@": "P3D"}, "P3D"),
        ({"level": "HIGH", "days": 3}, "level: HIGH, days: 3"),
        (2, "2"),
    ],
)
def test_values_are_written_for_people(value: object, text: str) -> None:
    assert value_text(value, "en") == text
