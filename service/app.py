"""The composition root: the one module that knows every package.

It reads files and settings, and hands the parts of the program to each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from babel import Locale, localedata

from service import logs
from service.application.container import Tresteg, named_folder, outside_log
from service.application.shipped_files import config_files
from service.audit.reporting import counting
from service.clock import Clock, WallClock
from service.mail import read_mail_url
from service.operations import verification_runs
from service.records.context import Services
from service.release.prepared import PreparedReleases
from service.release.programme.configuration import Programme, read_programme
from service.sandbox import handlers, scenario_runs
from service.sandbox.release_linting import SHARED
from service.security import erasure_list
from service.security.keyring import Keyring, open_keyring
from service.security.openid.client import ProviderClient
from service.security.openid.providers_file import read_providers
from service.security.passwords import Passwords
from service.security.vault import Vault
from service.settings import Settings
from service.store.database import Database
from service.text import FIRST, languages
from service.workshop.dry_run import dry_runs
from service.workshop.migrations import migration_runs

ALPHA_2, ALPHA_3 = 2, 3
"""Lengths of the codes of ISO 3166 and ISO 639."""
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})
ODD_LANGUAGES = frozenset({"mul", "und", "zxx", "root"})
NO_COUNTRY = {
    "sv": (("STATELESS", "Statslös"), ("UNKNOWN", "Okänt")),
    "en": (("STATELESS", "Stateless"), ("UNKNOWN", "Unknown")),
}
"""What a person without a known country is given."""


def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    keyring: Keyring | None = None,
    passwords: Passwords | None = None,
) -> Tresteg:
    """Put the program together.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    logs.begin(settings.log_level)
    database = Database(settings.database_url, owner=settings.owner_database_url)
    keys = keyring or settings_keyring(settings)
    programme = read_programme(config_files(settings))
    topics = handlers.declared()
    folder = named_folder(settings)
    services = Services(
        vault=Vault(keys),
        prepared=PreparedReleases(topics),
        programme=programme,
        topics=topics,
        judge=SHARED.findings,
        play=scenario_runs.SHARED.run,
        directories=directories(programme),
        min_cell=settings.report_min_cell,
        zone=settings.timezone,
        tries=settings.job_tries,
        base_url=settings.base_url,
        batches={
            dry_runs.KIND: dry_runs.DRY_RUN,
            **migration_runs.WORK,
            counting.KIND: counting.COUNT,
            verification_runs.KIND: verification_runs.verification_work(
                partial(outside_log, settings)
            ),
        },
        erasures=folder.path / erasure_list.NAME if folder is not None else None,
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
        {one.id: ProviderClient(one) for one in read_providers(settings.providers_file)},
    )


def settings_keyring(settings: Settings) -> Keyring:
    """The keyring that the settings name, if it lies where it may.

    Raises:
        BadSettings: as `open_keyring` does.
    """
    return open_keyring(
        file=settings.keys_file,
        encoded=settings.keys,
        production=settings.production,
        apart_from=settings.kept_apart(),
    )


Directory: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""Name of a list to its (code, name) pairs."""


def directories(programme: Programme) -> Mapping[str, Directory]:
    """Lists to choose from, by language: countries, languages, municipalities, funding programmes.

    Each is a list of (code, name), sorted as that language sorts. The program's own languages are
    there from the beginning; a paper asks for others, and a language that nobody knows the names in
    has the Swedish ones.
    """
    return _Directories(programme)


class _Directories(Mapping[str, Directory]):
    """What `directories` gives; another language is put together when it is first asked for."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._made = {lang: self._make(lang) for lang in languages()}

    def __getitem__(self, lang: str) -> Directory:
        if lang not in self._made:
            named = lang if localedata.exists(lang) else FIRST
            self._made[lang] = self._make(named)
        return self._made[lang]

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())

    def _make(self, lang: str) -> Directory:
        programme = self._programme
        return {
            "countries": (*_countries(lang), *NO_COUNTRY.get(lang, NO_COUNTRY[FIRST])),
            "languages": _languages(lang, programme.common_languages),
            "municipalities": tuple(sorted(programme.municipalities, key=_sort_key)),
            "funding": tuple(
                (code, names.get(lang) or names.get(FIRST) or code)
                for code, names in programme.fundings
            ),
        }


def _countries(lang: str) -> tuple[tuple[str, str], ...]:
    return _choices(
        (code, name)
        for code, name in Locale.parse(lang).territories.items()
        if code.isalpha() and len(code) == ALPHA_2 and code not in NO_COUNTRIES
    )


def _languages(lang: str, common: Collection[str]) -> tuple[tuple[str, str], ...]:
    """All languages, those that the programme calls common first."""
    known = _choices(
        (code, name)
        for code, name in Locale.parse(lang).languages.items()
        if code.isalpha() and len(code) <= ALPHA_3 and code not in ODD_LANGUAGES
    )
    return tuple(sorted(known, key=lambda pair: pair[0] not in common))


def _choices(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((code, str(name)) for code, name in pairs), key=_sort_key))


def _sort_key(pair: tuple[str, str]) -> str:
    """Swedish order: å, ä and ö come after z."""
    return pair[1].casefold().translate({ord("å"): "z\x01", ord("ä"): "z\x02", ord("ö"): "z\x03"})
