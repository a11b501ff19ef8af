"""Settings of an installation, read once from the environment.

Unknown names, missing secrets and broken values stop the start with a sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from service.errors import BadSettings

PREFIX = "TRESTEG_"
ACTING = f"{PREFIX}AS"
"""Environment variable with the person who gives a command at the terminal; no setting of the
installation."""
SECRETS = frozenset(
    {
        "BACKUP_DATABASE_URL",
        "DATABASE_URL",
        "KEYS",
        "MAIL_URL",
        "METRICS_TOKEN",
        "OWNER_DATABASE_URL",
        "SECRET_KEY",
        "WITNESS_TOKEN",
    }
)
"""Each may also come from a file, as `<NAME>_FILE`; `doctor` shows them masked."""
SHIPPED = Path(__file__).resolve().parent / "shipped"
ROOT = SHIPPED if SHIPPED.is_dir() else Path(__file__).resolve().parent.parent
"""The folder of `workflows/` and `forms/`: inside the wheel, or the root of the source tree."""


@dataclass(frozen=True)
class Settings:
    """Every setting, with its meaning.

    Names in the environment are these in capitals, with the prefix `TRESTEG_`.
    """

    database_url: str = "sqlite:///var/tresteg.db"
    """Where the store lies: sqlite:///file or postgresql://user@host/name."""
    owner_database_url: str = ""
    """On PostgreSQL, the same database for the role that owns its tables; for `tresteg db upgrade`,
    and for `tresteg restore` into a database without tables, alone."""
    backup_database_url: str = ""
    """On PostgreSQL, the same database for a role that reads everything and changes nothing; for
    `tresteg backup`, and for `tresteg db upgrade`, which gives the role its rights."""
    keys_file: str = ""
    """File with the keyring; must not be in the folder of the database."""
    keys: str = ""
    """The keyring itself, in base64; instead of a file."""
    backup_key: str = ""
    """File with the public key that backups are made for; its private key is not on this
    machine."""
    backup_days: int = 28
    """Days for which backups are kept; an old epoch of the keyring is retired no sooner. 0 where no
    backup is kept."""
    epoch_days: int = 100
    """Days after which the epoch of the keyring that wraps counts as old: `tresteg doctor` asks for
    the next. Assumed."""
    checkpoints_dir: str = ""
    """Folder outside the database where the ledger's signed checkpoints are kept, for the service's
    user alone; without it a lost end of the history goes unnoticed. A demo keeps none."""
    mail_url: str = "print:"
    """Where letters leave: smtp://host:587, smtps://host:465; print: keeps them in the demo's
    letterbox."""
    mail_from: str = ""
    """Sender of letters."""
    base_url: str = "http://127.0.0.1:5000"
    """Address of the site as people type it; must be https unless it is this machine."""
    secret_key: str = ""
    """Signs form tokens; made of the keyring when empty. Another one ends open forms."""
    log_level: str = "info"
    """debug, info, warning or error."""
    debug: bool = False
    """Let debuggers and profilers into turns, and leave the memory of the service visible to them;
    for developers, with a demo keyring alone."""
    timezone: str = "Europe/Stockholm"
    """Zone of times where an office has none of its own."""
    second_factor: str = "required"
    """Whether a password needs a second factor: required, or optional, with which `tresteg doctor`
    warns."""
    session_idle_minutes: int = 15
    """Minutes without a request after which a session ends."""
    session_max_hours: int = 8
    """Hours after which a session ends in any case."""
    upload_max_mb: int = 20
    """Largest file that is taken, in MiB."""
    job_tries: int = 5
    """Tries of a handler before its job becomes an incident."""
    job_lease_seconds: int = 60
    """How long a worker leases a job; after a crash it is free again then."""
    worker_inside: bool = True
    """Run the worker inside `tresteg serve`; set to no when workers are processes of their own."""
    report_min_cell: int = 11
    """Numbers below this are not shown: of other offices, and of sealed answers in the programme
    report; so nobody is known by them. Assumed."""
    providers_file: str = ""
    """File with the providers at which people sign in by OpenID Connect
    (docs/howto/providers.md); without it there are none."""
    help_contact: str = ""
    """Whom people ask for help, shown on the help page."""
    host_name: str = ""
    """Who runs the service: the actor of the accessibility statement, and the processor in the
    register of processing."""
    host_contact: str = ""
    """How whoever runs the service is reached, for the register of processing."""
    host_data_protection: str = ""
    """How the data-protection officer of whoever runs the service is reached."""
    accessibility_updated: str = ""
    """Day on which somebody last looked through the accessibility statement of this installation,
    as 2026-12-31."""
    files_host: str = ""
    """Host of its own that documents are sent from, such as papers.example.org; without it they
    come from the site's own address."""
    trusted_proxies: int | None = None
    """Number of proxies in front whose forwarded addresses count; must be set, if only to 0, where
    the site is reached by https."""
    metrics_token: str = ""
    """What `/metrics` asks for as `Authorization: Bearer`; without it only this machine may read
    them."""
    witness_token: str = ""
    """What `/ledger/checkpoint` and `/ledger/consistency` ask for as `Authorization: Bearer`, so
    that other offices can keep heads of the log; without it there are no such pages."""
    workflows_dir: str = str(ROOT / "workflows")
    """Folder of diagrams, rules, calendars and configuration of the first release."""
    forms_dir: str = str(ROOT / "forms")
    """Folder of forms of the first release."""

    @property
    def production(self) -> bool:
        """Whether people reach the site from outside: its address is https.

        Everything that a start refuses outside a demo hangs on this.
        """
        return urlsplit(self.base_url).scheme == "https"

    def unsafe(self) -> Iterator[str]:
        """Sentences about settings that can be read, and with which nothing may start."""
        if self.production and self.trusted_proxies is None:
            yield (
                "it is not said how many proxies stand in front of an https address: set "
                "TRESTEG_TRUSTED_PROXIES to their number (1 for the nginx of "
                "docs/howto/install.md), or to 0 if there is none"
            )
        if self.production and not self.checkpoints_dir:
            yield (
                "without checkpoints outside the database nobody notices when it is lost, put back "
                "or cut off: name a folder in TRESTEG_CHECKPOINTS_DIR, for the service's user "
                "alone and not in the folder of the database, best on another machine's disk"
            )

    def kept_apart(self) -> list[Path]:
        """Folders in which the keyring may not lie: those of the database and of checkpoints, of
        the program with its static files, and of the diagrams and forms.
        """
        url = self.database_url
        file = Path(url.partition("///")[2].partition("?")[0]) if url.startswith("sqlite") else None
        program = Path(__file__).resolve().parent
        named = filter(None, (self.workflows_dir, self.forms_dir, self.checkpoints_dir))
        folders = [ROOT, program, *map(Path, named)]
        return [*folders, file.parent] if file is not None and file.name else folders

    def masked(self) -> dict[str, str]:
        """Name to value as `doctor` may show it."""
        return {f.name: _mask(f.name, str(getattr(self, f.name))) for f in fields(self)}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read `TRESTEG_*`.

    Raises:
        BadSettings: an unknown name (with the nearest right one), a value twice, a file that cannot
            be read, or a value of the wrong kind.
    """
    known = {f.name.upper(): f for f in fields(Settings)}
    given: dict[str, object] = {}
    for full, value in sorted(environment.items()):
        if not full.startswith(PREFIX) or full == ACTING:
            continue
        name, text = _from_file(full.removeprefix(PREFIX), value, known)
        if name not in known:
            near = difflib.get_close_matches(name, [*known, *(f"{s}_FILE" for s in SECRETS)], 1)
            raise BadSettings(
                f"{full} is no setting of Tresteg"
                + (f"; did you mean {PREFIX}{near[0]}?" if near else "")
            )
        if name.lower() in given:
            raise BadSettings(f"{PREFIX}{name} is given twice, by itself and by a file; keep one")
        kind = str(known[name].type)
        given[name.lower()] = _read(full, text, kind) if kind in _READERS else text
    settings = Settings(**given)  # type: ignore[arg-type]  # each value went through the reader of its field's type
    _check(settings)
    return settings


def _from_file(name: str, value: str, known: Mapping[str, object]) -> tuple[str, str]:
    plain = name.removesuffix("_FILE")
    if name in known or plain not in SECRETS or name == plain:
        return name, value
    try:
        return plain, Path(value).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise BadSettings(f"{PREFIX}{name} names a file that cannot be read: {value}") from e


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("yes or no")
    return text.lower() == "yes"


_READERS: Mapping[str, Callable[[str], object]] = {"int": int, "int | None": int, "bool": _yes}


def _read(full: str, text: str, kind: str) -> object:
    try:
        value = _READERS[kind](text)
    except ValueError as e:
        raise BadSettings(
            f"{full} must be {'yes or no' if kind == 'bool' else 'a whole number'}, not {text!r}"
        ) from e
    if isinstance(value, int) and value < 0:
        raise BadSettings(f"{full} must not be below zero")
    return value


def _check(settings: Settings) -> None:
    parts = urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSettings("TRESTEG_BASE_URL must be an address such as https://tresteg.example.org")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise BadSettings("TRESTEG_BASE_URL must begin with https:// unless it is this machine")
    if settings.files_host and (
        urlsplit(f"//{settings.files_host}").hostname != settings.files_host.lower()
        or settings.files_host.lower() == parts.hostname
    ):
        raise BadSettings(
            "TRESTEG_FILES_HOST must be the name of a host without port or path, "
            "and another one than that of TRESTEG_BASE_URL"
        )
    _check_day("accessibility_updated", settings.accessibility_updated)
    if settings.second_factor not in ("required", "optional"):
        raise BadSettings("TRESTEG_SECOND_FACTOR must be required or optional")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise BadSettings("TRESTEG_LOG_LEVEL must be debug, info, warning or error")
    if settings.keys and settings.keys_file:
        raise BadSettings("Two keyrings are named, TRESTEG_KEYS and TRESTEG_KEYS_FILE; keep one")
    if (
        not settings.session_idle_minutes
        or not settings.session_max_hours
        or not settings.job_tries
        or not settings.job_lease_seconds
    ):
        raise BadSettings(
            "TRESTEG_SESSION_IDLE_MINUTES, _SESSION_MAX_HOURS, _JOB_TRIES and _JOB_LEASE_SECONDS "
            "must be at least 1"
        )


def _check_day(name: str, text: str) -> None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        raise BadSettings(
            f"{PREFIX}{name.upper()} must be a day such as 2026-12-31, not {text}"
        ) from None


def _mask(name: str, value: str) -> str:
    if name.upper() not in SECRETS or not value:
        return value
    if "://" in value:
        parts = urlsplit(value)
        if parts.password is None:
            return value
        port = f":{parts.port}" if parts.port else ""
        masked = f"{parts.username}:***@{parts.hostname or ''}{port}"
        return urlunsplit(parts._replace(netloc=masked))
    return "print:" if value == "print:" else "***"
