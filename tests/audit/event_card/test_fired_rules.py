"""The rules that answered in a case: the table as it was, and the row where it may be told."""

from __future__ import annotations

from collections.abc import Callable

from service.store.installation import keys
from tests.audit.event_card.conftest import ReplayedCase

Play = Callable[[str], ReplayedCase]


def test_a_rule_is_told_with_its_table_its_row_and_what_it_read(played: Play) -> None:
    replay = played("C0").replay()
    assert list(replay.rules.by_fact) == [2], "the fact in which it answered"
    (rule,) = replay.rules.by_fact[2]
    assert rule.rows == (1,)
    assert rule.inputs == (("Answer", "Ja"),)
    assert [text for _, text in rule.result] == ["A"]
    table = replay.rules.tables[rule.table]
    assert (table.release, table.asks) == ("v1", 1)
    assert table.rows == (("Ja", "A"), ("–", "B")), "codes in the words that people read"


def test_no_row_is_told_that_would_tell_a_hidden_answer(played: Play) -> None:
    replay = played("C2").replay()
    (rule,) = replay.rules.by_fact[2]
    assert (rule.rows, rule.inputs, rule.hidden) == ((), (), ("Answer",))
    assert not any("row" in text for entry in replay.entries for text in entry.caused)
    assert "Ja" not in str([row for row in replay.rows() if row.get("facts")])


def test_of_an_erased_case_the_table_stays_without_row_or_values(played: Play) -> None:
    case = played("C0")
    with case.desk.database.transaction() as tx:
        keys.drop(tx, f"case:{case.case}", stream=f"case/{case.case}")
    (rule,) = case.replay().rules.by_fact[2]
    assert rule.rows == ()
    assert {text for _, text in (*rule.inputs, *rule.result)} == {"erased"}
