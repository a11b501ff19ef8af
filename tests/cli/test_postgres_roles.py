"""Commands on PostgreSQL: the owner makes the tables, and the service starts only as another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.roles import OWNER, SERVICE, Addresses, run, two_roles
from tests.support.terminal import begin, one_sentence, tresteg

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
URL, OWNERS = "TRESTEG_DATABASE_URL", "TRESTEG_OWNER_DATABASE_URL"


@pytest.fixture
def addresses(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """A real installation before its tables are made, whose settings name the service's role."""
    found = two_roles(database_url)
    begin(tmp_path, monkeypatch)
    monkeypatch.setenv(URL, found.service)
    return found


def test_the_owner_makes_the_tables_and_the_service_starts(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWNERS, addresses.owner)
    done = tresteg("db", "upgrade")
    assert done.exit_code == 0, done.output
    assert tresteg("db", "upgrade").exit_code == 0
    assert one_sentence(tresteg("publish", "--note", "x")).endswith(
        "is for `tresteg db upgrade` and `tresteg forged remove` alone: "
        "take it out of the service's environment"
    )
    monkeypatch.delenv(OWNERS)
    assert tresteg("db", "check").exit_code == 0
    doctor = tresteg("doctor")
    assert (doctor.exit_code, doctor.stdout.splitlines()[-1]) == (0, "Tresteg can start here.")
    assert "kept apart twice: by the program, and by row-level security" in doctor.stdout
    assert tresteg("office", "add", "o", "--name", "O", "--kind", "NGO").exit_code == 0
    assert tresteg("verify").exit_code == 0


def test_the_service_turns_its_keys(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OWNERS, addresses.owner)
    assert tresteg("db", "upgrade").exit_code == 0
    monkeypatch.delenv(OWNERS)
    assert tresteg("office", "add", "o", "--name", "O", "--kind", "NGO").exit_code == 0
    monkeypatch.setenv("TRESTEG_BACKUP_DAYS", "0")
    for words in (("rotate", "--begin"), ("rotate",), ("retire",)):
        done = tresteg("keys", *words)
        assert done.exit_code == 0, done.stderr
    assert tresteg("office", "add", "p", "--name", "P", "--kind", "NGO").exit_code == 0
    assert tresteg("verify").exit_code == 0


@pytest.mark.parametrize("role", [OWNER, SERVICE])
def test_the_role_for_backups_is_a_third_one(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setenv(OWNERS, addresses.owner)
    taken = {OWNER: addresses.owner, SERVICE: addresses.service}[role]
    monkeypatch.setenv("TRESTEG_BACKUP_DATABASE_URL", taken)
    assert f"names the role {role}, which has more to do" in one_sentence(tresteg("db", "upgrade"))


def test_an_upgrade_without_an_owner_is_refused(addresses: Addresses) -> None:
    del addresses
    sentence = one_sentence(tresteg("db", "upgrade"))
    assert sentence.endswith("name it in TRESTEG_OWNER_DATABASE_URL")


def test_a_first_start_makes_no_tables_on_postgres(addresses: Addresses) -> None:
    del addresses
    assert tresteg("doctor").stdout.endswith(
        "`tresteg db upgrade` makes its tables as the role that owns them.\n"
    )
    done = tresteg("publish", "--note", "x")
    assert "run `tresteg db upgrade` with TRESTEG_OWNER_DATABASE_URL" in one_sentence(done)
    assert done.exit_code == 78


@pytest.mark.parametrize("command", ["doctor", "serve", "worker", "verify"])
def test_a_start_as_owner_or_superuser_is_refused(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv(OWNERS, addresses.owner)
    assert tresteg("db", "upgrade").exit_code == 0
    monkeypatch.delenv(OWNERS)
    for url, why in ((addresses.owner, "owns the tables"), (addresses.admin, "is a superuser")):
        monkeypatch.setenv(URL, url)
        done = tresteg(command)
        assert (done.exit_code, why in done.stderr.splitlines()[-1]) == (78, True)
    monkeypatch.setenv(URL, addresses.service)
    run(addresses.admin, f"GRANT {OWNER} TO {SERVICE}")
    try:
        assert "owns the tables" in tresteg(command).stderr.splitlines()[-1]
    finally:
        run(addresses.admin, f"REVOKE {OWNER} FROM {SERVICE}")


def test_a_restore_into_a_database_without_tables_names_their_owner(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tresteg("keys", "backup", "private.pem", "public.pem").exit_code == 0
    monkeypatch.setenv("TRESTEG_BACKUP_KEY", str(tmp_path / "public.pem"))
    for folder in ("lib", "log"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv(URL, f"sqlite:///{tmp_path}/lib/tresteg.db")
    assert tresteg("db", "upgrade").exit_code == 0
    assert tresteg("office", "add", "o", "--name", "O", "--kind", "NGO").exit_code == 0
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(tmp_path / "log"))
    assert tresteg("backup", "--to", "one.backup").exit_code == 0
    monkeypatch.setenv(URL, addresses.service)
    restore = ("restore", "one.backup", "--key", "private.pem")
    refused = tresteg(*restore)
    assert one_sentence(refused).endswith("in TRESTEG_OWNER_DATABASE_URL for this command")
    assert refused.exit_code == 2
    monkeypatch.setenv(OWNERS, addresses.owner)
    done = tresteg(*restore)
    assert done.exit_code == 0, done.stderr
    monkeypatch.delenv(OWNERS)
    assert tresteg("restore", "gap").exit_code == 0
    assert tresteg("restore", "confirm", "--as", "Tor Dal, IT").exit_code == 0
    assert tresteg("verify").exit_code == 0
    doctor = tresteg("doctor")
    assert (doctor.exit_code, doctor.stdout.splitlines()[-1]) == (0, "Tresteg can start here.")
