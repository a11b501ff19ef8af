"""The docs tell of what is there: their commands exist and run, their settings are known, their
links lead somewhere.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from service.app import assemble
from service.cli import main
from service.settings import PREFIX, read_settings
from tests.support.roles import run
from tests.support.terminal import begin, enters, signs_in, tresteg
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINKING = [*PAGES, ROOT / "CHANGELOG.md"]
"""Of the change log the links alone: it tells of commands that are gone."""
DROPPED = tuple(f"DROP ROLE IF EXISTS {role}" for role in ("tresteg", "tresteg_owner"))
FENCE = re.compile(r"^( *)```console\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:tresteg|python3 dev\.py) [^`]+)`")
SETTING = re.compile(r"[A-Z_]+=")
"""How a word begins that sets something for one command."""
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
TOOLS = frozenset(
    {
        "sqlite3",
        "pg_dump",
        "pg_restore",
        "psql",
        "curl",
        "cp",
        "systemctl",
        "npm",
        "openssl",
        "rm",
        "gunicorn",
        "pip",
        "mkdir",
        "mv",
        "sed",
        "tr",
        "useradd",
        "install",
        "python3",
        "ln",
        "runuser",
        "nginx",
    }
)
"""Programs of other makers that the docs may call."""


def commands(page: Path) -> list[str]:
    """Every command in a page's fences, a line each, without what is said about it."""
    found = []
    for _, body in FENCE.findall(page.read_text(encoding="utf-8")):
        lines = body.replace("\\\n", " ").splitlines()
        found += [
            line.strip().removeprefix("$ ").partition(" #")[0].strip()
            for line in lines
            if line.strip()
        ]
    return [line for line in found if line and not line.startswith("#")]


ALL = [
    pytest.param(line, id=f"{page.name}: {line}")
    for page in PAGES
    for line in dict.fromkeys(commands(page))
]
MENTIONED = sorted(
    {line for page in PAGES for line in INLINE.findall(page.read_text(encoding="utf-8"))}
)


def understood(words: list[str]) -> None:
    """Let the command line read a command without doing it.

    Raises:
        click.UsageError: there is no such command, or it takes no such words.
    """
    if "--help" in words:
        return
    group: click.Command = main
    context = click.Context(main)
    while isinstance(group, click.Group) and words:
        _, found, words = group.resolve_command(context, words)
        group = found or group
        context = click.Context(group, parent=context)
    group.make_context("tresteg", words, parent=context, resilient_parsing=False)


def known_setting(word: str) -> None:
    """A setting with its value is one that exists."""
    name, _, value = word.partition("=")
    assert name.startswith(PREFIX)
    if not name.endswith("_FILE"):
        read_settings({name: value})


def check(line: str) -> None:
    """A command is one of ours and understood, a setting that exists, or a tool that we know."""
    words = shlex.split(line)
    while SETTING.match(words[0]):
        known_setting(words.pop(0))
    if words[0] == "export":
        known_setting(words[1])
    elif words[0] == "tresteg":
        understood(words[1:])
    elif words[:2] == ["python3", "dev.py"]:
        assert (
            re.search(
                rf"^python3 dev\.py {words[2]}\b",
                (ROOT / "dev.py").read_text(encoding="utf-8"),
                re.MULTILINE,
            )
            or words[2] == "--help"
        )
    else:
        assert words[0].removeprefix("/opt/tresteg/venv/bin/") in TOOLS


def here(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `tresteg` in an empty folder, with settings of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "TRESTEG_DATABASE_URL": f"sqlite:///{folder}/lib/tresteg.db",
        "TRESTEG_MAIL_URL": "smtp://mail.example.org:587",
    }
    (folder / "lib").mkdir(exist_ok=True)
    if (folder / "keyring.json").exists():
        environment["TRESTEG_KEYS_FILE"] = str(folder / "keyring.json")
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
    )


@pytest.mark.parametrize("line", ALL)
def test_a_command_in_the_docs_can_be_given(line: str) -> None:
    check(line)


@pytest.mark.parametrize("line", MENTIONED)
def test_a_command_that_the_docs_mention_exists(line: str) -> None:
    words = [word for word in shlex.split(line.replace("…", "x")) if word not in ("|", "x")]
    names = words[2:3] if words[0] == "python3" else words[1:2]
    if words[0] == "python3":
        check(" ".join(words[:3]))
    else:
        assert main.get_command(click.Context(main), names[0]) is not None or names[0].startswith(
            "-"
        ), line


@pytest.mark.parametrize("doc", LINKING, ids=lambda doc: doc.relative_to(ROOT).as_posix())
def test_a_link_in_the_docs_leads_to_something(doc: Path) -> None:
    missing = [
        link
        for link in LINK.findall(doc.read_text(encoding="utf-8"))
        if not (doc.parent / link).exists()
    ]
    assert missing == []


@pytest.mark.slow
def test_the_commands_of_the_docs_make_a_new_installation(
    tmp_path: Path,
) -> None:
    assert here(tmp_path, "keys", "new", str(tmp_path / "keyring.json")).returncode == 0
    doctor = here(tmp_path, "doctor")
    assert doctor.returncode == 0, doctor.stderr
    assert "Tresteg can start here." in doctor.stdout
    assert here(tmp_path, "lint").returncode == 0
    publish = here(tmp_path, "publish", "--note", "as shipped")
    assert publish.stdout.startswith("v1 ")
    verify = here(tmp_path, "verify")
    assert (verify.returncode, verify.stdout.strip().endswith("unbroken")) == (0, True)
    assert here(tmp_path, "incident", "list").returncode == 0
    assert here(tmp_path, "replay", "nobody").returncode == 2


def test_the_page_on_installing_leads_to_a_person_who_signs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib-checkpoints").mkdir()
    given, address = [], ""
    for line in commands(ROOT / "docs" / "howto" / "install.md"):
        first, *words = shlex.split(
            line.replace("/etc/tresteg", str(tmp_path / "etc")).replace(
                "/var/lib/tresteg", str(tmp_path / "lib")
            )
        )
        if first == "export":
            name, _, value = words[0].partition("=")
            monkeypatch.setenv(name, value)
        elif first == "tresteg" and words != ["serve"]:
            done = tresteg(*words)
            assert done.exit_code == 0, (line, done.output)
            given.append(done)
            if words[:3] == ["person", "add", "anna@example.org"]:
                address = done.stdout
    assert "programme.toml" not in given[-1].stderr, (
        "the offices that the programme names are put in by this page"
    )
    made = assemble(read_settings(os.environ))
    secret = enters(made, address, "anna@example.org", "correct horse battery staple")
    answer = signs_in(made, "anna@example.org", "correct horse battery staple", secret)
    made.database.close()
    assert answer


@pytest.mark.slow
@pytest.mark.postgres
def test_the_page_on_postgresql_leads_to_a_service_that_starts(
    postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(tmp_path, monkeypatch)
    monkeypatch.delenv("TRESTEG_DATABASE_URL")
    run(postgres_server, "DROP DATABASE IF EXISTS tresteg", *DROPPED)
    named = postgres_server.replace("/postgres?", "/tresteg?")
    for file, role in (("database-url", "tresteg"), ("owner-url", "tresteg_owner")):
        url = named.replace("//postgres:@", f"//{role}:@")
        (tmp_path / file).write_text(url, encoding="utf-8")
    Path(os.environ["TRESTEG_KEYS_FILE"]).rename(tmp_path / "keyring.json")
    (tmp_path / "lib-checkpoints").mkdir()
    seen = []
    for line in commands(ROOT / "docs" / "howto" / "postgresql.md"):
        here_alone = line.replace("/var/lib/tresteg", str(tmp_path / "lib"))
        words = shlex.split(here_alone.replace("/etc/tresteg", str(tmp_path)))
        with monkeypatch.context() as alone:
            while SETTING.match(words[0]):
                alone.setenv(*words.pop(0).split("=", 1))
            if words[0] == "psql":
                run(postgres_server, words[2])
            elif words[0] == "tresteg":
                done = tresteg(*words[1:])
                assert done.exit_code == 0, (line, done.output)
                seen.append(done.stdout.splitlines()[-1])
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
    assert seen[-1] == "Tresteg can start here."
    assert tresteg("publish", "--note", "as shipped").exit_code == 0
    run(postgres_server, "DROP DATABASE tresteg WITH (FORCE)", *DROPPED)


def test_a_keyring_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text("mine", encoding="utf-8")
    answer = here(tmp_path, "keys", "new", str(tmp_path / "keyring.json"))
    assert answer.returncode == 2
    assert (tmp_path / "keyring.json").read_text(encoding="utf-8") == "mine"
