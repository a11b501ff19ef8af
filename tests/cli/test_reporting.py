"""`tresteg report`: figures in the terminal, as a file, and a count of sealed answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.rows import ANNA, SOCIAL
from tests.support.terminal import one_sentence, tresteg

AS = ("--as", "anna@example.org")


@pytest.fixture
def auditor(installed: Path) -> Path:
    """An installation with a release and an auditor."""
    assert tresteg(*SOCIAL).exit_code == 0
    anna = [word.replace("ReferringPartner", "auditor") for word in ANNA]
    assert tresteg("publish").exit_code == 0
    assert tresteg(*anna).exit_code == 0
    return installed


@pytest.mark.usefixtures("auditor")
def test_the_report_is_shown_in_words() -> None:
    done = tresteg("report", *AS, "--lang", "en")
    assert done.exit_code == 0
    assert "Programme report" in done.stdout
    assert "Whom the cases wait for" in done.stdout
    assert tresteg("verify").exit_code == 0


@pytest.mark.usefixtures("auditor")
def test_it_is_written_as_a_file() -> None:
    done = tresteg("report", *AS, "--csv", "--lang", "en")
    assert done.exit_code == 0
    assert done.stdout.lstrip("\ufeff").splitlines() == ["years,table,row,column,value"]


@pytest.mark.usefixtures("auditor")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--period", "soon"), "--period is a year such as 2026"),
        (("--office", "nowhere"), "there is no office with the id nowhere"),
        (("--count", "soon"), "Choose one year, or three years in a row."),
        (("--count", "2019"), "No case began in these years."),
        (("--count", "2999"), "The year is not over."),
    ],
)
def test_what_cannot_be_had_is_one_sentence(words: tuple[str, str], sentence: str) -> None:
    done = tresteg("report", *AS, *words)
    assert done.exit_code == 3
    assert sentence in one_sentence(done)
    swedish = tresteg("report", *AS, *words, "--lang", "sv")
    assert swedish.exit_code == 3
    assert one_sentence(swedish) != one_sentence(done)


@pytest.mark.usefixtures("installed")
def test_nobody_but_an_auditor_gets_it() -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert "for an auditor" in one_sentence(tresteg("report"))
    assert tresteg(*ANNA).exit_code == 0
    assert "it needs the role auditor" in one_sentence(tresteg("report", *AS))


@pytest.mark.usefixtures("auditor")
def test_log_reviews_are_listed_for_auditors() -> None:
    assert tresteg("log-review", *AS).exit_code == 0
    unknown = tresteg("log-review", "--month", "2020-01", *AS)
    assert one_sentence(unknown) == (
        "there is no log review of 2020-01; `tresteg log-review` lists those there are"
    )
    swedish = tresteg("log-review", "--month", "2020-01", *AS, "--lang", "sv")
    assert one_sentence(swedish).startswith("det finns ingen loggkontroll för 2020-01; ")
    assert tresteg("log-review").exit_code != 0


@pytest.mark.usefixtures("auditor")
def test_reports_are_written_as_pdf_and_never_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    done = tresteg("report", *AS, "--pdf", str(file), "--lang", "en")
    assert done.exit_code == 0
    assert file.read_bytes().startswith(b"%PDF")
    again = tresteg("report", *AS, "--pdf", str(file))
    assert again.exit_code == 2
    assert "is there already" in one_sentence(again)
    other = str(tmp_path / "case.pdf")
    assert tresteg("report", *AS, "--case", "none", "--pdf", other).exit_code != 0
    assert tresteg("report", *AS, "--case", "none").exit_code == 2
    assert not Path(other).exists()
    assert tresteg("verify", "--lang", "sv").exit_code == 0
