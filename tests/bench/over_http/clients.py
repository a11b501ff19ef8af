"""Clients that complete tasks over HTTP, the same code for both sites.

Each client takes one case from its start to its end, then the next. What waits next it reads off
the database, on both sites alike, so that only starting and completing is measured.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Protocol
from urllib.parse import urlencode

import psutil
import psycopg

from tests.bench._forms import own_fields
from tests.bench._gauge import pause
from tests.bench.over_http.servers import PATIENCE, PEOPLE, READS, Site, seconds
from tests.support import small
from tests.support.browser import PASSWORD, TOKEN

NAP = 0.005
"""Seconds between two looks for what waits next. Each costs the machine a part of a completion."""
ASKS = ("t3", "t9")
"""The tasks whose form has a question that steers."""
JSON = {"Content-Type": "application/json"}


class Refused(Exception):
    """The site gave another answer than the client waits for."""


@dataclass(frozen=True)
class Waiting:
    """A task that waits, and the revision of its case."""

    task: str
    element: str
    rev: int


def texts(element: str) -> dict[str, str]:
    """The answers of one form, some three hundred bytes."""
    whole = {key: values[0] for key, values in small.ANSWERS.items()}
    return {key: text for key, text in whole.items() if key != "answer" or element in ASKS}


class Connection:
    """A connection that is kept, with the headers of whoever uses it."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request; gives the answer and its body."""
        try:
            self.http.request(method, path, body, dict(headers or {}))
            answer = self.http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.http.close()  # a kept connection that the site had ended meanwhile
            self.http.request(method, path, body, dict(headers or {}))
            answer = self.http.getresponse()
        return answer, answer.read()

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        """Send JSON; gives what the site says.

        Raises:
            Refused: it says no.
        """
        answer, said = self.send("POST", path, json.dumps(body).encode(), {**JSON, **headers})
        if answer.status not in (200, 201):
            raise Refused(f"{path}: {answer.status} {said[:300]!r}")
        return json.loads(said)


class Arm(Protocol):
    """What a client does on one of the two sites."""

    site: Site
    waits: str
    """The statement that tells what waits in a case: task, element, revision."""

    def start(self, connection: Connection, person: str) -> str: ...

    def complete(self, connection: Connection, person: str, waiting: Waiting) -> None: ...

    def ended(self, reader: Any, case: str) -> bool: ...


def sign_in(port: int, name: str) -> dict[str, str]:
    """Sign in by the page; gives the headers of a program that does something as this person."""
    connection = Connection(port)
    answer, page = connection.send("GET", "/sign-in")
    cookies = SimpleCookie(answer.headers.get("Set-Cookie", ""))
    token = TOKEN.search(page.decode())
    form = {"user": name, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    origin = {"Origin": f"http://127.0.0.1:{port}"}
    headers = {"Cookie": said(cookies), "Content-Type": "application/x-www-form-urlencoded"}
    answer, page = connection.send(
        "POST", "/sign-in", urlencode(form).encode(), {**headers, **origin}
    )
    if answer.status != 303:
        raise Refused(f"sign-in of {name}: {answer.status}")
    for line in answer.headers.get_all("Set-Cookie") or []:
        cookies.load(line)
    answer, _ = connection.send("GET", "/v1/tasks?limit=1", headers={"Cookie": said(cookies)})
    for line in answer.headers.get_all("Set-Cookie") or []:
        cookies.load(line)
    connection.http.close()
    return {"Cookie": said(cookies), "X-CSRF-Token": answer.headers["X-CSRF-Token"]}


def said(cookies: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())


class Product:
    """The product, with sessions of signed-in people."""

    waits = (
        "SELECT task.key, task.element, cases.rev FROM task JOIN cases ON cases.id = task.case_id"
        " WHERE task.case_id = ? ORDER BY task.key"
    )

    def __init__(self, site: Site, sessions: dict[str, dict[str, str]]) -> None:
        self.site = site
        self.sessions = sessions
        """The headers of each person, who signs in once; a restart of the site ends no session."""
        for name in PEOPLE:
            if name not in sessions:
                sessions[name] = sign_in(site.port, name)

    def _headers(self, person: str) -> dict[str, str]:
        origin = f"http://127.0.0.1:{self.site.port}"
        once = str(uuid.uuid4())
        return {**self.sessions[person], "Origin": origin, "Idempotency-Key": once}

    def start(self, connection: Connection, person: str) -> str:
        body = {"element": "s", "answers": {**texts("s"), READS: "YES"}}
        case: str = connection.post("/v1/cases", body, self._headers(person))["id"]
        return case

    def complete(self, connection: Connection, person: str, waiting: Waiting) -> None:
        body = {"rev": waiting.rev, "answers": texts(waiting.element)}
        connection.post(f"/v1/tasks/{waiting.task}/completion", body, self._headers(person))

    def ended(self, reader: Any, case: str) -> bool:
        rows = reader.ask("SELECT status FROM cases WHERE id = ?", case)
        return bool(rows and rows[0][0] != "open")


class Floor:
    """The floor, which asks nobody who they are."""

    waits = "SELECT task, element, 0 FROM floor_waiting WHERE case_id = ? ORDER BY task"

    def __init__(self, site: Site) -> None:
        self.site = site

    def start(self, connection: Connection, person: str) -> str:
        del person
        case: str = connection.post("/cases", {}, {})["id"]
        return case

    def complete(self, connection: Connection, person: str, waiting: Waiting) -> None:
        del person
        fields = own_fields(waiting.element, texts(waiting.element))
        connection.post(f"/tasks/{waiting.task}/completion", fields, {})

    def ended(self, reader: Any, case: str) -> bool:
        del reader, case
        return True  # its services run within the completion: nothing waits, so nothing comes


class Reader:
    """A look into the database, by a connection of its own."""

    def __init__(self, url: str) -> None:
        self.postgres = not url.startswith("sqlite")
        self.conn: Any = (
            psycopg.connect(url, autocommit=True)
            if self.postgres
            else sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        )

    def server_seconds(self) -> float:
        """Processor time of its process of PostgreSQL's server so far; it is no part of a site."""
        return seconds(psutil.Process(self.conn.info.backend_pid)) if self.postgres else 0.0

    def ask(self, text: str, value: str) -> list[Any]:
        statement = text.replace("?", "%s") if self.postgres else text
        prepared = {"prepare": True} if self.postgres else {}
        rows: list[Any] = self.conn.execute(statement, (value,), **prepared).fetchall()
        return rows


@dataclass
class Client:
    """One client: its connection, the person it is, and the case it works on."""

    arm: Arm
    people: deque[str]
    times: list[float] = field(default_factory=list)
    """Seconds of each completion since they were last taken."""
    faults: list[str] = field(default_factory=list)
    looked: float = 0.0
    """Seconds of PostgreSQL's server for its own looks at what waits."""
    case: str = ""
    person: str = ""

    def work(self, until: float) -> None:
        """Complete tasks until a moment of the monotonic clock."""
        connection, reader = Connection(self.arm.site.port), Reader(self.arm.site.url)
        try:
            while time.monotonic() < until:
                self._go_on(connection, reader)
        except Refused as refused:
            self.faults.append(str(refused))
        finally:
            self.looked = reader.server_seconds()
            connection.http.close()
            reader.conn.close()

    def _go_on(self, connection: Connection, reader: Reader) -> None:
        """Start a case, complete what waits, or look again a little later."""
        if not self.case:
            self.person = self.people.popleft()
            self.people.append(self.person)
            self.case = self.arm.start(connection, self.person)
        rows = reader.ask(self.arm.waits, self.case)
        if not rows:
            if self.arm.ended(reader, self.case):
                self.case = ""
            else:
                pause(NAP)
            return
        begun = time.perf_counter()
        self.arm.complete(connection, self.person, Waiting(*rows[0]))
        self.times.append(time.perf_counter() - begun)


def drive(clients: list[Client], seconds: float) -> list[float]:
    """Let clients work side by side; gives the seconds of each completion.

    Raises:
        Refused: the site refused one; what it said.
    """
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client.work, args=(until,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults := [fault for client in clients for fault in client.faults]:
        raise Refused(faults[0])
    times = [one for client in clients for one in client.times]
    for client in clients:
        client.times.clear()
    return times
