"""Puts the house together: the one module that knows every room.

It reads files and settings; nothing else does.
"""

from __future__ import annotations

from babel import Locale

from service import logs
from service.actions.context import Services
from service.actions.programme.configuration import Programme, read_programme
from service.actions.releases.prepared import PreparedReleases
from service.application.container import Tresteg
from service.application.shipped_files import config_files
from service.clock import Clock, WallClock
from service.mail import read_mail_url
from service.sandbox import handlers
from service.sandbox.release_linting import SHARED
from service.security.keyring import Keyring, open_keyring
from service.security.passwords import Passwords
from service.security.vault import Vault
from service.settings import Settings
from service.store.database import Database
from service.text import languages

ALPHA_2, ALPHA_3 = 2, 3
"""Lengths of the codes of ISO 3166 and ISO 639."""
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
ODD_LANGUAGES = frozenset({"mul", "und", "zxx", "root"})


def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    keyring: Keyring | None = None,
    passwords: Passwords | None = None,
) -> Tresteg:
    """Make every room ready.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    logs.begin(settings.log_level)
    database = Database(settings.database_url)
    keys = keyring or open_keyring(file=settings.keys_file, encoded=settings.keys, production=False)
    programme = read_programme(config_files(settings))
    topics = handlers.declared()
    services = Services(
        vault=Vault(keys),
        prepared=PreparedReleases(topics),
        programme=programme,
        topics=topics,
        judge=SHARED.findings,
        directories=directories(programme),
        tries=settings.job_tries,
        base_url=settings.base_url,
    )
    mail = read_mail_url(settings.mail_url, sender=settings.mail_from)
    return Tresteg(
        settings,
        database,
        services,
        clock or WallClock(),
        mail,
        passwords or Passwords(),
        keys.demo,
    )


def directories(programme: Programme) -> dict[str, dict[str, tuple[tuple[str, str], ...]]]:
    """Countries, languages, municipalities and funding programmes as lists to choose from, by
    language, sorted as that language sorts.
    """
    found = {}
    for lang in languages():
        locale = Locale.parse(lang)
        countries = [
            (code, str(name))
            for code, name in locale.territories.items()
            if code.isalpha() and len(code) == ALPHA_2 and code not in NO_COUNTRIES
        ]
        own = {
            "sv": (("STATELESS", "Statslös"), ("UNKNOWN", "Okänt")),
            "en": (("STATELESS", "Stateless"), ("UNKNOWN", "Unknown")),
        }[lang]
        tongues = [
            (code, str(name))
            for code, name in locale.languages.items()
            if code.isalpha() and len(code) <= ALPHA_3 and code not in ODD_LANGUAGES
        ]
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
