"""A person's settings, her password, and where she is signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete

from service.people import directory, invitations, rate_limits
from service.people.accounts import load_viewer
from service.people.sessions import SessionLimits, begin_session
from service.store.installation import credentials, ledger_entries
from service.store.installation.credentials import PASSKEY, PROVIDER, Credential
from service.store.tables import credential
from service.web.accounts.fresh_proof import FRESH
from tests.support.browser import PASSWORD, Browser
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World


def test_choices_are_kept(world: World) -> None:
    browser = world.browser("sara")
    assert "data-shortcuts" in browser.get("/settings").text
    browser.post(
        "/settings", {"language": "en", "theme": "dark", "dense": "1", "zone": "Europe/Helsinki"}
    )
    page = browser.get("/settings?saved=1")
    assert 'data-theme="dark"' in page.text
    assert "density-dense" in page.text
    assert "data-shortcuts" not in page.text, "no key does anything by itself then"
    assert world.person("sara").settings == {
        "letters": "at_once",
        "new_browser": "known",
        "theme": "dark",
        "dense": "yes",
        "shortcuts": "no",
        "zone": "Europe/Helsinki",
    }


NEW = "staple battery horse correct"
INPUT = re.compile(r"<input[^>]*>")
NAME = re.compile(r'name="([^"]*)"')
NEW_ONES = {"new", "again"}
KEPT = {"password", "old", *NEW_ONES}
"""Names of fields that take a password."""
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36 Edg/140.0"


def signed_in(world: World, says: str = "", name: str = "sara") -> Browser:
    browser = Browser(world.app.test_client())
    browser.headers["User-Agent"] = says
    assert browser.sign_in(name).status_code == 303
    return browser


def invite(world: World) -> str:
    """An invitation for Sara."""
    now = world.clock.now()
    with world.database.transaction() as tx:
        return invitations.invite(tx, world.program.services, by=SEED, now=now, sign_in="sara")


def comes_in(browser: Browser) -> bool:
    return browser.get("/settings").status_code == 200


def change(browser: Browser, old: str, new: str, again: str = "") -> str:
    """Change the password on the page; the fault that it names, or "" when it is done."""
    browser.get("/settings")
    answer = browser.post("/settings/password", {"old": old, "new": new, "again": again or new})
    if answer.status_code == 303:
        assert answer.headers["Location"] == "/settings?done=password"
        return ""
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    return answer.text.split('role="alert"')[1].split("<p>")[1].split("</p>")[0]


def test_another_password_ends_every_other_session(world: World) -> None:
    here, there = signed_in(world), signed_in(world)
    token = here.client.get_cookie("tresteg_demo")
    assert change(here, PASSWORD, NEW) == ""
    assert "Your password is changed" in here.get("/settings?done=password").text
    assert not comes_in(there)
    assert token is not None
    there.client.set_cookie("tresteg_demo", token.value)
    assert not comes_in(there), "a stolen token of the same session has ended too"
    assert there.sign_in("sara", PASSWORD).status_code == 422
    assert there.sign_in("sara", NEW).status_code == 303
    with world.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, "office/social", kinds=["password_set"])
    assert (entry.actor, entry.body) == ("p_sara", '{"person":"p_sara"}')


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("too short", "", "15 to 128 characters"),
        ("x" * 129, "", "15 to 128 characters"),
        ("aaaaaaaaaaaaaaaaaa", "", "repeats"),
        ("passwordpassword", "", "repeats"),
        ("qwertyuiop123456", "", "too easy to guess"),
        ("Sara Sara Sara 12", "", "made of the name"),
        ("tresteg-tresteg-1", "", "the word Tresteg"),
        (NEW, "another than the new one", "differ"),
        (PASSWORD, "", "the one that you have now"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(
    world: World, new: str, again: str, says: str
) -> None:
    browser = signed_in(world)
    assert says in change(browser, PASSWORD, new, again)
    assert comes_in(browser)
    assert world.browser().sign_in("sara", PASSWORD).status_code == 303


def test_the_old_password_is_asked_and_tried_five_times(world: World) -> None:
    browser = signed_in(world)
    for _ in range(rate_limits.ACCOUNT_WRONG):
        assert "is wrong" in change(browser, "a wrong one, long enough", NEW)
    assert "is wrong" in change(browser, PASSWORD, NEW), "the right one waits too"
    assert world.browser().sign_in("sara", PASSWORD).status_code == 303, "sign-in does not"
    with world.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, "system", kinds=["sign_in_failed"])
    assert [entry.actor for entry in entries] == ["p_sara"] * rate_limits.ACCOUNT_WRONG


def test_sessions_are_listed_by_kind_of_browser(world: World) -> None:
    signed_in(world, EDGE)
    signed_in(world, "curl/8")
    signed_in(world, FIREFOX, "omar")
    page = signed_in(world, FIREFOX).get("/settings").text
    rows = re.findall(r'<th role="rowheader"[^>]*>([^<]*)</th>', page)
    assert rows[0] == "Firefox on Windows", "the one of this page stands first"
    assert sorted(rows[1:]) == ["Edge on macOS", "Unknown browser"]
    assert page.count("This one") == 1
    assert page.count('name="handle"') == 2


def test_sessions_say_by_what_they_were_begun(world: World) -> None:
    browser = signed_in(world)
    assert "<br>with the password</td>" in browser.get("/settings").text
    with world.database.transaction() as tx:
        key = world.program.services.key(tx, "person:p_sara")
        assert key is not None
        name = key.seal("contact", b"phone", table="credential", column="name", row="key")
        passkey = Credential("key", "p_sara", PASSKEY, NOON, "p_sara", b"key", name=name)
        link = Credential(
            "link", "p_sara", PROVIDER, NOON, "p_sara", b"link", about={"provider": "freja"}
        )
        credentials.add(tx, passkey, link, office=OFFICE)
        viewer = load_viewer(tx, "p_sara")
        assert viewer is not None
        limits = SessionLimits(timedelta(hours=1), timedelta(hours=8))
        now = world.clock.now()
        for row in (passkey, link):
            begin_session(tx, by=viewer, way=row.kind, limits=limits, now=now, begun_by=[row])
    page = browser.get("/settings").text
    assert "<br>with the passkey “phone”</td>" in page
    assert "<br>with freja</td>" in page
    browser.post("/language", {"language": "sv"})
    assert "<br>med lösenordet</td>" in browser.get("/settings").text


def test_a_person_ends_one_session_or_all_others(world: World) -> None:
    here, one, two = signed_in(world, FIREFOX), signed_in(world, EDGE), signed_in(world, FIREFOX)
    other = signed_in(world, name="omar")
    page = here.get("/settings").text
    (handle,) = [
        found[1]
        for row in page.split("<tr")
        if "Edge" in row and (found := re.search(r'name="handle" value="(\w+)"', row))
    ]
    other.get("/settings")
    other.post("/settings/sessions", {"handle": handle})
    assert comes_in(one), "another person cannot end it"
    answer = here.post("/settings/sessions", {"handle": handle})
    assert answer.headers["Location"] == "/settings?done=ended"
    assert (comes_in(here), comes_in(one), comes_in(two)) == (True, False, True)
    here.post("/settings/sessions", {})
    assert (comes_in(here), comes_in(two), comes_in(other)) == (True, False, True)
    assert "You are signed in here only" in here.get("/settings").text
    with world.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, "office/social", kinds=["sessions_ended"])
    assert [entry.actor for entry in entries] == ["p_sara", "p_sara"]


def test_who_ends_sessions_shows_first_who_it_is(world: World) -> None:
    here, there = signed_in(world, FIREFOX), signed_in(world, EDGE)
    world.clock.set(world.clock.now() + FRESH + timedelta(seconds=1))
    here.get("/settings")
    assert here.post("/settings/sessions", {}).headers["Location"].startswith("/prove")
    assert comes_in(there)
    here.get("/prove")
    assert here.post("/prove", {"password": PASSWORD}).status_code == 303
    here.get("/settings")
    assert here.post("/settings/sessions", {}).headers["Location"] == "/settings?done=ended"
    assert not comes_in(there)


@pytest.mark.parametrize("path", ["/", "/inbox", "/cases", "/help", "/settings", "/prove", "/none"])
def test_every_page_has_the_way_out(world: World, path: str) -> None:
    page = signed_in(world).get(path, follow_redirects=True)
    assert page.text.count('<form method="post" action="/sign-out">') == 1


@pytest.mark.parametrize("path", ["/sign-in", "/settings", "/prove", "/welcome"])
def test_passwords_are_masked_and_left_to_password_managers(world: World, path: str) -> None:
    browser = world.browser() if path in ("/sign-in", "/welcome") else signed_in(world)
    page = browser.get(path).text
    if path == "/welcome":
        page = browser.post(path, {"token": invite(world)}).text
    inputs = [(NAME.search(one), one) for one in INPUT.findall(page)]
    found = {name[1]: one for name, one in inputs if name is not None and name[1] in KEPT}
    assert found
    for name, field in found.items():
        assert 'type="password"' in field
        filled = "new-password" if name in NEW_ONES or path == "/welcome" else "current-password"
        assert f'autocomplete="{filled}"' in field
        assert "maxlength" not in field, "a browser cuts off what is pasted, and says nothing"


def test_who_has_no_password_is_asked_for_none(world: World) -> None:
    browser = world.browser()
    browser.get("/demo")
    with world.database.transaction() as tx:
        tx.run(delete(credential).where(credential.c.person_id == "p_sara"))
    browser.post("/demo/enter", {"who": "sara"})
    assert "Change the password" not in browser.get("/settings").text
    form = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert browser.post("/settings/password", form).status_code == 404


OWN = "sara@example.invalid"


@pytest.fixture
def letter_world(world: World) -> World:
    """The office has a mailbox."""
    with world.database.transaction() as tx:
        directory.set_address(
            tx,
            world.program.services,
            by=SEED,
            now=world.clock.now(),
            office=OFFICE,
            address="social@example.invalid",
        )
    return world


def choose(browser: Browser, how: str, address: str = "") -> str:
    """Choose how letters come; the page's fault, or "" when the choice is kept."""
    browser.get("/settings")
    answer = browser.post("/settings/letters", {"letters": how, "address": address})
    if answer.status_code == 303:
        assert answer.headers["Location"] == "/settings?done=letters"
        return ""
    assert answer.status_code == 422
    found = re.search(r'role="alert".*?<p>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None
    return found[1]


def test_how_letters_come_is_chosen_on_the_page(letter_world: World) -> None:
    browser = letter_world.browser("sara")
    assert choose(browser, "daily", OWN) == ""
    page = browser.get("/settings?done=letters").text
    assert re.search(r'value="daily"\s+checked', page)
    assert f'value="{OWN}"' in page
    assert letter_world.person("sara").settings["letters"] == "daily"
    assert OWN.encode() not in (letter_world.person("sara").email or b"")
    assert letter_world.faults() == []


def test_the_last_reader_of_an_office_cannot_choose_none(letter_world: World) -> None:
    sara, stina = letter_world.browser("sara"), letter_world.browser("stina")
    assert choose(stina, "none") == ""
    assert choose(sara, "none").startswith("You are the only one in the office who gets letters.")
    assert letter_world.person("sara").settings.get("letters") == "at_once"
    assert choose(stina, "daily") == ""
    assert choose(sara, "none") == ""


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nobody", "That is no mail address."),
        ("a@b@example.invalid", "That is no mail address."),
        ("sara@elsewhere.invalid", "The address must be of the same domain"),
        ("sår@example.invalid", "That is no mail address."),
    ],
)
def test_letters_go_to_the_domain_of_the_office_alone(
    letter_world: World, address: str, says: str
) -> None:
    assert choose(letter_world.browser("sara"), "at_once", address).startswith(says)
    assert letter_world.person("sara").email is None


def test_a_choice_that_is_none_is_refused(letter_world: World) -> None:
    assert choose(letter_world.browser("sara"), "weekly") == "Choose how often letters are to come."
