"""What the command line says before it does anything: it imports no command for that, and speaks
one language.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from service.cli import main
from service.cli.language import terminal_language
from service.cli.lazy_group import LazyGroup
from service.text import languages, say
from tests.support.terminal import tresteg
from tests.support.tree import ROOT
from tests.support.waiting import PROGRAM

HEAVY = {
    *("SpiffWorkflow", "cryptography", "flask", "lxml", "msgspec", "sqlalchemy"),
    *("structlog", "werkzeug"),
    *("service.app", "service.engine", "service.store", "service.web", "service.worker"),
}
"""What only a command that runs needs."""
LOCALES = {"sv": "sv_SE.UTF-8", "en": "en_GB.UTF-8"}
IMPORTED = """
import sys
from service.cli import main
main(prog_name="tresteg", standalone_mode=False)
print(*sys.modules, file=sys.stderr)
"""


def groups() -> Iterator[LazyGroup]:
    """All groups, the whole first."""
    yield main
    yield from (group for group in main.commands.values() if isinstance(group, LazyGroup))


GROUPS = [pytest.param(group, id=str(group.name)) for group in groups()]
COMMANDS = [
    pytest.param(group, name, id=f"{group.name} {name}")
    for group in groups()
    for name in group.lazy
]


def words(group: LazyGroup) -> list[str]:
    """What is typed after `tresteg` for a group."""
    return [] if group is main else [str(group.name)]


def imported(*typed: str, **environment: str) -> set[str]:
    """The modules of a process of its own that was given a command."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *typed],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "typed", [("--version",), ("--help",), ("db", "--help"), ("restore", "-h")], ids=" ".join
)
def test_the_version_and_a_list_of_commands_import_no_command(typed: tuple[str, ...]) -> None:
    found = imported(*typed)
    assert found & HEAVY == set()
    assert {name for name in found if name.startswith("service.cli")} == {
        "service.cli",
        "service.cli.language",
        "service.cli.lazy_group",
    }


def test_a_command_that_runs_imports_what_the_tests_above_look_for() -> None:
    for module in ("history", "serving"):
        import_module(f"service.cli.{module}")
    assert set(sys.modules) >= HEAVY


@pytest.mark.parametrize(("group", "name"), COMMANDS)
def test_a_command_is_where_the_table_says(group: LazyGroup, name: str) -> None:
    module, _, attribute = group.lazy[name].rpartition(".")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert group.get_command(click.Context(group), name) is command
    assert command.name == name
    assert command.help


def test_every_command_of_the_package_is_in_the_table() -> None:
    """A command that is in no table exists for nobody."""
    found = set()
    for file in (ROOT / "service" / "cli").glob("*.py"):
        if file.stem not in ("__init__", "__main__"):
            module = import_module(f"service.cli.{file.stem}")
            found |= {
                f"{module.__name__}.{attribute}"
                for attribute, value in vars(module).items()
                if isinstance(value, click.Command)
                and value.callback is not None
                and value.callback.__module__ == module.__name__
            }
    assert found == {place for group in groups() for place in group.lazy.values()}


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_commands_each_with_a_whole_sentence_on_one_line(
    group: LazyGroup, lang: str
) -> None:
    page = tresteg(*words(group), "--help", locale=LOCALES[lang]).stdout
    names = group.list_commands(click.Context(group))
    assert set(names) == {*group.lazy, *group.commands}
    width = max(map(len, names))
    sentences = [group.summary(name, lang) for name in names]
    assert all(one[0].isupper() and one.endswith(".") and "…" not in one for one in sentences)
    rows = [f"  {name:{width}}  {one}" for name, one in zip(names, sentences, strict=True)]
    assert page.splitlines()[-len(names) :] == rows
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("group", GROUPS)
def test_a_page_speaks_one_language(group: LazyGroup) -> None:
    """Lines of both pages that are the same: none but the empty ones."""
    pages = (tresteg(*words(group), "--help", locale=at).stdout for at in LOCALES.values())
    swedish, english = (set(page.splitlines()) for page in pages)
    assert swedish & english == {""}
    assert any(line.startswith("Usage: tresteg") for line in english)
    assert any(line.startswith("Användning: tresteg") for line in swedish)


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "sv"}, "sv"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": ""}, "sv"),
    ],
)
def test_the_language_is_that_of_the_environment(
    environment: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal_language() == lang


def test_every_command_that_takes_a_language_has_that_of_the_terminal_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = click.Context(main)
    commands = [main.get_command(context, name) for name in main.lazy]
    options = [one for command in commands if command for one in command.params]
    taking = [option for option in options if option.name == "lang"]
    assert len(taking) > 10
    for lang, locale in LOCALES.items():
        monkeypatch.setenv("LC_ALL", locale)
        assert {option.get_default(context) for option in taking} == {lang}


def test_lang_chooses_another_language_than_that_of_the_terminal() -> None:
    same = ROOT / "workflows" / "deadlines.dmn"
    for locale, lang, said in (
        ("sv_SE.UTF-8", (), "sv"),
        ("sv_SE.UTF-8", ("--lang", "en"), "en"),
        ("en_GB.UTF-8", (), "en"),
        ("en_GB.UTF-8", ("--lang", "sv"), "sv"),
    ):
        done = tresteg("diff", same, same, *lang, locale=locale)
        assert done.stdout == f"{say('compare.same', said)}\n"


def test_a_name_that_is_none_is_compared_with_commands_that_are_not_imported() -> None:
    for typed, like in (("verfy", "verify"), ("offce", "office")):
        done = tresteg(typed)
        assert (done.exit_code, f"Did you mean '{like}'?" in done.stderr) == (2, True)
    done = tresteg("db", "upgrad")
    assert (done.exit_code, "Did you mean 'upgrade'?" in done.stderr) == (2, True)


def completions(*typed: str) -> dict[str, str | None]:
    """What bash is offered behind these words."""
    completion = BashComplete(main, {}, "tresteg", "_TRESTEG_COMPLETE")
    *before, last = typed
    return {item.value: item.help for item in completion.get_completions(before, last)}


def test_a_shell_completes_commands_groups_and_options() -> None:
    assert completions("re").keys() == {"register", "replay", "report", "restore", "retention"}
    assert completions("db", "").keys() == {"check", "upgrade"}
    assert "--sample" in completions("verify", "--s")
    assert "--version" in completions("--v")
    assert completions("offic") == {"office": main.summary("office", terminal_language())}


def test_a_shell_completes_without_importing_a_command() -> None:
    asked = {"_TRESTEG_COMPLETE": "bash_complete", "COMP_WORDS": "tresteg re", "COMP_CWORD": "1"}
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}from service.cli import main\nmain(prog_name='tresteg')"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **asked},
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    )
    assert done.stdout.split() == [
        *("plain,register", "plain,replay", "plain,report", "plain,restore", "plain,retention"),
    ]
    assert set(done.stderr.split()) & HEAVY == set()


def test_ctrl_c_while_a_command_is_imported_ends_as_in_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "interrupted.py").write_text("raise KeyboardInterrupt", "ascii")
    monkeypatch.syspath_prepend(tmp_path)
    done = CliRunner().invoke(LazyGroup("tresteg", {"demo": "interrupted.demo"}), ["demo"])
    assert (done.output, done.exit_code) == ("", 130)
