"""Puts the house together: the one module that knows every room. It reads files and settings; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from babel import Locale

from service import calls, logs
from service.actions.bundle import Bundle
from service.actions.house import House
from service.actions.programme import Programme, read_programme
from service.actions.shelf import Shelf
from service.clock import Clock, WallClock
from service.errors import BadSettings
from service.keyring import Keyring, open_keyring
from service.mail import read_mail_url
from service.passwords import Passwords
from service.program import Tresteg
from service.reading import SHARED
from service.settings import Settings
from service.store import cases
from service.store import settings as kept
from service.store.database import Database
from service.text import languages
from service.vault import Vault

SOURCES = (".bpmn", ".dmn", ".json", ".form", ".toml")
RELEASED = ("workflows/config/roles.toml", "workflows/config/types.toml")
"""Configuration that is part of a release; the rest of `workflows/config` belongs to the installation."""
KEYRING = "keyring"
"""Setting that says to which keyring the database belongs."""
ALPHA_2, ALPHA_3 = 2, 3
"""Lengths of the codes of ISO 3166 and ISO 639."""
BEHIND = timedelta(minutes=5)
"""So much may this machine's clock lie behind another's; a demo's clock can be moved, and is not asked."""
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
ODD_LANGUAGES = frozenset({"mul", "und", "zxx", "root"})


def assemble(settings: Settings, *, clock: Clock | None = None, keyring: Keyring | None = None, passwords: Passwords | None = None) -> Tresteg:
    """Make every room ready.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    logs.begin(settings.log_level)
    database = Database(settings.database_url)
    keys = keyring or open_keyring(file=settings.keys_file, encoded=settings.keys, production=False)
    programme = read_programme(config_files(settings))
    topics = calls.declared()
    house = House(
        vault=Vault(keys),
        shelf=Shelf(topics),
        programme=programme,
        topics=topics,
        judge=SHARED.findings,
        directories=directories(programme),
        tries=settings.job_tries,
        base_url=settings.base_url,
    )
    mail = read_mail_url(settings.mail_url, sender=settings.mail_from)
    return Tresteg(settings, database, house, clock or WallClock(), mail, passwords or Passwords(), keys.demo)


def ready(program: Tresteg) -> None:
    """Make the tables of an empty database, look, and bind a new database to its keyring. Older tables are brought up to date by a person, after a backup.

    Raises:
        BadSettings: as `look` does.
    """
    if program.database.is_empty():
        program.database.upgrade()
    look(program)
    with program.database.transaction(write=False) as tx:
        bound = kept.get(tx, KEYRING)
    if not bound:
        with program.database.transaction() as tx:
            kept.put(tx, KEYRING, program.house.vault.fingerprint())


def look(program: Tresteg) -> None:
    """Refuse what cannot keep its promises: wrong pragmas, older tables, a foreign keyring, a clock that is behind, no way for letters. Changes nothing.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    if program.mail.way == "print" and not program.demo:
        raise BadSettings("letters would not leave: set TRESTEG_MAIL_URL to a mail server")
    if program.database.is_empty():
        return
    program.database.check()
    fingerprint = program.house.vault.fingerprint()
    with program.database.transaction(write=False) as tx:
        if kept.get(tx, KEYRING, fingerprint) != fingerprint:
            raise BadSettings("the keyring does not belong to this database: name the keyring that it was made with")
        if kept.get(tx, "demo") == "yes" and not program.demo:
            raise BadSettings("the database holds the demo's invented people, and the keyring is no demo keyring: use an empty database")
        last = cases.last_moved(tx)
    if last is not None and last - program.clock.now() > BEHIND and not program.demo:
        raise BadSettings(
            f"this machine's clock is behind the newest fact, of {last:%Y-%m-%d %H:%M} UTC: set the clock right, or find out who set it ahead before"
        )


def config_files(settings: Settings) -> dict[str, str]:
    """The installation's own configuration, by file name."""
    folder = Path(settings.workflows_dir) / "config"
    if not folder.is_dir():
        raise BadSettings(f"TRESTEG_WORKFLOWS_DIR names {settings.workflows_dir}, which has no folder config")
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    except UnicodeDecodeError as e:
        raise BadSettings(f"a file of {folder} is no text in UTF-8: {e.reason}") from e


def shipped_bundle(settings: Settings) -> Bundle:
    """The files of a release as they lie in the two folders."""
    return read_bundle(Path(settings.workflows_dir), Path(settings.forms_dir))


def read_bundle(workflows: Path, forms: Path) -> Bundle:
    """Diagrams, rules, calendars, scenarios and forms of two folders as one bundle.

    Raises:
        BadSettings: a folder that is not there.
    """
    found: dict[str, bytes] = {}
    for name, folder in (("workflows", workflows), ("forms", forms)):
        if not folder.is_dir():
            raise BadSettings(f"there is no folder {folder}")
        for path in sorted(folder.rglob("*")):
            inside = f"{name}/{path.relative_to(folder).as_posix()}"
            if path.suffix in SOURCES and (not inside.startswith("workflows/config/") or inside in RELEASED) and not inside.startswith("workflows/scenarios/"):
                found[inside] = path.read_bytes()
    return Bundle(found)


def directories(programme: Programme) -> dict[str, dict[str, tuple[tuple[str, str], ...]]]:
    """Countries, languages, municipalities and funding programmes as lists to choose from, by language, sorted as that language sorts."""
    found = {}
    for lang in languages():
        locale = Locale.parse(lang)
        countries = [(code, str(name)) for code, name in locale.territories.items() if code.isalpha() and len(code) == ALPHA_2 and code not in NO_COUNTRIES]
        own = {"sv": (("STATELESS", "Statslös"), ("UNKNOWN", "Okänt")), "en": (("STATELESS", "Stateless"), ("UNKNOWN", "Unknown"))}[lang]
        tongues = [(code, str(name)) for code, name in locale.languages.items() if code.isalpha() and len(code) <= ALPHA_3 and code not in ODD_LANGUAGES]
        found[lang] = {
            "countries": (*sorted(countries, key=_sorted), *own),
            "languages": tuple(sorted(tongues, key=_sorted)),
            "municipalities": tuple(sorted(programme.municipalities, key=_sorted)),
            "funding": tuple((code, words.get(lang, code)) for code, words in programme.fundings),
        }
    return found


def _sorted(pair: tuple[str, str]) -> str:
    """Swedish order: å, ä and ö stand after z."""
    return pair[1].casefold().translate({ord("å"): "z\x01", ord("ä"): "z\x02", ord("ö"): "z\x03"})
