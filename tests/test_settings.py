"""A wrong setting stops the start with a sentence that says what to do; a secret is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import BadSettings
from service.settings import Settings, read_settings


def test_an_empty_environment_gives_defaults() -> None:
    assert read_settings({"PATH": "/bin"}) == Settings()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"TRESTEG_DATABSE_URL": "x"}, "did you mean TRESTEG_DATABASE_URL"),
        ({"TRESTEG_JOB_TRIES": "many"}, "must be a whole number, not 'many'"),
        ({"TRESTEG_JOB_TRIES": "0"}, "at least 1"),
        ({"TRESTEG_UPLOAD_MAX_MB": "-1"}, "below zero"),
        ({"TRESTEG_WORKER_INSIDE": "maybe"}, "yes or no"),
        ({"TRESTEG_BASE_URL": "http://tresteg.example.org"}, "https"),
        ({"TRESTEG_BASE_URL": "tresteg"}, "such as https"),
        (
            {"TRESTEG_FILES_HOST": "https://papers.example.org"},
            "name of a host without port or path",
        ),
        (
            {"TRESTEG_BASE_URL": "https://a.example.org", "TRESTEG_FILES_HOST": "a.example.org"},
            "another one than that of TRESTEG_BASE_URL",
        ),
        ({"TRESTEG_LOG_LEVEL": "loud"}, "debug, info"),
        ({"TRESTEG_KEYS": "a", "TRESTEG_KEYS_FILE": "b"}, "Two keyrings"),
        ({"TRESTEG_MAIL_URL_FILE": "/no/such/file"}, "cannot be read"),
    ],
)
def test_a_wrong_setting_is_told_by_name(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        read_settings(environment)


def test_a_secret_may_come_from_a_file_and_is_masked(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://web:word@db:5432/tresteg\n")
    settings = read_settings(
        {"TRESTEG_DATABASE_URL_FILE": str(secret), "TRESTEG_SECRET_KEY": "s3cret"}
    )
    assert settings.database_url.endswith("/tresteg")
    shown = settings.masked()
    assert shown["database_url"] == "postgresql://web:***@db:5432/tresteg"
    assert shown["secret_key"] == "***"
    with pytest.raises(BadSettings, match="given twice"):
        read_settings(
            {"TRESTEG_DATABASE_URL_FILE": str(secret), "TRESTEG_DATABASE_URL": "sqlite:///x"}
        )
