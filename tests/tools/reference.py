"""Write the parts of docs/reference.md that are read from the code.

Run `python -m tests.tools.reference` after a change; a test compares.

Everything between a line `<!-- NAME -->` and the next `<!-- end -->` is made here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import click

import dev
from service import errors, settings
from service.cli import main
from service.cli.lazy_group import LazyGroup
from service.engine.bpmn.sentences import SENTENCES
from service.engine.feel.functions import NAMES
from service.forms.form_findings import SENTENCES as FORM_SENTENCES
from service.logs import EVENTS
from service.release.appeal_checks import SENTENCES as APPEALS
from service.release.configuration_checks import SENTENCES as CONFIGURATION
from service.release.ground_checks import SENTENCES as GROUNDS
from service.release.programme.log_review_rules import LogReviewRules
from service.release.retention_checks import SENTENCES as RETENTION
from service.sandbox import handlers
from service.web.api.v1 import OPERATIONS
from service.web.api.v1.openapi import address
from service.web.pages.monitoring.metrics import METRICS
from service.web.statuses import STATUSES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def one_line(text: str | None) -> str:
    """A docstring without its line breaks."""
    return " ".join((text or "").split())


def attribute_docs(source: Path, name: str) -> dict[str, str]:
    """Field to the text that stands below it in a class."""
    tree = ast.parse(source.read_text("utf-8"))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name
    )
    found = {}
    for field, after in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            found[field.target.id] = one_line(str(after.value.value))
    return found


def setting_rows() -> str:
    """Every setting with its default and meaning."""
    docs = attribute_docs(ROOT / "service/settings.py", "Settings")
    plain = settings.Settings()
    shown = {
        name: "the shipped folder" if name.endswith("_dir") else str(getattr(plain, name)) or "–"
        for name in docs
    }
    rows = (
        (
            f"`{settings.PREFIX}{name.upper()}`",
            f"`{shown[name]}`" if shown[name] != "–" else "–",
            docs[name],
        )
        for name in docs
    )
    return table(("name", "default", "meaning"), rows)


def review_rows() -> str:
    """Every limit of the log review with its default and meaning."""
    docs = attribute_docs(ROOT / "service/release/programme/log_review_rules.py", "LogReviewRules")
    plain = LogReviewRules()
    shown = ((name, str(getattr(plain, name)).lower()) for name in docs)
    return table(
        ("name", "default", "meaning"),
        ((f"`{name}`", f"`{value}`", docs[name]) for name, value in shown),
    )


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, str]]:
    """Every command with what it says of itself."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        about = command.about("en") if isinstance(command, LazyGroup) else command.help
        yield f"`{prefix} {name}`", one_line(about)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


def tree_commands() -> Iterator[tuple[str, str]]:
    """What dev.py does, each with what it says of itself."""
    for name, command in dev.COMMANDS.items():
        yield f"`python3 dev.py {name}`", one_line(command.__doc__)


def error_classes(root: type[errors.TrestegError]) -> Iterator[type[errors.TrestegError]]:
    """The tree of errors, each class once."""
    for kind in root.__subclasses__():
        yield kind
        yield from error_classes(kind)


def error_rows() -> str:
    """Every code with its status in the browser and its meaning."""
    every: list[type[errors.TrestegError]] = [
        errors.TrestegError,
        *error_classes(errors.TrestegError),
    ]
    kinds = sorted({k.code: k for k in every}.items())
    return table(
        ("code", "status", "meaning"),
        ((f"`{code}`", str(STATUSES.get(code, 500)), one_line(k.__doc__)) for code, k in kinds),
    )


def operation_rows() -> str:
    """Every operation of the interface for programs."""
    marks = {"keyed": "`Idempotency-Key`", "matched": "`If-Match`"}
    rows = (
        (
            f"`{one.method} {address(one)}`",
            one.about,
            ", ".join(said for mark, said in marks.items() if getattr(one, mark)),
        )
        for one in OPERATIONS
    )
    return table(("operation", "does", "needs"), rows)


def rule_rows() -> str:
    """Every sentence of the linter, about diagrams, rules, forms and configuration."""
    return table(
        ("code", "sentence"),
        (
            (f"`{code}`", sentence)
            for code, sentence in sorted(
                {
                    **SENTENCES,
                    **FORM_SENTENCES,
                    **CONFIGURATION,
                    **RETENTION,
                    **GROUNDS,
                    **APPEALS,
                }.items()
            )
        ),
    )


def topic_rows() -> str:
    """Every handler."""
    return table(
        ("topic", "does", "reads", "answers", "reports"),
        (
            (
                f"`{t.topic}`",
                t.summary,
                ", ".join(f"`{r}`" for r in t.reads),
                ", ".join(f"`{a}`" for a in t.answers),
                ", ".join(f"`{e}`" for e in t.errors),
            )
            for t in sorted(handlers.declared().values(), key=lambda t: t.topic)
            if t.function.__module__.startswith("handlers.")
        ),
    )


def metric_rows() -> str:
    """Every number of /metrics."""
    rows = ((f"`{name}`", kind, about) for name, (kind, about) in METRICS.items())
    return table(("name", "kind", "meaning"), rows)


def event_rows() -> str:
    """Every event of the log."""
    return table(("event", "says"), ((f"`{name}`", about) for name, about in EVENTS.items()))


PARTS: Mapping[str, Callable[[], str]] = {
    "settings": setting_rows,
    "log review": review_rows,
    "commands": lambda: table(("command", "does"), commands(main, "tresteg")),
    "tree": lambda: table(("command", "does"), tree_commands()),
    "errors": error_rows,
    "operations": operation_rows,
    "metrics": metric_rows,
    "events": event_rows,
    "rules": rule_rows,
    "topics": topic_rows,
    "functions": lambda: ", ".join(f"`{name}`" for name in sorted(NAMES)),
}


def written(page: str) -> str:
    """The page with every part made anew."""
    for name, make in PARTS.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not begin or not end:
            raise ValueError(f"docs/reference.md has no place for {name}")
        page = f"{before}{begin}{make()}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
