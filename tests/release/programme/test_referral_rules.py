"""The file that says for what a case may be referred: read whole, or refused with a sentence that
names the row.
"""

from __future__ import annotations

import pytest

from service.release.programme.referral_rules import ReferralRules, localized_text, read_referrals

LETTER = '[letter]\nsent = "new_referral"\nnews = "news"\n'
PURPOSE = """[[purpose]]
id = "A"
sv = "Råd"
en = "Advice"
from = ["X", "Y"]
to = ["Z"]
ground = "NOD"
days = 3
"""


def test_a_purpose_is_offered_to_those_who_may_send_it() -> None:
    rules = read_referrals(f"choices = [5, 1]\n{LETTER}{PURPOSE}")
    assert [p.id for p in rules.of_sender({"Y"})] == ["A"]
    assert rules.of_sender({"Z"}) == ()
    assert rules.days == (1, 5)
    found = rules.purpose("A")
    assert found is not None
    assert (localized_text(found.words, "en"), localized_text(found.words, "fi")) == (
        "Advice",
        "Råd",
    )
    assert rules.purpose("B") is None
    assert rules.refusal("B") is None


def test_an_installation_without_the_file_refers_nothing_by_hand() -> None:
    assert read_referrals("") == ReferralRules()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PURPOSE, "it lacks letter"),
        (LETTER + PURPOSE + 'consent = "SHARE"', "purpose 1, consent: this must be a list"),
        (LETTER + PURPOSE + 'consents = ["SHARE"]', "purpose 1: consents means nothing here"),
        (
            LETTER + PURPOSE.replace("days = 3", "days = 0"),
            "purpose 1, days: .* at least 1",
        ),
        (LETTER + PURPOSE.replace('to = ["Z"]', "to = []"), "purpose 1, to: this is empty"),
        (LETTER + PURPOSE.replace('ground = "NOD"\n', ""), "purpose 1: it lacks ground"),
        (LETTER + PURPOSE.replace('en = "Advice"\n', ""), "purpose 1: it lacks en"),
        (LETTER + '[[refusal]]\nsv = "Nej"\nen = "No"\n', "refusal 1: it lacks id"),
        (LETTER + '[[refusal]]\nid = "NO"\nsv = "Nej"\n', "refusal 1: it lacks en"),
    ],
)
def test_a_row_that_lacks_something_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_referrals(text)
