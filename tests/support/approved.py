"""Approved sentences: what a test says is compared line by line with a file that somebody read.

`TRESTEG_APPROVE=1` writes the file anew; the difference is then read before it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from service.errors import Finding
from service.text import finding_text

ALSO = ("path", "order")
"""Facts that pages use besides the sentence."""


def approved(file: Path, lines: Iterable[str]) -> None:
    """Compare with what was approved."""
    text = "".join(f"{line}\n" for line in lines)
    if os.environ.get("TRESTEG_APPROVE"):
        file.write_text(text, "utf-8")
    assert text.splitlines() == file.read_text("utf-8").splitlines()


def finding_line(found: Finding) -> str:
    """All that a person and the editor get from a finding, on one line."""
    place = f"{found.file}:{found.line} {found.element or '-'}"
    more = [f"[{found.prop}]"] if found.prop else []
    more += [f"({found.fix})"] if found.fix else []
    more += [f"{name} {found.facts[name]}" for name in ALSO if name in found.facts]
    swedish = finding_text(found.code, found.message, found.facts, "sv")
    return " ".join([found.severity, found.code, place, *more, "|", found.message, "|", swedish])
