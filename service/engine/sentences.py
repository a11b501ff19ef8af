"""Every sentence of the linter, in English. The Swedish ones stand in `service/text/lint_sv.toml` under the same keys with the same placeholders.

A key is a code, or a code with a word behind a full stop where one rule has two sentences; `Finding.facts["sentence"]` names the key then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCES: dict[str, str] = {
    "X101": "The file is larger than 1 MiB.",
    "X102": "This is not a readable XML file: {reason}.",
    "X103": "The file has a DOCTYPE. No diagram needs one; save it again from the editor.",
    "X104": "The file has a processing instruction. Save it again from the editor.",
    "X105": "This is not a BPMN 2.0 diagram.",
    "X106": "{x} uses settings of Camunda 7 ({names}). Draw it again in the Camunda 8 way: {instead}.",
    "X107": "{x} uses settings of SpiffArena ({names}), which do not work here: {instead}.",
    "X108": "{x} is a {kind}. Tresteg does not run this kind of element.",
    "X109": "{x} carries settings of another program. They are kept and do nothing.",
}

_WARNINGS = frozenset({"D107"})
_HINTS = frozenset({"X109"})


def severity(code: str) -> str:
    """How much a code weighs: E blocks publishing, W must be marked as seen, I is shown."""
    return "W" if code in _WARNINGS else "I" if code in _HINTS else "E"


def finding(
    key: str, file: str, element: str = "", facts: Mapping[str, object] | None = None, *, line: int = 0, prop: str = "", fix: str = ""
) -> Finding:
    """One finding with its English sentence; `key` is a key of `SENTENCES`, `facts` fill its placeholders."""
    code = key.partition(".")[0]
    kept = dict(facts or {})
    message = SENTENCES[key].format(**kept)
    if key != code:
        kept["sentence"] = key
    return Finding(code, severity(code), file, element, message, line, prop, kept, fix)
