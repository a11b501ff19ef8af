"""docs/sign-in.md tells the ways in, the limits and the words that there are, and no others."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from typing import Final

import pytest

from service.people import invitations, one_time_codes, programs, rate_limits, second_factor
from service.security.passwords import (
    COMMON,
    GUESSES,
    IN_LINE,
    LONGEST,
    PRODUCT,
    SHORTEST,
)
from service.settings import Settings
from service.store.installation.credentials import KINDS
from service.web.accounts.fresh_proof import FRESH
from tests.support.tree import ROOT

PAGE: Final = " ".join((ROOT / "docs" / "sign-in.md").read_text("utf-8").split())
ROW: Final = re.compile(r"\| `(\w+)` \| [^|]+ \| [^|]+ \|")
BEGIN: Final = frozenset({"begin_session", "begin_session_by", "begin_session_of"})
DOORS: Final = frozenset(
    {
        ("people/invitations.py", "enter_with_passkey"),
        ("people/invitations.py", "enter_with_password"),
        ("people/own_account.py", "change_password"),
        ("people/provider_sign_in.py", "begin_session_of"),
        ("people/sign_in.py", "after_password"),
        ("people/sign_in.py", "begin_session_by"),
        ("people/sign_in.py", "try_code"),
        ("web/pages/demo.py", "session_of"),
        ("web/pages/passkeys.py", "begin"),
        ("web/pages/provider_sign_in.py", "begin_session"),
    }
)
"""Where a session begins: module and function."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_the_page_names_every_way_to_sign_in() -> None:
    ways = PAGE.partition("## Ways in")[2].partition("## Who guesses")[0]
    assert sorted(ROW.findall(ways)) == sorted(KINDS)


def test_no_session_begins_in_another_way() -> None:
    found = set()
    for path in (ROOT / "service").rglob("*.py"):
        text = path.read_text("utf-8")
        for function in ast.walk(ast.parse(text)) if "begin_session" in text else ():
            if isinstance(function, ast.FunctionDef) and begins(function):
                name = path.relative_to(ROOT / "service").as_posix()
                found.add((name, function.name))
    assert found == DOORS


def begins(function: ast.FunctionDef) -> bool:
    """Whether a function itself begins a session, not one that stands inside of it."""
    inner = {
        id(part)
        for one in ast.walk(function)
        if isinstance(one, ast.FunctionDef | ast.Lambda) and one is not function
        for part in ast.walk(one)
    }
    calls = [
        one for one in ast.walk(function) if isinstance(one, ast.Call) and id(one) not in inner
    ]
    names = {
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for call in calls
    }
    return not BEGIN.isdisjoint(names)


def waits(first: timedelta, longest: timedelta) -> str:
    """A wait that grows, in words."""
    grows = "twice as long with each further one"
    return f"a wait there of {first // MINUTE} minute, {grows}, {longest // MINUTE} at most"


ACCOUNT: Final = waits(rate_limits.FIRST_WAIT, rate_limits.LONGEST_WAIT)
NETWORK: Final = waits(rate_limits.FIRST_WAIT, rate_limits.LONGEST_NETWORK_WAIT)
STRANGERS: Final = f"such browsers wait {rate_limits.WINDOW // MINUTE} minutes"


@pytest.mark.parametrize(
    "row",
    [
        f"within {rate_limits.WINDOW // MINUTE} minutes",
        f"an account from one network | {rate_limits.ACCOUNT_WRONG}th | {ACCOUNT}",
        f"whatever the names | {rate_limits.NETWORK_WRONG}th | {NETWORK}",
        f"tokens of programs from one network | {rate_limits.NETWORK_WRONG}th",
        f"not known | {rate_limits.CODES_WRONG}th | {STRANGERS}",
        f"sign-ins of one account | {rate_limits.ACCOUNT_RIGHT + 1}st",
        f"whole site | {rate_limits.SITE_WRONG}th",
        f"{['No', 'One', 'Two', 'Three', 'Four'][IN_LINE]} passwords at a time are checked",
    ],
)
def test_the_page_tells_what_holds_up_who_guesses(row: str) -> None:
    assert row in PAGE


def test_the_page_lists_the_words_that_no_password_is_made_of() -> None:
    listed = PAGE.partition("these words: ")[2].partition(". ")[0]
    assert [word.strip("`") for word in listed.split(", ")] == [*COMMON]
    assert f"`{PRODUCT}`" in PAGE


def test_the_page_tells_the_figures_of_each_way() -> None:
    for figure in (
        f"`password` | {SHORTEST} to {LONGEST} characters",
        f"10 to the power of {GUESSES} guesses",
        f"for {second_factor.GRACE // DAY} days after an upgrade",
        f"a new one each {one_time_codes.STEP} seconds",
        f"within {invitations.LIFE // HOUR} hours, once",
        f"256 bits, for {programs.LONGEST_DAYS} days at most",
    ):
        assert figure in PAGE


def test_the_page_tells_how_long_a_session_lives() -> None:
    settings = Settings()
    assert f"{settings.session_idle_minutes} minutes without a request" in PAGE
    assert f"{settings.session_max_hours} hours in all" in PAGE
    assert f"after {FRESH // MINUTE} minutes, before what cannot be taken back" in PAGE
    assert settings.session_idle_minutes <= 30, "what NIST SP 800-63B allows for two factors"
    assert settings.session_max_hours <= 12
    assert settings.second_factor == second_factor.REQUIRED
