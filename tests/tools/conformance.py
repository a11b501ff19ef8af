"""Count how many cases of the DMN compatibility kit pass, are refused, or differ.

`python3 dev.py conformance`. A case is one result of one test of the kit. Tables are read as the
rule files of a release; literal expressions, which no release may hold, are asked as FEEL, each
after the literal expressions that it requires. Every level of the kit that lies there is run, or
the folders that are named.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from service.engine.dmn.coercion import coerced
from service.engine.dmn.evaluator import Decision, decide
from service.engine.dmn.parser import KINDS, SPACE, declared_kinds
from service.engine.dmn.rule_files import read_rules
from service.engine.feel import Expression, FeelError, FuelSpent
from service.engine.feel.types import ANY, Type
from service.errors import EngineStopped
from tests.engine.feel import test_tck as kit

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
PASSES, DIFFERS = "pass", "differ"
NO_VALUE = "value"
"""Refused: the case has a value that FEEL here cannot have, such as a time in a named zone."""
NO_DECISION = "R102"
"""Refused: not a decision table, nor a literal expression."""
DMN = f"{{{SPACE}}}"


@dataclass(frozen=True)
class Case:
    """One result of the kit. `verdict`: pass, differ, or the code by which it is refused."""

    folder: str
    decision: str
    verdict: str


class Refused(Exception):
    """A case is refused, by a code."""


def run(level: Path = kit.KIT) -> list[Case]:
    """Every case of a level of the kit, or of one folder of it."""
    folders = sorted(folder for folder in level.iterdir() if folder.is_dir())
    return [case for folder in folders or [level] for case in _folder(folder)]


@dataclass
class Model:
    """One model of the kit, read as far as it can be read."""

    texts: Mapping[str, str]
    """Decision to its literal expression."""
    requires: Mapping[str, tuple[str, ...]]
    gives: Mapping[str, Type]
    """Decision to the declared type of its result."""
    decisions: Mapping[str, Decision]
    refused: Mapping[str, str]
    answers: dict[str, Any] = field(default_factory=dict)
    """Results of this case's literal expressions."""

    def answer(self, decision: str, inputs: Mapping[str, Any]) -> Any:
        """The result of a decision.

        Raises:
            Refused: by its code, or by that of a decision that it requires.
        """
        if decision in self.decisions and decision not in self.refused:
            return decide(self.decisions, decision, inputs).value
        if decision not in self.texts:
            raise Refused(self.refused.get(decision, NO_DECISION))
        if decision not in self.answers:
            self.answers[decision] = None  # a circle ends here
            values = dict(inputs)
            for required in self.requires[decision]:
                values[required] = self.answer(required, inputs)
            self.answers[decision] = self._asked(decision, values)
        return self.answers[decision]

    def _asked(self, decision: str, values: Mapping[str, Any]) -> Any:
        try:
            found = Expression(self.texts[decision], list(values)).evaluate(values)
        except FeelError as error:
            raise Refused(error.code) from error
        except FuelSpent as error:
            raise Refused("fuel") from error
        return coerced(found, self.gives[decision])


def _folder(folder: Path) -> Iterator[Case]:
    for name, root in models(folder):
        examples = list(_examples(folder, name))
        model = _model(root, {name: ANY for inputs, _, _ in examples for name in inputs or ()})
        for inputs, decision, expected in examples:
            yield Case(folder.name, decision, _verdict(model, inputs, decision, expected))


def models(folder: Path) -> Iterator[tuple[str, etree._Element]]:
    """The models of a folder by file name, with names that FEEL can read."""
    for file in sorted(folder.glob("*.dmn")):
        yield file.name, kit.read_model(file)


def _model(root: etree._Element, names: Mapping[str, Type]) -> Model:
    decisions, findings = read_rules({"kit.dmn": etree.tostring(root, encoding="utf-8")}, names)
    drawn = {element.get("id", ""): element for element in root.iter(f"{DMN}decision")}
    kinds = {**KINDS, **declared_kinds(root)}
    texts, requires, gives = dict[str, str](), dict[str, tuple[str, ...]](), dict[str, Type]()
    for id_, element in drawn.items():
        if (literal := element.find(f"{DMN}literalExpression")) is not None:
            texts[id_] = (literal.findtext(f"{DMN}text") or "").strip()
        required = element.iterfind(f"{DMN}informationRequirement/{DMN}requiredDecision")
        requires[id_] = tuple(one.get("href", "").rpartition("#")[2] for one in required)
        variable = element.find(f"{DMN}variable")
        written = "" if variable is None else variable.get("typeRef", "")
        gives[id_] = kinds.get(written, ANY)
    refused = {found.element: found.code for found in findings if found.severity == "E"}
    return Model(texts, requires, gives, decisions, refused)


def _examples(folder: Path, model: str) -> Iterator[tuple[dict[str, Any] | None, str, Any]]:
    """Inputs, decision and result of each case of a model; no inputs where they cannot be read.

    What is asked of services and of models for others has no decision, and is refused.
    """
    for file in sorted(folder.glob("*-test-*.xml")):
        root = etree.fromstring(file.read_bytes())
        about = (root.findtext(f"{kit.TEST}modelName") or "").strip()
        if about and about != model:
            continue
        for case in root.iter(f"{kit.TEST}testCase"):
            asked = case.get("type", "decision") == "decision"
            yield from _results(case) if asked else ((None, "", None),)


def _results(case: etree._Element) -> Iterator[tuple[dict[str, Any] | None, str, Any]]:
    for result in case.findall(f"{kit.TEST}resultNode"):
        name, expected = kit.joined(result.get("name", "")), result.find(f"{kit.TEST}expected")
        try:
            inputs = {
                kit.joined(node.get("name", "")): kit.value(node)
                for node in case.findall(f"{kit.TEST}inputNode")
            }
            yield inputs, name, None if expected is None else kit.value(expected)
        except kit.Unreadable:
            yield None, name, None


def _verdict(model: Model, inputs: dict[str, Any] | None, decision: str, expected: object) -> str:
    if inputs is None:
        return NO_VALUE if decision else NO_DECISION
    model.answers.clear()
    try:
        found = model.answer(decision, inputs)
    except Refused as refused:
        return str(refused)
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


def levels() -> list[Path]:
    """The levels of the kit that lie there."""
    return sorted(kit.KIT.parent.glob("compliance-level-*"))


def main() -> int:
    """Print the tables; with `--write` put those of the levels into docs/conformance.md."""
    folders = [Path(one) for one in sys.argv[1:] if one != "--write"]
    if not folders and not levels():
        print(  # noqa: T201 - it talks to a person at a terminal
            "The compatibility kit of DMN does not lie beside this folder"
            " (../shared/corpora/dmn-tck), so there is nothing to compare with."
        )
        return 0
    ran = {folder.name: run(folder) for folder in folders or levels()}
    made = "\n\n".join(
        table(cases) if name == kit.KIT.name else f"`{name}`:\n\n{table(cases)}"
        for name, cases in ran.items()
    )
    print(made)  # noqa: T201 - it talks to a person at a terminal
    for cases in ran.values():
        for case in cases:
            if case.verdict == DIFFERS:
                print(f"differs: {case.folder} {case.decision}")  # noqa: T201 - as above
    if "--write" in sys.argv[1:] and not folders:
        head, _, rest = PAGE.read_text("utf-8").partition("<!-- kit -->\n")
        PAGE.write_text(
            f"{head}<!-- kit -->\n{made}\n<!-- end -->{rest.partition('<!-- end -->')[2]}", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
