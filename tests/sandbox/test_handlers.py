"""A handler may do what it likes: its case waits, the others go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from service.binding import HANDLERS, Answer, BusinessError, Call, Declaration, Letter, Party, Value
from service.errors import HandlerFailed
from service.sandbox import handlers
from service.sandbox.child_processes import ROOT
from service.sandbox.handler_messages import call_from_json, call_to_json
from service.sandbox.handler_process import HandlerProcess
from service.sandbox.handlers import answer_one, checked
from tests.support.waiting import PROGRAM

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def call(topic: str, **data: Value) -> Call:
    return Call(
        key="k", topic=topic, element="e", now=NOW, data=data, consents=frozenset({"REFER"})
    )


@pytest.fixture
def child() -> Iterator[HandlerProcess]:
    process = HandlerProcess()
    yield process
    process.close()


def test_the_child_answers_as_the_handler_does(child: HandlerProcess) -> None:
    handlers.declared()
    answer = child.ask(
        call("letters.notify_iom", urgency="NORMAL", referralDecision="APPROVED"), 20
    )
    assert answer.values == {"iomNotifiedOn": "2026-03-02"}
    assert answer.letters[0] == Letter("IomHelsinki", "new_referral", "REFER")


def test_a_call_reaches_the_child_as_it_is() -> None:
    whole = Call(
        key="k",
        topic="letters.send",
        element="e",
        now=NOW,
        data={"answer": "YES"},
        parties={"Reader": Party("Reader", "o", "en")},
        consents=frozenset({"REFER"}),
        headers={"channel": "post"},
        zone="Europe/Helsinki",
        off=frozenset({date(2026, 12, 6)}),
    )
    there = json.loads(json.dumps(call_to_json(whole)))
    assert call_from_json(there) == whole


def test_a_business_error_comes_back_as_one(child: HandlerProcess) -> None:
    without = Call(
        key="k",
        topic="letters.notify_iom",
        element="e",
        now=NOW,
        data={"urgency": None, "referralDecision": None},
    )
    with pytest.raises(BusinessError, match="NO_LIVE_CONSENT"):
        child.ask(without, 20)


def test_a_handler_that_raises_tells_the_kind_and_no_value(child: HandlerProcess) -> None:
    with pytest.raises(HandlerFailed, match=r"^follow_ups\.schedule_next raised \w+$"):
        child.ask(call("follow_ups.schedule_next", arrivalOn="a secret that is no date"), 20)
    assert child.ask(call("letters.final_report"), 20).letters, "the child lives on"


def test_a_topic_that_is_gone_is_a_failure_with_a_sentence(child: HandlerProcess) -> None:
    with pytest.raises(HandlerFailed, match=r"no handler letters\.gone"):
        child.ask(call("letters.gone"), 20)


def test_a_hanging_handler_is_ended_and_the_next_call_works(child: HandlerProcess) -> None:
    child.ask(call("letters.final_report"), 20)
    first = child.pid
    os.kill(first, signal.SIGSTOP)  # or it might have answered before anybody looked
    with pytest.raises(HandlerFailed, match="no answer after 0 seconds"):
        child.ask(call("letters.final_report"), 0)
    assert not child.pid
    assert child.ask(call("letters.final_report"), 20).letters
    assert child.pid != first


def test_a_child_that_is_killed_is_a_failure_and_not_the_end(child: HandlerProcess) -> None:
    child.ask(call("letters.final_report"), 20)
    first = child.pid
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert child.ask(call("letters.final_report"), 20).letters


def test_the_child_has_no_setting_of_ours_in_its_environment(
    child: HandlerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRESTEG_KEYS", "secret")
    child.ask(call("letters.final_report"), 20)
    with open(f"/proc/{child.pid}/environ", "rb") as environment:  # noqa: PTH123 - a file of the kernel
        assert b"TRESTEG" not in environment.read()


LOADED = """
import sys
from service.sandbox import handlers, installed_packages
installed_packages.hear("[]")
handlers.declared()
print(*sys.modules)
"""
ZONES = "import sys, zoneinfo; print(*sys.modules)"
"""Time zones, which handlers need, and what the standard library loads for them: since Python 3.13
`threading`."""
LARGE = frozenset({"threading", "subprocess", "importlib.metadata", "email", "sqlalchemy"})


def test_the_child_loads_nothing_that_a_call_can_do_without() -> None:
    """Whatever it has loaded is copied for each call."""
    assert not (loaded_by(LOADED) - loaded_by(ZONES)) & LARGE


def loaded_by(program: str) -> set[str]:
    """The modules that a new process has loaded, which prints them."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
        cwd=ROOT,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer({"isMinor": True}), "answered isMinor"),
        (Answer(letters=(Letter("Stranger", "news"),)), "sends news to Stranger"),
    ],
)
def test_an_answer_that_is_not_declared_is_refused_by_name(answer: Answer, why: str) -> None:
    with pytest.raises(HandlerFailed, match=why):
        checked(answer, handlers.declared()["letters.final_report"])


def test_an_answer_of_another_type_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers.declared()
    wrong = Declaration("letters.wrong", cast("Any", lambda _: {"a": 1}), (), (), (), (), "", 1, "")
    monkeypatch.setitem(HANDLERS, "letters.wrong", wrong)
    said = answer_one(
        '{"key":"k","topic":"letters.wrong","element":"e","now":"2026-01-01T00:00:00+00:00","data":{},"parties":[],"consents":[],"off":[]}'
    )
    assert "answered with dict instead of Answer" in said
