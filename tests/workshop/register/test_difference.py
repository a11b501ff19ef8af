"""How two registers differ is said in words."""

from __future__ import annotations

from service.release.bundle import Bundle
from service.workshop.register.difference import RegisterDifference, compare_texts
from tests.support.world import shipped
from tests.workshop.data_flow.test_wider import services, with_question, with_text
from tests.workshop.register.test_register import text

GRANTS = "workflows/config/grants.toml"
RETENTION = "workflows/config/retention.toml"
MORE = """[[grant]]
rule = "G99"
element = "Task_SubmitReferral"
moment = "left"
role = "RegionalCoordinator"
classes = ["C0", "C2"]
ground = "NODVANDIGT_10_2"

"""


def between(before: Bundle, after: Bundle, lang: str = "en") -> RegisterDifference:
    texts = (text(bundle=before, lang=lang), text(bundle=after, lang=lang))
    return compare_texts(services(), (before, after), *texts)


def test_the_same_release_has_no_difference() -> None:
    found = between(shipped(), shipped())
    assert (found.changes, found.wider) == ((), ())


def test_an_added_grant_is_new_and_one_that_was_taken_away_is_gone() -> None:
    more = shipped().with_file(GRANTS, (shipped().text(GRANTS) + "\n" + MORE).encode())
    found = between(shipped(), more)
    (opening,) = [one for one in found.changes if one.section.startswith("When a case opens")]
    assert opening.kind == "new"
    assert opening.text.startswith("New: Regional coordinator: When")
    assert "sensitive answers (C2)" in opening.text
    assert found.wider
    (gone,) = [one for one in between(more, shipped()).changes if one.kind == "gone"][:1]
    assert "No longer there" in gone.text


def test_a_longer_and_a_shorter_period_are_told_apart() -> None:
    later = with_text(RETENTION, r'(id = "R5-END".*?after = )"P10Y"', r'\1"P12Y"')
    (longer,) = between(shipped(), later).changes
    assert (longer.kind, longer.section) == ("longer", "How long it is kept")
    assert longer.text == (
        "A longer period. A case of an adult: IOM office: erased 12 years after the end of the "
        "case. About: the process (C0), person and contact (C1). Not in a case that has been taken "
        "up again. Ground: IOM’s own rules on retention (IOM Data Protection Principles (IN/138), "
        "principle 9). Rule R5-END. Before: IOM office: erased 10 years after the end of the case."
    )
    (shorter,) = between(later, shipped()).changes
    assert shorter.kind == "shorter"
    assert shorter.text.endswith("Before: IOM office: erased 12 years after the end of the case.")


def test_of_a_change_only_what_is_different_is_said_twice() -> None:
    one = r'(id = "R5-END".*?counted = "case_end"\n)unless = \["reopened"\]\n'
    (less,) = between(shipped(), with_text(RETENTION, one, r"\1")).changes
    assert less.text.endswith("Rule R5-END. No longer: Not in a case that has been taken up again.")
    (more,) = between(with_text(RETENTION, one, r"\1"), shipped()).changes
    assert more.text.endswith("Rule R5-END. New in it: Not in a case that has been taken up again.")


def test_rows_of_a_file_of_rules_are_counted_and_not_spelled_out() -> None:
    more = shipped().with_file(GRANTS, (shipped().text(GRANTS) + "\n" + MORE).encode())
    for lang, said in (("en", "6 rows"), ("sv", "6 rader")):
        (of_rules,) = [one for one in between(shipped(), more, lang).wider if GRANTS in one]
        assert said in of_rules
        assert "G99" not in of_rules


def test_a_new_question_is_said_by_its_words_and_nothing_else_is() -> None:
    found = between(shipped(), with_question("shoeSize", "C2"), "sv")
    (change,) = [one for one in found.changes if one.section == "Vilka uppgifter"]
    assert change.text == "Nytt under Känsliga uppgifter (C2): Skostorlek"
