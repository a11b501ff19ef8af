"""Answers in the browser: gunicorn with threads, and the worker beside them where the settings want
it inside.
"""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Mapping
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication

from service.application.container import Tresteg
from service.errors import BadSettings
from service.web.application import create_app
from service.worker.loop import Worker

THREADS = 8
GRACE_SECONDS = 10


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One gunicorn server around the program."""

    def __init__(
        self,
        program: Tresteg,
        *,
        host: str,
        port: int,
        processes: int,
        said: str,
        ways: Mapping[str, object],
    ) -> None:
        self.program = program
        self.ways = ways
        self.options = {
            "bind": f"{host}:{port}",
            "workers": processes,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": None,
            "loglevel": "warning",
            "preload_app": False,
            "control_socket_disable": True,
            "when_ready": lambda _: (
                said and print(said, flush=True)  # noqa: T201 - the one line that says where to go
            ),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """In each web process: its own connections, and the worker as a thread where it belongs
        inside.
        """
        self.program.database.close()
        wake = start_worker(self.program) if self.program.settings.worker_inside else _nobody
        app = create_app(self.program, wake=wake)
        app.config.update(self.ways)
        gc.freeze()
        return app


def _nobody() -> None:
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
    said: str = "",
    ways: Mapping[str, object] | None = None,
) -> None:
    """Answer until told to stop.

    Args:
        said: printed when the server answers.
        ways: what only a demo can do, by name: `TRESTEG_RESET`, `TRESTEG_WALK` (see
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
    Server(program, host=host, port=port, processes=processes, said=said, ways=ways or {}).run()
