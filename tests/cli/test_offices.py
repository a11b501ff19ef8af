"""Offices put into the directory, changed and listed from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.application.container import Tresteg
from service.people.office_contacts import office_contacts
from service.store.installation import absences, ledger_entries, offices
from tests.cli.rows import ANNA, SOCIAL, counted, program
from tests.support.terminal import one_sentence, tresteg


def kinds(made: Tresteg, stream: str) -> list[str]:
    with made.database.transaction(write=False) as tx:
        return [one.kind for one in ledger_entries.of_stream(tx, stream)]


def test_an_office_is_put_in_with_all_that_is_said_of_it(installed: Path) -> None:
    words = (
        "office add iom-sofia --kind IOM_MISSION --address sofia@example.org --country BG "
        "--municipality 0180 --calendar plain-sofia --zone Europe/Sofia --language en"
    )
    done = tresteg(*words.split(), "--name", "IOM Sofia")
    assert (done.exit_code, done.output) == (0, "")
    made = program(installed)
    with made.database.transaction(write=False) as tx:
        kept = offices.get(tx, "iom-sofia")
        key = made.services.key(tx, "office:iom-sofia")
    assert kept is not None
    assert key is not None
    assert kept.address is not None
    assert (kept.name, kept.kind, kept.countries, kept.municipalities) == (
        "IOM Sofia",
        "IOM_MISSION",
        ["BG"],
        ["0180"],
    )
    assert (kept.calendar, kept.zone, kept.language) == ("plain-sofia", "Europe/Sofia", "en")
    assert (
        key.open("contact", kept.address, table="office", column="address", row="iom-sofia")
        == b"sofia@example.org"
    )
    assert kinds(made, "system") == ["office_added"]
    made.database.close()


def test_an_office_takes_the_programmes_calendar_by_default(
    installed: Path,
) -> None:
    done = tresteg(*SOCIAL)
    assert done.exit_code == 0
    assert "No letter can leave for social before `tresteg office address social …`" in done.stderr
    assert tresteg("office", "address", "social", "social@example.org").exit_code == 0
    made = program(installed)
    with made.database.transaction(write=False) as tx:
        kept = offices.get(tx, "social")
    assert kept is not None
    assert (kept.calendar, kept.zone, kept.language, kept.address is not None) == (
        "sweden",
        "Europe/Stockholm",
        "sv",
        True,
    )
    made.database.close()


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (
            ("--kind", "SOCIALTJÄNST"),
            "there is no kind of office SOCIALTJÄNST; did you mean SOCIALTJANST?",
            2,
        ),
        (
            ("--kind", "SCHOOL"),
            "there is no kind of office SCHOOL; there is DRIFT, IOM_MISSION, ",
            2,
        ),
        (("--country", "Bulgaria"), "there is no country Bulgaria", 2),
        (("--municipality", "0181x"), "there is no municipality 0181x; did you mean 018", 2),
        (("--calendar", "swedn"), "there is no calendar swedn; did you mean sweden?", 2),
        (
            ("--zone", "Europe/Stokholm"),
            "there is no time zone Europe/Stokholm; did you mean Europe/Stockholm?",
            2,
        ),
        (("--address", "social.example.org"), "social.example.org is no mail address", 2),
        (("--name", " "), "a name has 1 to 200 characters", 2),
    ],
)
def test_a_mistyped_word_of_an_office_is_named(
    installed: Path, words: tuple[str, str], said: str, code: int
) -> None:
    done = tresteg(*SOCIAL, *words)
    assert one_sentence(done).startswith(said)
    assert (done.exit_code, counted(installed)) == (code, (0, 0, 0))


@pytest.mark.parametrize("id_", ["Social", "social services", "-social", "social--x", "", "så"])
def test_an_id_that_is_none_is_told(installed: Path, id_: str) -> None:
    done = tresteg("office", "add", "--name", "Social", "--kind", "NGO", "--", id_)
    assert one_sentence(done).startswith(f"{id_} cannot be the id of an office")
    assert (done.exit_code, counted(installed)) == (2, (0, 0, 0))


def test_an_id_that_is_taken_is_refused(installed: Path) -> None:
    assert tresteg(*SOCIAL, "--address", "social@example.org").exit_code == 0
    done = tresteg(*SOCIAL)
    assert one_sentence(done) == "there is an office social already"
    assert (done.exit_code, counted(installed)) == (3, (1, 0, 1))


def test_the_list_tells_what_cases_would_miss(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA).exit_code == 0
    done = tresteg("office", "list")
    assert done.stdout == "social SOCIALTJANST 1 ReferringPartner Socialtjänsten\n"
    assert (
        "programme.toml names iom-helsinki as iom_office, and there is no such office"
        in done.stderr
    )
    assert "nobody holds the role CaseApprover" in done.stderr
    assert "ReferringPartner" not in done.stderr
    assert done.exit_code == 0
    assert installed.is_dir()


def test_absences_of_an_office_are_listed_by_ids(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg("office", "absences", "social")
    assert (done.exit_code, done.output) == (0, "")
    made = program(installed)
    with made.database.transaction(write=False) as tx:
        assert absences.of_office(tx, "social") == []
    wrong = tresteg("office", "absences", "socal")
    assert one_sentence(wrong) == "there is no office socal; did you mean social?"


def test_how_an_office_is_reached_is_said_part_by_part(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    words = ("--telephone", "08-465 004 11", "--visit", "Demogatan 2, Exempelstad")
    done = tresteg("office", "contact", "social", *words)
    assert (done.exit_code, done.output) == (0, "")
    assert tresteg("office", "contact", "social", "--hours", "weekdays 8-16").exit_code == 0
    wrong = tresteg("office", "contact", "socal", "--hours", "weekdays")
    assert one_sentence(wrong) == "there is no office socal; did you mean social?"
    made = program(installed)
    with made.database.transaction(write=False) as tx:
        kept = office_contacts(tx)["social"]
    assert (kept.telephone, kept.hours, kept.visit) == (
        "08-465 004 11",
        "weekdays 8-16",
        "Demogatan 2, Exempelstad",
    )
    made.database.close()


@pytest.mark.usefixtures("installed")
def test_the_state_of_a_country_is_set_and_listed() -> None:
    done = tresteg("country", "set", "bg", "suspended", "--reason", "Oro i landet")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "BG was OPEN, and is SUSPENDED now." in done.stderr
    listed = tresteg("country", "list").stdout.splitlines()
    assert any(line.startswith("BG\tSUSPENDED\t") and "Oro i landet" in line for line in listed)
    assert "UA\tSUSPENDED" in listed
    wrong = tresteg("country", "set", "BG", "closed", "--reason", "x")
    assert one_sentence(wrong).startswith("there is no state CLOSED")


@pytest.mark.usefixtures("installed")
def test_a_changed_file_of_the_installation_is_noted() -> None:
    before = tresteg("configuration", "changes")
    assert (before.exit_code, before.stdout) == (0, "")
    assert "Nothing was noted yet" in before.stderr
    done = tresteg("configuration", "note", "--reason", "From the first day on")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Noted: 0 changed values." in done.stderr
    after = tresteg("configuration", "changes")
    assert (after.exit_code, after.stdout, after.stderr) == (0, "", "")
