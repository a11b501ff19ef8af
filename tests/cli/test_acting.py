"""Commands that change something name the person who gives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service.cli import main
from service.security.purposes import SIGN_IN
from service.store.installation import ledger_entries, people
from tests.cli.rows import ANNA, SOCIAL, counted, program, tables
from tests.support.terminal import one_sentence, tresteg

TOR = (
    *("person", "add", "tor@example.org", "--name", "Tor Dal", "--office", "social"),
    *("--role", "operator"),
)
AS = ("--as", "tor@example.org")
WRITES = {
    "incident clock",
    "incident retry",
    "migrate",
    "office add",
    "office address",
    "person add",
    "person close",
    "person invite",
    "person roles",
    "publish",
    "verify",
}
"""Every command that writes into histories; `serve` and `demo` act by themselves."""


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def entries(folder: Path, stream: str) -> list[tuple[str, str]]:
    """Kind and actor of the entries of a stream; the actor Tor by his name."""
    made = program(folder)
    with made.database.transaction(write=False) as tx:
        tor = people.by_sign_in(tx, made.services.vault.blind(SIGN_IN, "tor@example.org"))
        found = ledger_entries.of_stream(tx, stream)
    made.database.close()
    assert tor is not None
    return [(row.kind, "tor" if row.actor == tor.person.id else row.actor) for row in found]


def test_every_command_that_writes_takes_a_name() -> None:
    takes = {
        words: any("--as" in param.opts for param in command.params)
        for words, command in commands(main)
    }
    assert {words for words, named in takes.items() if named} >= WRITES
    assert not takes["incident list"], "who only looks is asked for no name"


def test_an_installation_begins_without_people(installed: Path) -> None:
    assert tresteg("publish").exit_code == 0
    rows = tables(installed)
    assert (rows["person"], rows["credential"], rows["login_session"]) == (0, 0, 0)


@pytest.fixture
def operated(installed: Path) -> Path:
    """An installation with an office and an operator."""
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*TOR).exit_code == 0
    return installed


def test_histories_name_the_operator(operated: Path) -> None:
    assert tresteg(*ANNA, *AS).exit_code == 0
    assert tresteg("office", "address", "social", "a@example.org", *AS).exit_code == 0
    assert tresteg("person", "roles", "anna@example.org", "--role", "auditor", *AS).exit_code == 0
    assert tresteg("person", "invite", "anna@example.org", *AS).exit_code == 0
    assert tresteg("person", "close", "anna@example.org", *AS).exit_code == 0
    assert entries(operated, "office/social") == [
        ("person_added", "installer"),
        ("invitation_made", "installer"),
        ("person_added", "tor"),
        ("invitation_made", "tor"),
        ("role_given", "tor"),
        ("role_taken", "tor"),
        ("invitation_made", "tor"),
        ("person_closed", "tor"),
    ]
    assert entries(operated, "system") == [("office_added", "installer"), ("office_address", "tor")]


def test_without_a_name_nothing_is_changed(operated: Path) -> None:
    before = counted(operated)
    for words in (
        ANNA,
        ("office", "address", "social", "a@example.org"),
        ("person", "roles", "tor@example.org", "--role", "auditor"),
        ("person", "invite", "tor@example.org"),
        ("person", "close", "tor@example.org"),
        ("incident", "clock"),
        ("incident", "retry", "x"),
    ):
        done = tresteg(*words)
        assert one_sentence(done) == (
            "say who does this, with --as SIGN_IN or TRESTEG_AS: "
            "the sign-in name of a person who holds the role operator"
        )
        assert (done.exit_code, counted(operated)) == (2, before)


def test_the_name_may_come_from_the_environment(
    operated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRESTEG_AS", "tor@example.org")
    assert tresteg(*ANNA).exit_code == 0
    assert entries(operated, "office/social")[-1] == ("invitation_made", "tor")
    assert tresteg("doctor").exit_code == 0


def test_who_may_not_is_told(operated: Path) -> None:
    assert tresteg(*ANNA, *AS).exit_code == 0
    before = counted(operated)
    done = tresteg("person", "invite", "tor@example.org", "--as", "anna@example.org")
    assert one_sentence(done) == "anna@example.org may not do this: it needs the role operator"
    assert (done.exit_code, counted(operated)) == (3, before)


def test_who_publishes_is_an_owner(operated: Path) -> None:
    maja = [word.replace("anna@", "maja@").replace("ReferringPartner", "owner") for word in ANNA]
    assert tresteg(*maja, *AS).exit_code == 0
    assert tresteg("publish", *AS).exit_code == 3
    assert tresteg("publish").exit_code == 2
    assert tresteg("publish", "--as", "maja@example.org").exit_code == 0
    made = program(operated)
    with made.database.transaction(write=False) as tx:
        maja_row = people.by_sign_in(tx, made.services.vault.blind(SIGN_IN, "maja@example.org"))
        published = ledger_entries.of_stream(tx, "release/return_case")
    made.database.close()
    assert maja_row is not None
    assert [row.actor for row in published] == [maja_row.person.id]
