"""What an operator types is refused with a sentence that helps."""

from __future__ import annotations

import pytest

from service.errors import UnusableWord
from service.people import directory_checks as checks


@pytest.mark.parametrize("id_", ["social", "social-2", "a1-b2-c3"])
def test_an_office_id_is_small_letters_digits_and_hyphens(id_: str) -> None:
    checks.check_office_id(id_)


@pytest.mark.parametrize("id_", ["", "Social", "2social", "a--b", "a-", "å", "a" * 201])
def test_another_office_id_is_refused(id_: str) -> None:
    with pytest.raises(UnusableWord, match="cannot be the id of an office"):
        checks.check_office_id(id_)


@pytest.mark.parametrize("text", ["", " ", " Sara", "Sara ", "Sa\nra", "S" * 201])
def test_a_name_without_text_or_with_space_around_is_refused(text: str) -> None:
    checks.check_name("name", "Sara Ek")
    with pytest.raises(UnusableWord, match="a name has 1 to 200 characters"):
        checks.check_name("name", text)


@pytest.mark.parametrize("address", ["sara", "sara@", "@example.org", "a@b, c@d", "<a@b>"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    checks.check_mail_address("sara@example.org")
    checks.check_mail_address("")
    with pytest.raises(UnusableWord, match="no mail address"):
        checks.check_mail_address(address)


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("swedn", {"sweden", "norway"}, "there is no calendar swedn; did you mean sweden?"),
        ("SWEDEN", {"sweden"}, "did you mean sweden?"),
        ("zz", {"sweden", "norway"}, "there is norway, sweden"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, known: set[str], hint: str) -> None:
    with pytest.raises(UnusableWord) as refused:
        checks.check_known("calendar", ["sweden", name], {*known, "sweden"})
    assert hint in str(refused.value)


def test_many_names_are_not_listed() -> None:
    many = {f"x{n:04}yyyy" for n in range(checks.MOST_LISTED + 1)}
    with pytest.raises(UnusableWord) as refused:
        checks.check_known("zone", ["q"], many)
    assert str(refused.value) == "there is no zone q"
