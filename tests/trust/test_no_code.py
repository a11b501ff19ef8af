"""T5-a: no text of a release is ever handed to Python.

Places times payloads: each pair is refused with its element, or is a plain value within fuel.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from service.engine import Complete, Definition, Start, lint, read
from service.engine.audit_guard import guarded
from service.errors import BadDiagram, EngineStopped, TrestegError
from service.release.bundle import Bundle
from service.release.prepared import files_of
from tests.support.local_handlers import TOPICS
from tests.support.scale import times
from tests.support.world import NOON
from tests.trust.places import PAYLOADS, PLACES

EACH = 1 if times() else 5
"""Every so manieth payload is tried at a place, each place beginning with another one: each payload
comes to several places. A long run tries all at each.
"""
EVENTS: list[str] = []
LOOKING: list[bool] = []
WATCHED = frozenset(
    {
        "exec",
        "open",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "pty.spawn",
        "socket.connect",
        "socket.__new__",
        "subprocess.Popen",
    }
)
"""What code does to reach outside.

`compile` and `import` happen to honest work once; under the audit guard of a turn they are
refused as well.
"""


def _hook(event: str, args: tuple[object, ...]) -> None:
    if LOOKING and event in WATCHED and not _own(event, args):
        EVENTS.append(f"{event} {args!r:.100}")


def _own(event: str, args: tuple[object, ...]) -> bool:
    """Reading the package's own files and the zones of the machine is no escape; the zones come as
    a package.
    """
    if event == "exec":
        return "tzdata" in str(getattr(args[0], "co_filename", ""))
    return (
        event == "open"
        and isinstance(args[1], str)
        and args[1].startswith("r")
        and any(part in str(args[0]) for part in ("zoneinfo", "tzdata", "/service/"))
    )


# looking for a zone in the package loads modules of Python once; here, before anybody watches
with suppress(ZoneInfoNotFoundError):
    ZoneInfo("Nowhere")
sys.addaudithook(_hook)


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A file that nobody may make, while all that reaches outside is written down."""
    EVENTS.clear()
    LOOKING.append(True)
    yield tmp_path / "touched"
    LOOKING.clear()
    assert EVENTS == []
    assert not (tmp_path / "touched").exists()


def attempt(bundle: Bundle) -> str:
    """Publish it, and run a case of it as far as it goes; gives how it ended."""
    files, _, findings = files_of(bundle, TOPICS)
    found = [f for f in (*findings, *lint(files)) if f.severity == "E"]
    if found:
        assert all(f.file or f.element for f in found), found
        return "refused"
    try:
        definitions = read(files)
    except BadDiagram:
        return "refused"
    return run(definitions["p"])


def run(definition: Definition) -> str:
    try:
        turn = guarded(definition, b"", Start(), now=NOON, seed="1", seconds=15)
        for n in range(2, 6):
            waiting = next((o for o in turn.open if o.kind == "task"), None)
            if waiting is None:
                break
            turn = guarded(
                definition,
                turn.state,
                Complete(waiting.id, {"answer": "YES"} if waiting.element == "a" else {}),
                now=NOON,
                seed=str(n),
                seconds=15,
            )
    except EngineStopped as stopped:
        return stopped.kind
    except TrestegError as refused:
        return refused.code
    return "ran"


def tried_at(place: str) -> list[str]:
    """The payloads that are tried at a place."""
    return list(PAYLOADS[list(PLACES).index(place) % EACH :: EACH])


@pytest.mark.parametrize("place", PLACES)
def test_no_payload_is_run_at_any_place(place: str, outside: Path) -> None:
    ended = [
        attempt(PLACES[place](payload.replace("{file}", str(outside))))
        for payload in tried_at(place)
    ]
    assert ended
    assert not {"tripwire", "time"} & set(ended)


def test_there_are_enough_places_and_payloads() -> None:
    assert len(PLACES) >= 30
    assert len(set(PAYLOADS)) >= 100
    tried = Counter(payload for place in PLACES for payload in tried_at(place))
    assert tried.keys() == set(PAYLOADS)
    assert min(tried.values()) >= len(PLACES) // EACH


def test_the_watch_would_notice(outside: Path) -> None:
    with outside.open("w"):
        pass
    assert [event.split()[0] for event in EVENTS] == ["open"]
    EVENTS.clear()
    outside.unlink()


def test_bare_releases_run_at_each_place_of_the_dialect() -> None:
    honest = {
        "flow condition": 'answer = "YES"',
        "border timer": "P30D",
        "rule input cell": '"NO"',
        "due date": 'now() + duration("P1D")',
    }
    for place, text in honest.items():
        assert attempt(PLACES[place](text)) == "ran", place
