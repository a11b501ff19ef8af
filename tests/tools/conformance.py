"""Count how many cases of the DMN compatibility kit, level 2, pass, are refused, or differ.

`python3 dev.py conformance`. A case is one result of one test of the kit. Tables are read as the
rule files of a release; literal expressions, which no release may hold, are asked as FEEL.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from service.engine.dmn.evaluator import decide, read_rules
from service.engine.dmn.parser import SPACE
from service.engine.feel import Expression, FeelError
from service.engine.feel.types import ANY
from service.errors import EngineStopped
from tests.engine.feel import test_tck as kit

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
PASSES, DIFFERS = "pass", "differ"


@dataclass(frozen=True)
class Case:
    """One result of the kit. `verdict`: pass, differ, or the code by which it is refused."""

    folder: str
    decision: str
    verdict: str


def run() -> list[Case]:
    """Every case of the kit."""
    return [case for folder in sorted(kit.KIT.iterdir()) for case in _folder(folder)]


def _folder(folder: Path) -> Iterator[Case]:
    root, examples = kit.read(folder), list(kit.cases(folder))
    texts = {
        decision.get("id", ""): (literal.findtext(f"{{{SPACE}}}text") or "").strip()
        for decision in root.iter(f"{{{SPACE}}}decision")
        if (literal := decision.find(f"{{{SPACE}}}literalExpression")) is not None
    }
    names = {name: ANY for inputs, _, _ in examples for name in inputs}
    decisions, findings = read_rules({"kit.dmn": etree.tostring(root, encoding="utf-8")}, names)
    refused = {found.element: found.code for found in findings if found.severity == "E"}
    for inputs, decision, expected in examples:
        if decision in texts:
            verdict = _asked(texts[decision], inputs, expected)
        elif decision in refused or decision not in decisions:
            verdict = refused.get(decision, "R102")
        else:
            verdict = _decided(decisions, decision, inputs, expected)
        yield Case(folder.name, decision, verdict)


def _asked(text: str, inputs: dict[str, Any], expected: object) -> str:
    try:
        found = Expression(text, list(inputs)).evaluate(inputs)
    except FeelError as error:
        return error.code
    return PASSES if kit.same(found, expected) else DIFFERS


def _decided(decisions: Any, decision: str, inputs: dict[str, Any], expected: object) -> str:
    try:
        found = decide(decisions, decision, inputs).value
    except EngineStopped:
        return DIFFERS
    return PASSES if kit.same(found, expected) else DIFFERS


def table(cases: list[Case]) -> str:
    """A line a folder, and the sum."""
    lines = [
        "| folder | cases | pass | refused by name | differ |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        _line(f"`{folder}`", [case for case in cases if case.folder == folder])
        for folder in dict.fromkeys(case.folder for case in cases)
    ]
    return "\n".join([*lines, _line("all", cases)])


def _line(name: str, cases: list[Case]) -> str:
    counts = Counter(case.verdict for case in cases)
    refused = ", ".join(
        f"{n} {code}" for code, n in sorted(counts.items()) if code not in {PASSES, DIFFERS}
    )
    return f"| {name} | {len(cases)} | {counts[PASSES]} | {refused or '0'} | {counts[DIFFERS]} |"


def main() -> int:
    """Print the table; with `--write` put it into docs/conformance.md."""
    if not kit.KIT.is_dir():
        print(  # noqa: T201 - it talks to a person at a terminal
            "The compatibility kit of DMN does not lie beside this folder"
            " (../shared/corpora/dmn-tck), so there is nothing to compare with."
        )
        return 0
    made = table(run())
    print(made)  # noqa: T201 - it talks to a person at a terminal
    if "--write" in sys.argv[1:]:
        head, _, rest = PAGE.read_text("utf-8").partition("<!-- kit -->\n")
        PAGE.write_text(
            f"{head}<!-- kit -->\n{made}\n<!-- end -->{rest.partition('<!-- end -->')[2]}", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
