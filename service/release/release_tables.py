"""Tables of a release: its roles, the types of its routing names, and its vocabulary."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from service.engine import RoleFacts, Type
from service.errors import BadDiagram, Finding
from service.release.bundle import ROLES, TYPES, VOCABULARY, Bundle
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
            sentence = f"This table cannot be read: {e}."
            findings.append(Finding("X122", "E", name, "", sentence, facts={"reason": str(e)}))
    return roles, types


def _roles(table: Mapping[str, Mapping[str, Any]]) -> dict[str, RoleFacts]:
    """Roles that lanes name; those marked `house` come with the product."""
    return {
        id_: RoleFacts(id_, {k: row[k] for k in ("sv", "en")})
        for id_, row in table.items()
        if not row.get("house", False)
    }


def _types(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Type]:
    return {
        id_: Type(row["type"], tuple(row.get("values", ())))
        for id_, row in table.items()
        if row["type"] != "context"
    }


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
        sentence = f"This table cannot be read: {e}."
        findings.append(Finding("X122", "E", VOCABULARY, "", sentence, facts={"reason": str(e)}))
    return None
