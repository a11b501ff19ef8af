"""The web server: gunicorn's processes, and a worker in a thread where the settings want it."""

from __future__ import annotations

import ctypes
import gc
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

import click
from gunicorn.app.base import BaseApplication

from service import processors
from service.application.container import Tresteg
from service.application.request_counts import RequestCounts
from service.cli.buffering import BufferingWorker
from service.cli.ending import COULD_NOT, end_with
from service.web.application import create_app
from service.web.body_sizes import largest_body
from service.worker.loop import Worker

THREADS = 8
GRACE_SECONDS = 10
COLLECTED = (7_000, 10, 10)
"""After how many new objects Python looks for circles of them that nobody holds: ten times as many
as it does by itself, since a case that was moved leaves a thousand."""
M_ARENA_MAX, ARENAS = -8, 2
"""The number that malloc.h gives to the setting, and its value."""
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
        self.counts = RequestCounts(processes)
        self.largest_body = LARGER * largest_body(program.settings)
        self.options: dict[str, Any] = {
            "bind": f"{host}:{port}",
            "workers": processes,
            "threads": THREADS,
            "worker_class": BufferingWorker,
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": None,
            "loglevel": "warning",
            "preload_app": False,
            "control_socket_disable": True,
            "pre_fork": _choose_part,
            "post_fork": self._take_part,
            "post_worker_init": self._say_up,
            "on_exit": lambda _: click.echo("Tresteg has stopped."),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def _take_part(self, _server: object, process: BufferingWorker) -> None:
        """In a new process: count in its own part, and keep to a processor of its own."""
        self.counts.part = process.part
        processors.keep_to_one(process.part, self.options["workers"])

    def _say_up(self, process: BufferingWorker) -> None:
        """Say once that the site is up: when the first process can answer."""
        if process.age == 1:
            click.echo(self.ready)

    def load(self) -> WSGIApplication:
        """Make the application of one web process: its own connections, and its worker."""
        _share_arenas()
        self.program.database.close()
        worker = start_worker(self.program) if self.program.settings.worker_inside else None
        app = create_app(self.program, worker, self.counts)
        app.config.update(self.config)
        gc.freeze()
        gc.set_threshold(*COLLECTED)
        return app


def _share_arenas() -> None:
    """Let all threads of this process take memory from two arenas.

    The C library gives each thread one of its own, and each keeps what was freed in it. Here one
    thread runs at a time, so that they need not wait for each other. Source: mallopt(3).
    """
    with suppress(AttributeError):  # another C library than that of GNU
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def _choose_part(server: Any, process: BufferingWorker) -> None:  # noqa: ANN401 - gunicorn has no types
    """Before a process begins: the first part of the counts that no living one writes in."""
    taken = {other.part for other in server.WORKERS.values()}
    process.part = next((n for n in range(server.num_workers) if n not in taken), 0)


def start_worker(program: Tresteg) -> Worker:
    """Run a worker in a thread of this process."""
    worker = Worker(
        program.database,
        program.services,
        program.clock,
        program.mail,
        program.settings.job_lease_seconds,
        checkpoints=program.checkpoint_folder,
    )
    threading.Thread(target=worker.run, name="worker", daemon=True).start()
    return worker


def require_port(host: str, port: int) -> None:
    """End the command when the address cannot be answered on.

    With the code for what could not run, not that of a refused start: systemd tries it again, since
    a port may be free soon.
    """
    fault = _port_fault(host, port)
    if fault is not None:
        why = (
            fault.strerror if isinstance(fault, socket.gaierror) else os.strerror(fault.errno or 0)
        )
        end_with(
            f"tresteg cannot answer on {host}:{port}: {why}; choose another with --port", COULD_NOT
        )


def free_port(host: str, first: int, most: int = 10) -> int:
    """The first port from `first` that can be answered on, of `most` in a row.

    Where none of them can be, the command ends.
    """
    for port in range(first, first + most):
        if _port_fault(host, port) is None:
            return port
    require_port(host, first)
    return first


def _port_fault(host: str, port: int) -> OSError | None:
    """Why an address cannot be answered on; None when it can be."""
    try:
        with socket.create_server((host, port)):
            return None
    except OSError as e:
        return e


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
    """
    require_port(host, port)
    gc.freeze()  # else each process looks through what all of them share, and so gets its own copy
    Server(
        program, host=host, port=port, processes=processes, ready=ready, config=config or {}
    ).run()
