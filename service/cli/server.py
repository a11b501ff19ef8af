"""The web server: gunicorn's processes, and a worker in a thread where the settings want it."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Mapping
from wsgiref.types import WSGIApplication

import click
from gunicorn.app.base import BaseApplication

from service.application.container import Tresteg
from service.cli.buffering import BufferingWorker
from service.errors import BadSettings
from service.web.application import create_app, largest_body
from service.worker.loop import Worker

THREADS = 8
GRACE_SECONDS = 10
LARGER = 2
"""Bodies up to so many times what the application takes are read, and answered with its page that
says so; the connection of a larger one is closed after a short sentence."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One gunicorn server around the program."""

    def __init__(
        self,
        program: Tresteg,
        *,
        host: str,
        port: int,
        processes: int,
        ready: str,
        config: Mapping[str, object],
    ) -> None:
        self.program = program
        self.config = config
        self.ready = ready or f"Tresteg answers on http://{host}:{port}"
        self.largest_body = LARGER * largest_body(program.settings)
        self.options = {
            "bind": f"{host}:{port}",
            "workers": processes,
            "threads": THREADS,
            "worker_class": BufferingWorker,
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": None,
            "loglevel": "warning",
            "preload_app": False,
            "control_socket_disable": True,
            "post_worker_init": self._say_up,
            "on_exit": lambda _: click.echo("Tresteg has stopped."),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def _say_up(self, process: BufferingWorker) -> None:
        """Say once that the site is up: when the first process can answer."""
        if process.age == 1:
            click.echo(self.ready)

    def load(self) -> WSGIApplication:
        """Make the application of one web process: its own connections, and its worker."""
        self.program.database.close()
        wake = start_worker(self.program) if self.program.settings.worker_inside else _no_worker
        app = create_app(self.program, wake=wake)
        app.config.update(self.config)
        gc.freeze()
        return app


def _no_worker() -> None:
    """There is no worker in this process; the others poll."""


def start_worker(program: Tresteg) -> Callable[[], None]:
    """Run a worker in a thread of this process; gives the function that wakes it."""
    worker = Worker(
        program.database,
        program.services,
        program.clock,
        program.mail,
        program.settings.job_lease_seconds,
    )
    threading.Thread(target=worker.run, name="worker", daemon=True).start()
    return worker.wake


def serve_forever(
    program: Tresteg,
    *,
    host: str,
    port: int,
    processes: int,
    ready: str = "",
    config: Mapping[str, object] | None = None,
) -> None:
    """Answer requests until the process is stopped.

    Args:
        ready: printed when the server answers; its address if nothing is given.
        config: what only a demo can do, by name: `TRESTEG_RESET`, `TRESTEG_WALK` (see
            `service.web.application.create_app`).
    Raises:
        BadSettings: the address cannot be answered on.
    """
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as e:
        raise BadSettings(
            f"cannot answer on {host}:{port}: {e.strerror}; choose another with --port"
        ) from e
    Server(
        program, host=host, port=port, processes=processes, ready=ready, config=config or {}
    ).run()
