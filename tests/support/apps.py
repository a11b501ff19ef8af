"""Flask applications for tests: routes and templates are compiled once in a process.

Compiling a hundred routes and the templates of a page anew costs most of a short test. An
application that differs in its database, secret and clock alone has the same ones, so each test
gets a copy: its settings, handlers and views are its own, its routes and Jinja are shared.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flask import Flask

from service.application.container import Tresteg
from service.web.application import create_app
from service.web.request_context import Site

_FIRST: Final[dict[str, tuple[Flask, int]]] = {}
"""Settings and kind of an application to the one that is copied, and how many routes it has."""


def application(program: Tresteg, wake: Callable[[], object] | None = None) -> Flask:
    """As `create_app`, but copied from an earlier one with the same settings if there is one."""
    settings = replace(program.settings, database_url="", secret_key="")
    if settings.trusted_proxies:
        return create_app(program, wake)  # it has a wrapper that holds the application itself
    key = repr((settings, program.demo))
    first, routes = _FIRST.get(key, (None, 0))
    if first is None or len(list(first.url_map.iter_rules())) != routes:  # or a test has added one
        first = create_app(program)
        _FIRST[key] = (first, len(list(first.url_map.iter_rules())))
    app = copy.copy(first)
    for name, value in vars(first).items():
        if isinstance(value, dict | list):
            setattr(app, name, _copied(value))
    app.config["SECRET_KEY"] = program.settings.secret_key or secrets.token_urlsafe(32)
    app.extensions["tresteg"] = Site(program, wake or (lambda: None))
    return app


def _copied(value: Any) -> Any:
    """A copy of containers in containers; what stands in them is shared."""
    made = copy.copy(value)
    if isinstance(made, dict):
        made.update({key: _copied(loaded) for key, loaded in made.items()})
    elif isinstance(made, list):
        made[:] = [_copied(loaded) for loaded in made]
    return made
