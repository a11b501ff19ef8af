"""Make findings of the linter: their sentence and their severity.

A key of `SENTENCES` is a code, or a code with a word behind a full stop where one rule has two
sentences; `Finding.facts["sentence"]` names the key then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.engine.bpmn.sentences import SENTENCES
from service.errors import Finding, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping

_WARNINGS = frozenset(
    {
        "D107",
        "D108",
        "D213",
        "D234",
        "D234.same",
        "D302",
        "D314",
        "D401",
        "D404",
        "D406",
        "D406.never",
        "D450",
        "D510",
        "D511",
        "D605",
        "D608.listener",
        "D806",
        "D809.open",
        "D821",
        "D822",
        "D823",
        "D824",
        "D908",
        "D912",
        "R202",
        "R207",
        "R203.never",
        "R203.perhaps",
    }
)
_HINTS = frozenset({"X109", "D212", "D352", "D391", "D405", "D501", "D606", "D607.latest", "D804"})


def severity(key: str) -> str:
    """Severity of a finding: E blocks publishing, W must be marked as seen, I is shown."""
    return "W" if key in _WARNINGS else "I" if key in _HINTS else "E"


def finding(
    key: str,
    file: str,
    element: str = "",
    facts: Mapping[str, object] | None = None,
    *,
    line: int = 0,
    prop: str = "",
    fix: str = "",
) -> Finding:
    """Build one finding with its English sentence.

    Args:
        key: a key of `SENTENCES`.
        facts: values of its placeholders; they are kept in the finding.
    """
    code = key.partition(".")[0]
    kept = dict(facts or {})
    message = SENTENCES[key].format(**in_language(kept, "en"))
    if key != code:
        kept["sentence"] = key
    return Finding(code, severity(key), file, element, message, line, prop, kept, fix)


def too_slow(file: str) -> Finding:
    """Build the finding about a file that took too long to read."""
    return finding("X110", file)


def broke(file: str, reason: str) -> Finding:
    """Build the finding about a file on which our own parser failed."""
    return finding("X110.broke", file, facts={"reason": reason})
