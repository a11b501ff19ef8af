"""Commands that go on until they are told to stop: the site, the worker, the demo."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import click

from service import demo as demo_cases
from service.actions import releases
from service.app import assemble, ready, shipped_bundle
from service.cli.beginning import OPERATOR, given, program
from service.cli.ending import told
from service.clock import ShiftedClock, WallClock
from service.engine import self_test
from service.keyring import demo_keyring
from service.server import serve_forever
from service.settings import Settings
from service.walk import Walker
from service.worker import Worker

DEMO_FOLDER = Path(".tresteg")
PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", type=PORT, default=5000, show_default=True, help="Port to answer on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Web processes; with more than one, run workers of their own.")
@told
def serve(port: int, host: str, processes: int) -> None:
    """Answer in the browser; the worker runs inside unless TRESTEG_WORKER_INSIDE=no."""
    made = program()
    with made.database.transaction() as tx:
        if made.house.has_no_release(tx):
            releases.publish_bundle(tx, made.house, shipped_bundle(made.settings), by=OPERATOR, now=made.clock.now(), note="as shipped")
    serve_forever(made, host=host, port=port, processes=processes)


@click.command()
@told
def worker() -> None:
    """Fire timers, call handlers, send letters, until it is told to stop."""
    made = program()
    busy = Worker(made.database, made.house, made.clock, made.mail, made.settings.job_lease_seconds)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: busy.stop())
    busy.run()


@click.command()
@click.option("--seed-only", is_flag=True, help="Fill the database given by the settings, then stop.")
@click.option("--fresh", is_flag=True, help="Throw the demo's database away first.")
@click.option("--port", type=PORT, default=5000, show_default=True, help="Port to answer on.")
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
    chosen = given()
    url = chosen.database_url if "TRESTEG_DATABASE_URL" in os.environ or "TRESTEG_DATABASE_URL_FILE" in os.environ else "sqlite:///var/demo.db"
    if url == "sqlite:///var/demo.db":
        Path("var").mkdir(exist_ok=True)
        if fresh:
            for path in Path("var").glob("demo.db*"):
                path.unlink()
    settings = Settings(**{**vars(chosen), "database_url": url, "base_url": f"http://{host}:{port}"})
    made = assemble(settings, clock=ShiftedClock(WallClock()), keyring=keyring)
    ready(made)
    self_test()
    return demo_cases.DemoProgram(made)
