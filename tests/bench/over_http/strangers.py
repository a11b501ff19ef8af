"""Strangers who sign in: connections that send wrong passwords, one after the other.

`python -m tests.bench.over_http.strangers PORT HOST CONNECTIONS NETWORKS SECONDS [tls]`, in a
process of its own, so that they cost the one that measures nothing. Prints how often each status
came.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import threading
import time
import uuid
from collections import Counter
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.bench._gauge import pause
from tests.support.browser import TOKEN

PATIENCE = 120.0
AWAY = 0.05
"""Seconds between an answer and the next try: a stranger is not on the same machine, and what the
refusals of the proxy cost the machine is not what is measured."""


class Browser:
    """One browser at an address of this machine, with its cookies."""

    def __init__(self, port: int, host: str, address: str, *, tls: bool) -> None:
        source, self.host, self.tls = (address, 0), host, tls
        self.cookies: SimpleCookie = SimpleCookie()
        if tls:
            unchecked = ssl._create_unverified_context()  # noqa: S323 - a certificate of the bench
            self.http: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=PATIENCE, source_address=source, context=unchecked
            )
        else:
            self.http = http.client.HTTPConnection(
                "127.0.0.1", port, timeout=PATIENCE, source_address=source
            )

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """One request; gives status and page."""
        headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{name}={one.value}" for name, one in self.cookies.items()),
            "Origin": f"http{'s' * self.tls}://{self.host}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(form or {}).encode()
        try:
            self.http.request(method, path, body, headers)
            answer = self.http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.http.close()  # a kept connection that the site had ended meanwhile
            self.http.request(method, path, body, headers)
            answer = self.http.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(line)
        return answer.status, answer.read().decode()

    def sign_in(self, name: str, password: str) -> int:
        """Send the form of the sign-in page, which was opened before."""
        if "csrf_token" not in vars(self):
            self.open()
        form = {"user": name, "password": password, "csrf_token": self.csrf_token}
        return self.send("POST", "/sign-in", form)[0]

    def open(self) -> None:
        """Open the sign-in page."""
        _, page = self.send("GET", "/sign-in")
        token = TOKEN.search(page)
        self.csrf_token = token[1] if token else ""


def strangers(
    port: int, host: str, connections: int, networks: int, seconds: float, *, tls: bool
) -> Counter[str]:
    """Let strangers sign in for some time; gives how often each status came."""
    came, ready = Counter[str](), threading.Barrier(connections)
    lock = threading.Lock()

    def tries(number: int) -> None:
        browser = Browser(port, host, f"127.{9 + number % networks}.1.1", tls=tls)
        own = Counter[str]()
        browser.open()
        ready.wait()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            own[str(browser.sign_in(f"nobody-{uuid.uuid4()}", "wrong, and long enough"))] += 1
            pause(AWAY)
        with lock:
            came.update(own)

    threads = [threading.Thread(target=tries, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


if __name__ == "__main__":
    port, host, connections, networks, seconds = sys.argv[1:6]
    found = strangers(
        int(port), host, int(connections), int(networks), float(seconds), tls="tls" in sys.argv
    )
    print(json.dumps(found))
