"""A table that names a purpose or a group that the vocabulary does not have is refused."""

from __future__ import annotations

import pytest

from service.actions.programme.configuration import read_programme
from service.actions.programme.name_checks import check_purposes
from service.actions.programme.vocabulary import Vocabulary
from service.errors import BadSettings
from tests.actions.programme.test_configuration import shipped, with_change


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "grants.toml",
            'consent = ["REFER"]',
            'consent = ["REFFER"]',
            "G2 names .* REFFER",
        ),
        ("grants.toml", 'purpose = "REFER"', 'purpose = "NONE"', "referral of .* the consent NONE"),
        (
            "grants.toml",
            'consent = ["PARTICIPATE"] }',
            'consent = ["TAKE"] }',
            "the consent TAKE",
        ),
        (
            "referrals.toml",
            'consent = ["SHARE_HEALTH"]',
            'consent = ["H"]',
            "HEALTH names .* H,",
        ),
        (
            "programme.toml",
            "SHARE_HEALTH = 6",
            "SHARE = 6",
            "consent_months names .* SHARE,",
        ),
        ("visibility.toml", '"medical-annex"', '"annex"', "names the group annex"),
        ("visibility.toml", "stage = [3]", "stage = [4]", r"a stage that does not exist: \['4'\]"),
        ("grants.toml", "from_stage = { stage = 2", "from_stage = { stage = 7", "no stage 7"),
        ("parties.toml", 'to = "approver"', 'to = "judge"', "out of answer, approver"),
        ("vocabulary.toml", 'id = "talk"', 'id = ""', r"vocabulary\.toml: \[\[station\]\] 1"),
        (
            "vocabulary.toml",
            'id = "SHARE_HEALTH"',
            'id = "HEALTH"',
            "the consent SHARE_HEALTH,",
        ),
    ],
)
def test_a_name_that_there_is_not_is_told(name: str, old: str, new: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        with_change(name, old, new)


def test_a_stage_that_nobody_would_see_is_told() -> None:
    row = '[[stage]]\nid = "4"\nsv = "Fyra"\nen = "Four"\n\n[[station]]'
    with pytest.raises(BadSettings, match=r"visibility\.toml has no letters for the stage 4"):
        with_change("vocabulary.toml", "[[station]]", row)


def test_a_folder_without_vocabulary_is_refused() -> None:
    files = {name: text for name, text in shipped().items() if name != "vocabulary.toml"}
    with pytest.raises(BadSettings, match=r"config has no vocabulary\.toml"):
        read_programme(files)


def test_the_programme_names_offices_for_what_it_likes() -> None:
    programme = with_change(
        "programme.toml", "iom_office =", 'court_office = "court"\niom_office ='
    )
    assert programme.offices["court"] == "court"
    assert set(programme.offices) == {"approver", "iom", "court"}


def test_purposes_of_a_place_are_named_with_it() -> None:
    with pytest.raises(BadSettings, match="here names the consent A"):
        check_purposes("here", Vocabulary(), ["A"])
    check_purposes("here", Vocabulary(), [])
