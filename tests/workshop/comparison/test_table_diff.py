"""Two versions of a table of the configuration or a calendar differ key by key."""

from __future__ import annotations

from service.workshop.comparison.release_changes import ChangeTexts
from service.workshop.comparison.table_diff import diff_table_file

ROLES = "workflows/config/roles.toml"
WORDS = "workflows/config/vocabulary.toml"
CALENDAR = "workflows/calendars/sweden.json"


def sentences(file: str, before: str, after: str) -> list[tuple[str, str]]:
    changes = diff_table_file(before.encode(), after.encode(), file, ChangeTexts("en"))
    return [(one.kind, one.text) for one in changes]


def test_names_of_roles_are_words_and_the_rest_says_who() -> None:
    before = '[A]\nsv = "Ett"\noffices = ["X"]\n'
    after = '[A]\nsv = "Två"\noffices = ["X", "Y"]\n[B]\nsv = "Ny"\n'
    assert sentences(ROLES, before, after) == [
        ("text", "Roles, A / Swedish: was Ett, is now Två."),
        ("who", "Roles, A / kinds of offices: new Y."),
        ("text", "Roles, new: B / Swedish = Ny"),
    ]


def test_rows_of_a_list_are_known_by_their_ids() -> None:
    one, two = (
        '[[stage]]\nid = "{}"\nsv = "{}"\n'.format(*row) for row in (("1", "A"), ("2", "B"))
    )
    assert sentences(WORDS, one + two, one + two.replace('"B"', '"C"')) == [
        ("text", "Words of the programme, stage / 2 / Swedish: was B, is now C.")
    ]
    assert [kind for kind, _ in sentences(WORDS, one, one + two)] == ["config", "text"]


def test_days_off_that_came_and_went() -> None:
    before, after = '{"off": ["2026-01-01"]}', '{"off": ["2026-01-06"]}'
    assert sentences(CALENDAR, before, after) == [
        ("config", "The calendar sweden, days off: new 2026-01-06."),
        ("config", "The calendar sweden, days off: gone 2026-01-01."),
    ]
    ((_, text),) = sentences(CALENDAR, '{"week": [1, 2]}', '{"week": [2, 1]}')
    assert text.endswith("another order.")


def test_what_cannot_be_read_is_told_elsewhere() -> None:
    assert sentences(ROLES, "a = 1", "a = ") == []
    assert sentences(CALENDAR, "[]", "{}") == []
