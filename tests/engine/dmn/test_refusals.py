"""Decision tables and files that are refused, and the sentences about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.dmn.rule_files import read_rules
from tests.engine.dmn.tables import AGE, NAMES, OUT, RISK, codes, file, read, table
from tests.support.approved import approved, finding_line

# ---- what is refused


BAD: list[tuple[str, list[str]]] = [
    (table(['< 18 | "A"'], policy="OUTPUT ORDER"), ["R206"]),
    (table(['- | "A"'], policy="PRIORITY"), ["R204"]),
    (table(['- | "A" | "B"'], outputs=[OUT, ("b", "string", "")], policy="COLLECT"), ["R205"]),
    (table(['"x" | "A"']), ["R201"]),
    (table(['< | "A"']), ["R201"]),
    (table(["- | nothing"]), ["R201"]),
    (table(["- | 3"]), ["R201.kind"]),
    (table(['- | "C"'], outputs=[("out", "string", '"A", "B"')]), ["R201.value"]),
    (table(['- | "A"'], inputs=[("unknown", "number", "")]), ["R201.head"]),
    (table(['- | "A"'], inputs=[("word", "number", "")]), ["R201.asked"]),
    (table(['"MEDUIM" | "A"', '- | "B"'], inputs=[RISK], policy="FIRST"), ["R201"]),
    (table(['- | "A"'], gives="number"), ["R201.gives"]),
    (table(['- | "A"', '- | "B"'], policy="COLLECT", gives="string"), ["R201.gives"]),
    (table(["-"]), ["R201.count"]),
    (table(['- | "A"'] * 1001), ["R101"]),
    (table(["|".join(["-"] * 40 + ['"A"'])], inputs=[AGE] * 40), ["R101"]),
]


@pytest.mark.parametrize(("drawn", "expected"), BAD)
def test_a_table_is_refused_with_its_code(drawn: str, expected: list[str]) -> None:
    assert [code for code in codes(drawn) if not code.startswith(("R202", "R203"))] == expected


def test_the_findings_about_tables_are_the_approved_ones() -> None:
    """Each table above, and those with gaps, overlaps, circles and unreadable parts: code, line,
    and the sentence in both languages.
    """
    whole = [
        (table(['< 18 | "A"', '>= 17 | "B"']),),
        (table(['< 18 | "A"', '> 18 | "B"']),),
        (
            table(
                ['> 5 | - | "A"', '- | > 5 | "B"'],
                inputs=[("age", "number", ""), ("age * 2", "number", "")],
                default='"C"',
            ),
        ),
        (table(['< 18 | "A"', '< 10 | "B"', '- | "C"'], policy="FIRST"),),
        (
            table(["-|1"], outputs=[("out", "number", "")], requires=["b"]),
            table(["-|1"], outputs=[("o", "number", "")], id="b", requires=["rule"]),
        ),
        (table(['- | "A"'], requires=["nowhere"]),),
        tuple(
            table(['- | "A"'], id=f"r{n}", requires=[f"r{n - 1}"] if n else []) for n in range(6)
        ),
        tuple(table(['- | "A"'], id=f"r{n}") for n in range(51)),
        (table(['- | "A"']), table(['- | "A"'])),
        (
            '<decision id="r" name="r"><context/></decision>',
            '<import name="i" namespace="n" importType="t"/>',
        ),
    ]
    lines = [
        f"{n} {finding_line(one)}"
        for n, drawn in enumerate([*((drawn,) for drawn, _ in BAD), *whole])
        for one in read(*drawn)[1]
    ]
    approved(Path(__file__).with_name("approved_findings.txt"), lines)


def test_a_bad_cell_is_named_by_row_and_column() -> None:
    (found,) = [one for one in read(table(['< 3 | "A"', '"x" | "B"']))[1] if one.code == "R201"]
    assert (found.facts["row"], found.facts["column"], found.facts["code"]) == (2, "age", "D905")
    assert (
        found.message
        == "Row 2, age of the rule “rule”, character 1: This compares a number with a text, "
        "which is never true. Compare values of one kind."
    )


@pytest.mark.parametrize(
    "drawn",
    [
        '<decision id="r"><literalExpression><text>1</text></literalExpression></decision>',
        '<decision id="r"><context/></decision>',
        '<decision id="r"/>',
        '<businessKnowledgeModel id="r"/>',
        '<decisionService id="r"/>',
        '<import name="i" namespace="n" importType="t"/>',
        '<itemDefinition name="r"><functionItem/></itemDefinition>',
    ],
)
def test_all_that_is_no_table_is_refused_by_name(drawn: str) -> None:
    assert codes(drawn) == ["R102"]


def test_other_files_are_refused() -> None:
    def first(data: bytes) -> str:
        return read_rules({"a.dmn": data}, NAMES)[1][0].code

    assert first(file(space="https://www.omg.org/spec/DMN/20230324/MODEL/")) == "R102"
    assert first(b"no xml") == "X102"
    assert first(b'<!DOCTYPE d [<!ENTITY a "b">]><d/>') == "X103"
    assert codes(table(['- | "A"']), table(['- | "A"'])) == ["R102.twice"]
    assert codes(*(table(['- | "A"'], id=f"r{n}") for n in range(51))) == ["R101.release"]
