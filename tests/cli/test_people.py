"""People put in, invited and closed from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.errors import BadSettings
from service.mail import read_mail_url
from service.people.invitation_mail import require_way
from service.store.installation import ledger_entries
from tests.cli.rows import ANNA, PASSWORD, SOCIAL, counted, program
from tests.support.smtp import smtp_server
from tests.support.terminal import enters, one_sentence, signs_in, tresteg

pytestmark = pytest.mark.every_python


def test_a_person_who_was_put_in_comes_in_by_the_invitation(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg(*ANNA)
    assert done.exit_code == 0
    assert tresteg("publish").exit_code == 0
    secret = anna_enters(installed, done.stdout)
    assert anna_signs_in(installed, PASSWORD, secret)
    assert not anna_signs_in(installed, "correct horse battery stapel", secret)


def anna_enters(installed: Path, address: str) -> str:
    """Anna chooses her password and her app; gives the secret of the app."""
    made = program(installed)
    secret = enters(made, address, "anna@example.org", PASSWORD)
    made.database.close()
    return secret


def anna_signs_in(installed: Path, password: str, secret: str) -> bool:
    """Whether Anna comes in."""
    made = program(installed)
    came = signs_in(made, "anna@example.org", password, secret)
    made.database.close()
    return came


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--office", "socal"), "there is no office socal; did you mean social?", 2),
        (
            ("--role", "ReferringPatner"),
            "there is no role ReferringPatner; did you mean ReferringPartner?",
            2,
        ),
        (("--role", "Boss"), "there is no role Boss", 2),
        (
            ("--role", "CaseApprover"),
            "nobody of social (SOCIALTJANST) may hold the role CaseApprover: it is for MYNDIGHET",
            3,
        ),
        (("--name", ""), "a name has 1 to 200 characters", 2),
    ],
)
def test_a_mistyped_word_of_a_person_is_named_first(
    installed: Path, words: tuple[str, str], said: str, code: int
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    before = counted(installed)
    done = tresteg(*ANNA, *words)
    assert one_sentence(done).startswith(said)
    assert (done.exit_code, counted(installed)) == (code, before)


def test_a_sign_in_name_that_is_taken_is_refused(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA).exit_code == 0
    before = counted(installed)
    done = tresteg(*ANNA)
    assert one_sentence(done) == "the sign-in name anna@example.org is taken"
    assert (done.exit_code, counted(installed)) == (3, before)


def test_a_new_invitation_ends_what_there_was_when_it_is_used(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    old = anna_enters(installed, tresteg(*ANNA).stdout)
    assert tresteg("publish").exit_code == 0
    again = tresteg("person", "invite", "anna@example.org")
    assert anna_signs_in(installed, PASSWORD, old)
    new = anna_enters(installed, again.stdout)
    assert not anna_signs_in(installed, PASSWORD, old)
    assert anna_signs_in(installed, PASSWORD, new)


def test_who_is_closed_signs_in_no_more_and_cannot_be_changed(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    secret = anna_enters(installed, tresteg(*ANNA).stdout)
    assert tresteg("publish").exit_code == 0
    assert anna_signs_in(installed, PASSWORD, secret)
    closed = tresteg("person", "close", "anna@example.org")
    assert closed.exit_code == 0
    assert "has chosen to get letters now: its mailbox gets all at once" in closed.stderr
    assert not anna_signs_in(installed, PASSWORD, secret)
    before = counted(installed)
    for words in (
        ("close", "anna@example.org"),
        ("invite", "anna@example.org"),
        ("roles", "anna@example.org", "--role", "auditor"),
    ):
        done = tresteg("person", *words)
        assert one_sentence(done).startswith("anna@example.org was closed on ")
        assert done.exit_code == 3
    assert counted(installed) == before


@pytest.mark.parametrize(
    "words", [("close",), ("invite",), ("roles", "--role", "auditor")], ids=lambda words: words[0]
)
def test_who_is_not_there_is_told(installed: Path, words: tuple[str, ...]) -> None:
    done = tresteg("person", words[0], "nobody@example.org", *words[1:])
    assert one_sentence(done) == "nobody signs in as nobody@example.org"
    assert (done.exit_code, counted(installed)) == (2, (0, 0, 0))


@dataclass
class Box:
    """A mail server that takes letters, or answers what it is told to answer."""

    answer: str = "250 taken"
    taken: list[tuple[list[str], str]] = field(default_factory=list)
    """Receivers and text of each letter."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body()
        assert body is not None
        self.taken.append((envelope.rcpt_tos, body.get_content()))
        return self.answer


MAIL = ("--mail", "anna.ek@social.example")


def kept(folder: Path) -> bytes:
    """Every byte of the database and its logs."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def mailed(folder: Path) -> int:
    """How often the ledger says that an invitation was sent."""
    made = program(folder)
    with made.database.transaction(write=False) as tx:
        found = ledger_entries.latest(tx, "office/social", kinds=["invitation_mailed"])
    made.database.close()
    return len(found)


@pytest.mark.parametrize("words", [ANNA, ("person", "invite", "anna@example.org")])
def test_an_invitation_goes_by_mail_and_lies_nowhere(
    installed: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    if words != ANNA:
        assert tresteg(*ANNA).exit_code == 0
    box = Box()
    with smtp_server(box) as server:
        monkeypatch.setenv("TRESTEG_MAIL_URL", f"smtp://127.0.0.1:{server.port}?tls=off")
        done = tresteg(*words, *MAIL)
    assert (done.exit_code, done.stdout) == (0, "")
    assert one_sentence(done) == "The mail server has taken the invitation."
    ((receivers, text),) = box.taken
    assert receivers == ["anna.ek@social.example"]
    assert "anna@example.org" not in text
    assert "Anna" not in text
    (link,) = [row for row in text.split() if "/welcome#" in row]
    assert link.partition("#")[2].encode() not in kept(installed)
    assert b"anna.ek@social.example" not in kept(installed)
    assert mailed(installed) == 1
    assert anna_enters(installed, link)


def test_an_invitation_that_the_mail_server_refuses_is_printed(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    with smtp_server(Box("554 no")) as server:
        monkeypatch.setenv("TRESTEG_MAIL_URL", f"smtp://127.0.0.1:{server.port}?tls=off")
        done = tresteg(*ANNA, *MAIL)
    assert done.exit_code == 2
    assert done.stderr == (
        "The invitation was made, but not sent: the mail server answered 554. "
        "Hand over its address yourself:\n"
    )
    assert mailed(installed) == 0
    assert anna_enters(installed, done.stdout)


@pytest.mark.parametrize("address", ["anna", "anna@b.example, c@d.example"])
def test_what_is_no_mail_address_is_refused_before_anything_is_made(
    installed: Path, address: str
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    before = counted(installed)
    done = tresteg(*ANNA, "--mail", address)
    assert one_sentence(done) == f"{address} is no mail address"
    assert (done.exit_code, counted(installed)) == (2, before)


def test_where_no_mail_leaves_none_is_promised() -> None:
    with pytest.raises(BadSettings, match="leave out --mail"):
        require_way(read_mail_url("print:"), MAIL[1])
