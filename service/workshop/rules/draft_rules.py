"""Every rule of a draft: its table as drawn, who asks it, its findings, and whether the table
editor can draw it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from service.engine import DrawnTable, Files, Node, Survey, survey
from service.errors import Finding, NotFound
from service.forms import Form
from service.forms.fields import SOURCE
from service.records.context import Services
from service.release.bundle import RULE_ENDING, Bundle
from service.release.labels import localized_name, sentence_case
from service.release.prepared import files_of
from service.workshop.editor import FindingText, finding_texts

FOLDER: Final = "workflows/"
MOST_ROWS: Final = 150
"""Most rows that the table editor draws; a browser takes seconds for more."""
OFFERED: Final = ("UNIQUE", "FIRST", "COLLECT")
"""Hit policies that the table editor offers; a table that has another keeps it."""
ASKS_RULE: Final = "rule"
"""Property of a form's list whose rows a rule answers."""
NOT_HERE: Final = "R102"
"""Finding of a part of a rule file that is no decision table."""
WhyNot: TypeAlias = Literal["", "several", "parts", "large"]


@dataclass(frozen=True, slots=True)
class RuleAsker:
    """A step or a form that asks a rule."""

    name: str
    file: str = ""
    """The diagram of a step; empty for a form."""
    element: str = ""


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule in the list: a decision table, or a rule file without one (`id` is empty then)."""

    id: str
    name: str
    lang: str
    """Language of the name where it is not the reader's, else empty."""
    file: str
    policy: str
    rows: int
    asked_by: tuple[RuleAsker, ...]
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A finding, and the rows and columns of the table that it is about, both from 1."""

    text: FindingText
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftRules:
    """The rules of a draft, with the diagrams and forms that ask them."""

    bundle: Bundle
    drawn: Survey
    forms: Mapping[str, Form]
    findings: tuple[Finding, ...]
    """Of the whole draft, or of its rules alone."""
    lang: str

    def entries(self) -> tuple[RuleEntry, ...]:
        """Every rule by name, then the rule files that hold no table."""
        tables = [self._entry(table) for table in self.drawn.tables.values()]
        drawn = {entry.file for entry in tables}
        files = (
            name.removeprefix(FOLDER) for name in self.bundle.files if name.endswith(RULE_ENDING)
        )
        bare = [self._bare(file) for file in sorted(files) if file not in drawn]
        return (*sorted(tables, key=lambda entry: entry.name.casefold()), *bare)

    def entry(self, rule: str) -> RuleEntry:
        """One rule.

        Raises:
            NotFound: the draft has none of that id.
        """
        return self._entry(self.table(rule))

    def table(self, rule: str) -> DrawnTable:
        """A rule's table as drawn.

        Raises:
            NotFound: the draft has none of that id.
        """
        if rule not in self.drawn.tables:
            raise NotFound
        return self.drawn.tables[rule]

    def why_not(self, table: DrawnTable) -> WhyNot:
        """Why the table editor does not draw a table; empty when it does."""
        if sum(other.file == table.file for other in self.drawn.tables.values()) > 1:
            return "several"
        if any(f.code == NOT_HERE and f.file.endswith(table.file) for f in self.findings):
            return "parts"
        return "large" if len(table.rows) > MOST_ROWS else ""

    def askers(self, rule: str) -> tuple[RuleAsker, ...]:
        """The steps and forms that ask a rule, each name once."""
        steps = (
            RuleAsker(self._name_of(node), file, node.id)
            for file, node in self._nodes()
            if node.decision == rule
        )
        forms = (
            RuleAsker(form.say(form.title, self.lang) or form.id)
            for form in self.forms.values()
            if any(field.properties.get(ASKS_RULE) == rule for _, field in form.walk())
        )
        return tuple({asker.name: asker for asker in (*steps, *forms)}.values())

    def _nodes(self) -> Iterator[tuple[str, Node]]:
        for process in self.drawn.model.processes.values():
            for _, node in process.scope.walk():
                yield process.file, node

    def _name_of(self, node: Node) -> str:
        return sentence_case(localized_name(node.names, self.lang)) or node.id

    def _entry(self, table: DrawnTable) -> RuleEntry:
        askers = self.askers(table.id)
        name, lang = self._named(table, askers)
        grave = Counter(f.severity for f in self.findings if f.element == table.id)
        return RuleEntry(
            table.id,
            name,
            lang,
            table.file,
            table.policy,
            len(table.rows),
            askers,
            grave["E"],
            grave["W"],
        )

    def _named(self, table: DrawnTable, askers: tuple[RuleAsker, ...]) -> tuple[str, str]:
        """A rule file has names in one language; in others a rule is called as the step that asks
        it.
        """
        if self.lang == SOURCE:
            return table.title, ""
        step = next((asker.name for asker in askers if asker.element), "")
        return (step, "") if step else (table.title, SOURCE)

    def _bare(self, file: str) -> RuleEntry:
        grave = Counter(f.severity for f in self.findings if f.file.endswith(file))
        return RuleEntry("", file, "", file, "", 0, (), grave["E"], grave["W"])


def load_rules(
    bundle: Bundle, services: Services, lang: str, *, linted: bool = False
) -> DraftRules:
    """Read the rules of a draft's files.

    Args:
        linted: whether the findings of the whole draft are wanted too, which takes longer.
    """
    files, forms, _ = files_of(bundle, services.topics)
    drawn = survey(files)
    found = services.judge(bundle, "") if linted else drawn.rule_findings
    return DraftRules(bundle, drawn, forms, tuple(found), lang)


def find_table(bundle: Bundle, rule: str) -> DrawnTable:
    """A rule's table as drawn, from the rule files alone.

    Raises:
        NotFound: no file has a rule of that id.
    """
    tables = survey(Files({}, rules=bundle.under("workflows", RULE_ENDING))).tables
    if rule not in tables:
        raise NotFound
    return tables[rule]


def rule_findings(
    found: Iterable[Finding], table: DrawnTable, lang: str
) -> tuple[RuleFinding, ...]:
    """Findings in a language: those of the rule first, each with its rows and columns; the worst
    first.
    """
    kept = list(found)
    places = {finding.value: _place(f, table) for f in kept for finding in finding_texts([f], lang)}
    placed = (RuleFinding(text, *places[text.value]) for text in finding_texts(kept, lang))
    return tuple(sorted(placed, key=lambda one: one.text.element != table.id))


def _place(found: Finding, table: DrawnTable) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows and columns of a finding about this table; a label may stand over several columns."""
    if found.element != table.id or not found.file.endswith(table.file):
        return (), ()
    rows = (found.facts.get("row"), found.facts.get("other"))
    labels = [column.label for column in (*table.inputs, *table.outputs)]
    column = found.facts.get("column")
    return (
        tuple(row for row in rows if isinstance(row, int)),
        tuple(number for number, label in enumerate(labels, 1) if label == column),
    )
