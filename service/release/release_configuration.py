"""Configuration in the files of a release: roles, types, vocabulary, and what steers its cases."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from service.access import BEGINNERS
from service.engine import RoleFacts, Type
from service.errors import BadDiagram, BadSettings, Finding
from service.release.bundle import CONFIG, ROLES, TYPES, VOCABULARY, Bundle
from service.release.programme.process_configuration import (
    PROCESS_FILES,
    Attributes,
    ProcessConfiguration,
    ReadingContext,
    read_process_file,
)
from service.release.programme.typed_tables import WrongTable
from service.release.programme.vocabulary import Vocabulary, read_vocabulary


def read_tables(
    bundle: Bundle, findings: list[Finding]
) -> tuple[dict[str, RoleFacts], dict[str, Type]]:
    """`roles.toml` and `types.toml` of the release; what cannot be read is a finding."""
    roles: dict[str, RoleFacts] = {}
    types: dict[str, Type] = {}
    for name in (ROLES, TYPES):
        try:
            table = tomllib.loads(bundle.text(name))
            if name == ROLES:
                roles = _roles(table)
            else:
                types = _types(table)
        except BadDiagram as e:
            findings += e.findings
        except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as e:
            findings.append(_unreadable(name, str(e)))
    return roles, types


def read_release_vocabulary(bundle: Bundle, findings: list[Finding]) -> Vocabulary | None:
    """`vocabulary.toml` of the release; None in one from before there was any.

    What is wrong with it is a finding.
    """
    if VOCABULARY not in bundle.files:
        return None
    try:
        return read_vocabulary(bundle.text(VOCABULARY))
    except BadDiagram as e:
        findings += e.findings
    except ValueError as e:
        findings.append(_unreadable(VOCABULARY, str(e), e))
    return None


def read_release_configuration(bundle: Bundle) -> Attributes:
    """Read the configuration files of a release; nothing of a release from before there were any.

    Raises:
        BadDiagram: a file cannot be read.
    """
    found: dict[str, Any] = {}
    if VOCABULARY in bundle.files:
        found["vocabulary"] = read_vocabulary(bundle.text(VOCABULARY))
    context = reading_context(bundle)
    for name in PROCESS_FILES:
        found |= read_own_file(bundle, name, context)
    return found


def read_own_file(bundle: Bundle, name: str, context: ReadingContext) -> Attributes:
    """Read one file of the configuration; nothing where the release does not have it.

    Raises:
        BadDiagram: it cannot be read.
    """
    file = CONFIG + name
    if file not in bundle.files:
        return {}
    text = bundle.text(file)
    try:
        return read_process_file(name, text, context)
    except BadSettings as e:
        reason = str(e).removeprefix(f"{name}: ").removeprefix(f"{name} ")
        raise BadDiagram((_unreadable(file, reason, e.__cause__),)) from e


def reading_context(bundle: Bundle) -> ReadingContext:
    """The stages and roles of a release, as far as they can be read."""
    try:
        stages = read_vocabulary(bundle.text(VOCABULARY)).stages
    except (BadDiagram, ValueError):
        stages = ()
    try:
        roles = tuple(tomllib.loads(bundle.text(ROLES)))
    except (BadDiagram, tomllib.TOMLDecodeError):
        roles = ()
    return ReadingContext(stages, roles)


def configuration_of_draft(bundle: Bundle, otherwise: ProcessConfiguration) -> ProcessConfiguration:
    """Configuration of the cases of a draft, once it is published; the installation's for files
    that the draft does not have, or that cannot be read.
    """
    found: dict[str, Any] = {}
    words = read_release_vocabulary(bundle, [])
    if words is not None:
        found["vocabulary"] = words
    context = reading_context(bundle)
    for name in PROCESS_FILES:
        with suppress(BadDiagram):
            found |= read_own_file(bundle, name, context)
    return replace(otherwise, **found)


def _roles(table: Mapping[str, Mapping[str, Any]]) -> dict[str, RoleFacts]:
    """Roles that lanes or starts name; of those that come with the product (`house`) the ones that
    begin cases.
    """
    return {
        id_: RoleFacts(id_, {k: row[k] for k in ("sv", "en")})
        for id_, row in table.items()
        if not row.get("house", False) or id_ in BEGINNERS
    }


def _types(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Type]:
    return {
        id_: Type(row["type"], tuple(row.get("values", ())))
        for id_, row in table.items()
        if row["type"] != "context"
    }


def _unreadable(file: str, reason: str, wrong: BaseException | None = None) -> Finding:
    """The finding about a file that cannot be read; a `WrongTable` says why in both languages."""
    facts = wrong.facts if isinstance(wrong, WrongTable) else {"reason": reason}
    sentence = f"This table cannot be read: {reason}."
    return Finding("X122", "E", file, "", sentence, facts=dict(facts))
