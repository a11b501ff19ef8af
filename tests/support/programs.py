"""Programs and Flask applications of tests: what is the same for all of them is made once.

Reading the configuration, linting a release and compiling a hundred routes cost most of a short
test. None of them depends on the database, the keys, the secret or the clock of a test, so each
test gets a program and an application of its own that share those results.
"""

from __future__ import annotations

import copy
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from flask import Flask

from service.app import assemble
from service.application.container import Tresteg
from service.application.request_counts import RequestCounts
from service.application.unit_of_work import LocalWorker
from service.binding import Declaration
from service.clock import Clock
from service.release.bundle import Bundle
from service.release.prepared import PreparedRelease, PreparedReleases, build, prepare
from service.release.step_durations import StepDurations
from service.security.keyring import Keyring, make_keyring
from service.security.passwords import Passwords
from service.security.vault import Vault
from service.settings import Settings
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.web.application import create_app
from service.web.request_context import Site

PASSWORDS: Final = Passwords(memory=64, rounds=1)
"""Hashes that take no time."""


@dataclass(frozen=True)
class WokenOnly:
    """A worker that takes nothing."""

    wake: Callable[[], object]

    def offer(self) -> None:
        """Leave all to whoever looks for it."""

    def begin(self, lease: object) -> None:
        """Nothing was leased."""


MOST: Final = 32
"""Prepared releases that are kept for all programs of a process."""

_APPLICATIONS: Final[dict[str, tuple[Flask, int]]] = {}
"""Settings and kind of an application to the one that is copied, and how many routes it has."""

_PREPARED: Final[
    OrderedDict[tuple[object, ...], tuple[Mapping[str, Declaration], PreparedRelease]]
] = OrderedDict()
"""Digest, handlers and name of a release to it; the handlers stand there so that no others get
their id."""


def make_program(
    settings: Settings,
    keyring: Keyring,
    clock: Clock,
    *,
    topics: Mapping[str, Declaration] | None = None,
) -> Tresteg:
    """A program as `assemble` makes it, with a database, keys and caches of its own.

    Args:
        topics: contracts of the handlers; those of the product if none are given.
    """
    plain = replace(settings, database_url="sqlite://", secret_key="")
    first = _assembled(plain, demo=keyring.demo)
    declared = first.services.topics if topics is None else topics
    services = replace(
        first.services,
        vault=Vault(keyring),
        topics=declared,
        prepared=PreparedReleases(declared, prepare_once, build_once),
        usual=StepDurations(),
    )
    return replace(
        first,
        settings=settings,
        database=Database(settings.database_url).within(WHOLE),
        services=services,
        clock=clock,
    )


@cache
def _assembled(settings: Settings, *, demo: bool) -> Tresteg:
    """What is the same for every database, keyring and clock."""
    return assemble(settings, keyring=make_keyring(demo=demo), passwords=PASSWORDS)


def prepare_once(
    bundle: Bundle, topics: Mapping[str, Declaration], *, number: int = 0, process: str = ""
) -> PreparedRelease:
    """A prepared release, built once in a process, because it is a function of its files."""
    key = (bundle.digest, id(topics), number, process)
    if key not in _PREPARED:
        release = prepare(bundle, topics, number=number, process=process)
        _PREPARED[key] = (topics, release)
    _PREPARED.move_to_end(key)
    while len(_PREPARED) > MOST:
        _PREPARED.popitem(last=False)
    return _PREPARED[key][1]


def build_once(
    bundle: Bundle, topics: Mapping[str, Declaration], *, number: int = 0, process: str = ""
) -> PreparedRelease:
    """As `prepare_once`, for a release that was published before."""
    key = (bundle.digest, id(topics), number, process)
    if key in _PREPARED:
        return _PREPARED[key][1]
    return build(bundle, topics, number=number, process=process)


def make_application(program: Tresteg, worker: LocalWorker | None = None) -> Flask:
    """An application as `create_app` makes it, copied from one with the same settings if there is
    one: its settings, handlers and views are its own, its routes and Jinja are shared.
    """
    settings = replace(program.settings, database_url="", secret_key="")
    if settings.trusted_proxies:
        return create_app(program, worker)  # it has a wrapper that holds the application itself
    key = repr((settings, program.demo))
    first, routes = _APPLICATIONS.get(key, (None, 0))
    if first is None or len(list(first.url_map.iter_rules())) != routes:  # or a test has added one
        first = create_app(program)
        _APPLICATIONS[key] = (first, len(list(first.url_map.iter_rules())))
    app = copy.copy(first)
    for name, value in vars(first).items():
        if isinstance(value, dict | list):
            setattr(app, name, _copied(value))
    app.config["SECRET_KEY"] = program.settings.secret_key or secrets.token_urlsafe(32)
    counts = RequestCounts()
    counts.name_routes(list(app.view_functions))
    app.extensions["tresteg"] = Site(program, worker, counts)
    return app


def _copied(value: Any) -> Any:
    """A copy of containers in containers; what they hold in the end is shared."""
    copied = copy.copy(value)
    if isinstance(copied, dict):
        copied.update({key: _copied(inner) for key, inner in copied.items()})
    elif isinstance(copied, list):
        copied[:] = [_copied(inner) for inner in copied]
    return copied
