"""The command line: serve, work, verify, replay, lint, and look after an installation. Words go to standard error, results to standard output.

Exit codes: 0 done and nothing wrong, 1 findings, 2 could not run, 78 the start was refused.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from service import demo as demo_cases
from service.actions import accounts, incidents, pausing, releases, replay, telling, templating
from service.actions.house import Actor
from service.actions.shelf import files_of
from service.app import assemble, ready, shipped_bundle
from service.calls import declared
from service.clock import ShiftedClock, WallClock
from service.engine import self_test
from service.errors import BadDiagram, BadSettings, Finding, NotFound, TrestegError, UnusableFile
from service.foreign import gather
from service.keyring import demo_keyring, make_keyring, write_keyring
from service.program import Tresteg
from service.reading import Readers
from service.server import serve_forever
from service.settings import Settings, read_settings
from service.store import cases, people
from service.store.database import Tx
from service.text import finding_text, languages
from service.walk import Walker
from service.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
FOUND, COULD_NOT, REFUSED_START = 1, 2, 78
OPERATOR = Actor("cli")
UNREADABLE = frozenset({"X101", "X102", "X103", "X104", "X105", "X110", "X120", "X121", "X122", "X123", "F101", "F102", "F103"})
"""Codes of files that cannot be read at all."""
DEMO_FOLDER = Path(".tresteg")


def told(run: Callable[P, R]) -> Callable[P, R]:
    """Whatever goes wrong on purpose ends in one sentence and an exit code, never in a traceback."""

    @wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return run(*args, **kwargs)
        except BadSettings as e:
            click.echo(f"tresteg cannot start: {e}", err=True)
            sys.exit(REFUSED_START)
        except BadDiagram as e:
            show_findings(list(e.findings), "en")
            sys.exit(COULD_NOT)
        except NotFound:
            click.echo("There is no such thing here. Look for the case by its name (klar-lind), its number (2026-0412) or its id.", err=True)
            sys.exit(COULD_NOT)
        except UnusableFile as e:
            click.echo(str(e), err=True)
            sys.exit(COULD_NOT)
        except TrestegError as e:
            click.echo(f"{e.code}: {e}", err=True)
            sys.exit(COULD_NOT)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tresteg: the return programme as a diagram that runs."""


def program() -> Tresteg:
    """The program with the settings of the environment, its store up to date."""
    settings = read_settings(os.environ)
    made = assemble(settings)
    click.get_current_context().call_on_close(made.database.close)
    ready(made)
    self_test()
    return made


@contextmanager
def reading(made: Tresteg) -> Iterator[Tx]:
    """A transaction that changes nothing."""
    with made.database.transaction(write=False) as tx:
        yield tx


@main.command()
@click.option("--port", default=5000, show_default=True, help="Port to answer on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--processes", default=1, show_default=True, help="Web processes; with more than one, run workers of their own.")
@told
def serve(port: int, host: str, processes: int) -> None:
    """Answer in the browser; the worker runs inside unless TRESTEG_WORKER_INSIDE=no."""
    made = program()
    with made.database.transaction() as tx:
        if made.house.has_no_release(tx):
            releases.publish_bundle(tx, made.house, shipped_bundle(made.settings), by=OPERATOR, now=made.clock.now(), note="as shipped")
    serve_forever(made, host=host, port=port, processes=processes)


@main.command()
@told
def worker() -> None:
    """Fire timers, call handlers, send letters, until it is told to stop."""
    made = program()
    busy = Worker(made.database, made.house, made.clock, made.mail, made.settings.job_lease_seconds)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: busy.stop())
    busy.run()


@main.command()
@click.option("--seed-only", is_flag=True, help="Fill the database given by the settings, then stop.")
@click.option("--fresh", is_flag=True, help="Throw the demo's database away first.")
@click.option("--port", default=5000, show_default=True, help="Port to answer on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@told
def demo(*, seed_only: bool, fresh: bool, port: int, host: str) -> None:
    """Show Tresteg with invented people. Everything is thrown away on reset."""
    made = demo_program(port, host, fresh=fresh)
    if not made.seeded():
        demo_cases.seed(made.program, tell=lambda text: click.echo(text, err=True))
    if seed_only:
        return
    address = f"http://{host}:{port}/demo"
    ways = {"TRESTEG_RESET": made.reset, "TRESTEG_WALK": Walker(made.program).play}
    serve_forever(made.program, host=host, port=port, processes=1, said=f"Tresteg is ready: {address}", ways=ways)


def demo_program(port: int, host: str, *, fresh: bool) -> demo_cases.DemoProgram:
    """The demo's program: its own keyring, its own database unless the settings name one, and a clock that can be moved."""
    keyring = demo_keyring(DEMO_FOLDER / "demo-keyring.json")
    given = read_settings(os.environ)
    url = given.database_url if "TRESTEG_DATABASE_URL" in os.environ or "TRESTEG_DATABASE_URL_FILE" in os.environ else "sqlite:///var/demo.db"
    if url == "sqlite:///var/demo.db":
        Path("var").mkdir(exist_ok=True)
        if fresh:
            for path in Path("var").glob("demo.db*"):
                path.unlink()
    settings = Settings(**{**vars(given), "database_url": url, "base_url": f"http://{host}:{port}"})
    made = assemble(settings, clock=ShiftedClock(WallClock()), keyring=keyring)
    ready(made)
    self_test()
    return demo_cases.DemoProgram(made)


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON list on standard output.")
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@told
def lint(files: tuple[Path, ...], *, as_json: bool, lang: str) -> None:
    """Say everything that is wrong with the diagrams, rules and forms of a folder, or with files put in the place of those of the same name."""
    given = gather(files, read_settings(os.environ))
    with readers() as reading_:
        found = reading_.findings(given.bundle, name=given.named[0] if files else "", today=WallClock().now().date())
    findings = [f for f in found if f.severity == "E" or within(f.file, given.named)]
    if as_json:
        click.echo(json.dumps([vars_of(f, lang) for f in findings], ensure_ascii=False, indent=1))
    else:
        show_findings(findings, lang)
    unreadable = any(f.severity == "E" and f.code in UNREADABLE for f in findings)
    sys.exit(COULD_NOT if unreadable else FOUND if any(f.severity == "E" for f in findings) else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@told
def explain(file: Path, *, lang: str) -> None:
    """Tell a diagram in words, as an indented outline: steps, who, form, due, conditions, timers, and where it goes."""
    if file.suffix != ".bpmn":
        raise UnusableFile(f"{file} is no diagram; those end in .bpmn")
    given = gather((file,), read_settings(os.environ))
    with readers() as reading_:
        click.echo("\n".join(reading_.outline(given.bundle, given.named[0], lang)))


@main.command("templates")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; without it, standard output.")
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@told
def element_templates(out: Path | None, *, lang: str) -> None:
    """Write element templates for Camunda Modeler, one for each handler, form, rule and process, as JSON."""
    settings = read_settings(os.environ)
    files, forms, _ = files_of(shipped_bundle(settings), declared())
    made = json.dumps(templating.templates(files, forms, declared(), lang), ensure_ascii=False, indent=1)
    if out is None:
        click.echo(made)
        return
    try:
        out.write_text(made + "\n", "utf-8")
    except OSError as e:
        raise UnusableFile(f"{out} cannot be written: {e.strerror}") from e


@contextmanager
def readers() -> Iterator[Readers]:
    """Children for files that somebody else wrote."""
    made = Readers()
    try:
        yield made
    finally:
        made.close()


def within(file: str, named: tuple[str, ...]) -> bool:
    """Whether a finding's file, as its family names it, is one of those; what names no file concerns them all."""
    return not file or any(name == file or name.endswith("/" + file) for name in named)


def vars_of(finding: Finding, lang: str) -> dict[str, Any]:
    """A finding as JSON."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": finding.file,
        "element": finding.element,
        "line": finding.line,
        "property": finding.prop,
        "text": finding_text(finding.code, finding.message, finding.facts, lang),
    }


def show_findings(findings: list[Finding], lang: str) -> None:
    """Findings as lines that an editor can jump to."""
    for f in findings:
        place = f"{f.file}:{f.line}" if f.line else f.file
        click.echo(f"{place}: {f.severity} {f.code}{f' {f.element}' if f.element else ''}: {finding_text(f.code, f.message, f.facts, lang)}")


@main.command()
@click.option("--note", default="", help="What changed, for those who work in the process.")
@told
def publish(note: str) -> None:
    """Publish the files of the two folders as the next release. Open cases stay on theirs."""
    made = program()
    with made.database.transaction() as tx:
        done = releases.publish_bundle(tx, made.house, shipped_bundle(made.settings), by=OPERATOR, now=made.clock.now(), note=note)
    click.echo(f"v{done.number} {done.id}")


@main.command("replay")
@click.argument("case")
@click.option("--lang", type=click.Choice(languages()), default="sv", show_default=True)
@told
def replay_case(case: str, lang: str) -> None:
    """Tell a case's history in words, step by step. CASE is its name, its number or its id."""
    made = program()
    with reading(made) as tx:
        found = cases.find(tx, case) or cases.get(tx, case)
        if found is None:
            raise NotFound
        for entry in telling.entries(tx, made.house, found.id, lang):
            click.echo(f"{entry.n:4} {entry.at:%Y-%m-%d %H:%M} {entry.text}{f' ({entry.office})' if entry.office else ''}")
            for line in entry.caused:
                click.echo(f"       {line}")


@main.command()
@click.option("--case", "one", default="", help="One case: its name, number or id. Without it, everything.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@told
def verify(one: str, *, as_json: bool) -> None:
    """Fold every case from its facts, compare bytes with what is stored, check chains, invariants and promises. Never prints an answer."""
    made = program()
    with reading(made) as tx:
        if one:
            found = cases.find(tx, one) or cases.get(tx, one)
            if found is None:
                raise NotFound
            result = replay.verify(tx, made.house, found.id, now=made.clock.now())
        else:
            result = replay.verify_all(tx, made.house, now=made.clock.now())
    if as_json:
        told = {name: [str(one) for one in getattr(result, name)] for name in ("faults", "breaches")}
        click.echo(json.dumps({"cases": result.cases, "facts": result.facts, "lines": result.lines, **told}))
    else:
        for fault in (*result.faults, *result.breaches):
            click.echo(str(fault))
        held = f"{len(result.faults)} faults" if result.faults else "unbroken"
        kept = f"; {len(result.breaches)} promises broken" if result.breaches else ""
        click.echo(f"{result.lines} lines and {result.facts} facts of {result.cases} cases: {held}{kept}")
    sys.exit(FOUND if result.faults or result.breaches else 0)


@main.command()
@told
def doctor() -> None:
    """Look whether the installation could start, and show its settings with secrets masked."""
    settings = read_settings(os.environ)
    for name, value in settings.masked().items():
        click.echo(f"TRESTEG_{name.upper()}={value}")
    ready(assemble(settings))
    self_test()
    click.echo("Tresteg can start here.")


@main.group()
def keys() -> None:
    """The keyring, without which nothing in the database can be read."""


@keys.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@told
def keys_new(file: Path) -> None:
    """Make a keyring and write it to FILE, readable for its owner only. Keep a copy apart from the database."""
    if file.exists():
        raise BadSettings(f"{file} is there already; a keyring is never written over")
    write_keyring(make_keyring(demo=False), file)


@main.group()
def incident() -> None:
    """Places where a case cannot go on without an operator."""


@incident.command("list")
@told
def incident_list() -> None:
    """Open incidents: id, case, element, reason."""
    made = program()
    with reading(made) as tx:
        if pausing.paused(tx):
            click.echo("The clock jumped, and no timer fires. Set it right if it is wrong, then: tresteg incident clock")
        for row in incidents.waiting(tx):
            click.echo(f"{row.id} {row.opened_at:%Y-%m-%d %H:%M} {row.case_id} {row.element} {row.kind}: {row.error}")


@incident.command("retry")
@click.argument("id_", metavar="ID")
@told
def incident_retry(id_: str) -> None:
    """Try the work of an incident again, with all its tries."""
    made = program()
    with made.database.transaction() as tx:
        incidents.again(tx, incident_id=id_, by=OPERATOR, now=made.clock.now())


@incident.command("clock")
@told
def incident_clock() -> None:
    """The server's clock jumped and is right as it stands now: let timers fire again."""
    made = assemble(read_settings(os.environ))  # not `program`: a clock that was set back lies behind the newest fact, which refuses every start
    click.get_current_context().call_on_close(made.database.close)
    made.database.check()
    with made.database.transaction() as tx:
        done = pausing.confirm(tx, by=OPERATOR, now=made.clock.now())
    click.echo("Timers fire again." if done else "Timers were not paused.")


@main.command("person")
@click.argument("sign_in")
@click.option("--name", required=True, help="The name that colleagues see.")
@click.option("--office", required=True, help="Id of the office.")
@click.option("--role", "roles", multiple=True, required=True, help="A role that the person holds; may be given several times.")
@click.option("--language", type=click.Choice(languages()), default="sv", show_default=True)
@click.password_option(help="15 to 128 characters.")
@told
def person(sign_in: str, name: str, office: str, roles: tuple[str, ...], language: str, password: str) -> None:
    """Let a person sign in as SIGN_IN."""
    made = program()
    try:
        kept = made.passwords.hash(password)
    except ValueError as e:
        raise BadSettings(str(e)) from e
    with made.database.transaction() as tx:
        if people.by_sign_in(tx, made.house.vault.blind("sign_in", sign_in)) is not None:
            raise BadSettings(f"{sign_in} is taken")
        now = made.clock.now()
        accounts.add_person(
            tx,
            made.house,
            id_=accounts.new_person_id(now),
            sign_in=sign_in,
            name=name,
            office=office,
            roles=roles,
            password=kept,
            language=language,
            by=OPERATOR,
            now=now,
        )


if __name__ == "__main__":
    main()
