"""A child process does one task at a time, and no task can do more than end itself."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service import processors
from service.sandbox.child import serve
from service.sandbox.child_processes import ChildEnded, ChildProcess, Meanwhile
from service.sandbox.isolation import landlock
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM

LONGEST = 1_000
ROOT = Path(__file__).resolve().parents[2]


def strange(line: str) -> str:
    """A task for each way to misbehave."""
    if line.startswith("say"):
        return f'"{line}"'
    if line.startswith("connect"):
        with socket.create_connection(("127.0.0.1", int(line.split()[1])), 5):
            return '"out"'
    if line.startswith("remember"):
        os.environ["REMEMBERED"] = os.environ.get("REMEMBERED", "") + "x"
        return f'"{os.environ["REMEMBERED"]}"'
    if line.startswith("scatter"):
        return _scatter(line.partition(" ")[2].replace("|", "\n").encode())
    word, _, more = line.partition(" ")
    if word in TOLD:
        return TOLD[word](more)
    if line == "print":
        os.write(1, b"noise\n")
        return '"quiet"'
    _do(line)
    return '""'


def _scatter(noise: bytes, process: int = 0) -> str:
    """Write into every pipe that this process has, or into those of another."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            place = f"/proc/{process}/fd/{number}"
            os.write(os.open(place, os.O_WRONLY) if process else number, noise)
    return '"scattered"'


def _leave_a_process(fifo: str) -> str:
    """Start a process that outlives this task, out of its group, and does not end by itself."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.write(write, b"it is out")
        if fifo:
            _tell_pids_and_hang(fifo)
        os.closerange(3, 64)
        _do("hang")
    os.read(read, 20)
    if fifo:
        _do("hang")
    return '""'


def _write_files(elsewhere: str) -> str:
    """What lies in the folder of its own, which it then writes into; elsewhere it may not."""
    own = Path(os.environ["TMPDIR"])
    found = sorted(path.name for path in own.iterdir())
    (own / "deep" / "er").mkdir(parents=True)
    (own / "deep" / "er" / "a").write_text("what a case told", encoding="utf-8")
    (own / "b").write_text("what a case told", encoding="utf-8")
    with contextlib.suppress(PermissionError):
        Path(elsewhere, "c").touch()
        return '"written"'
    return f'"{" ".join(found)}"'


def _tell_pids_and_hang(fifo: str) -> str:
    with open(fifo, "w", encoding="utf-8") as told:  # noqa: PTH123 - a pipe with a name
        told.write(f"{os.getpid()} {os.getppid()}\n")
    _do("hang")
    return '""'


TOLD = {"tell": _tell_pids_and_hang, "leave": _leave_a_process, "write": _write_files}
"""Tasks that are told more."""


def _do(line: str) -> None:
    match line:
        case "exit":
            os._exit(0)
        case "raise":
            raise LookupError
        case "memory":
            bytearray(2**40)
        case "hang":
            os.read(os.pipe()[0], 1)
        case "turn":
            while True:
                pass


def main() -> None:
    serve(
        lambda line: "x" * (LONGEST + 1) if line == "long\n" else strange(line.strip()),
        longest=LONGEST,
    )


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    made = ChildProcess("tests.sandbox.test_process", longest=LONGEST)
    yield made
    made.close()


@pytest.mark.parametrize("way", ["exit", "raise", "memory", "long"])
def test_a_task_that_ends_badly_does_not_end_the_child(child: ChildProcess, way: str) -> None:
    assert child.ask("say 1", 20) == '"say 1"\n'
    before = child.pid
    with pytest.raises(ChildEnded, match="ended"):
        child.ask(way, 20)
    assert child.ask("say 2", 20) == '"say 2"\n'
    assert child.pid == before


def test_a_task_that_hangs_is_ended_and_the_next_one_works(
    child: ChildProcess,
) -> None:
    assert child.ask("say 1", 20)
    before = child.pid
    with pytest.raises(ChildEnded, match="slow"):
        child.ask("hang", 0.2)
    assert not Path(f"/proc/{before}").exists()
    assert child.ask("say 2", 20) == '"say 2"\n'


def test_something_is_done_while_a_task_goes_on(child: ChildProcess) -> None:
    done: list[int] = []

    def end_it_the_third_time() -> None:
        done.append(child.pid)
        if len(done) == 3:
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(ChildEnded) as ended:
        child.ask("hang", PROGRAM, Meanwhile(0.001, end_it_the_third_time))
    assert ended.value.why == "ended"
    assert len(done) >= 3


def test_tasks_leave_nothing_behind(child: ChildProcess) -> None:
    assert [child.ask("remember", 20) for _ in range(2)] == ['"x"\n', '"x"\n']


def test_a_child_may_use_every_processor(child: ChildProcess) -> None:
    os.sched_setaffinity(0, {processors.GIVEN[0]})
    try:
        assert child.ask("say 1", 20)
        assert os.sched_getaffinity(child.pid) == set(processors.GIVEN)
    finally:
        os.sched_setaffinity(0, processors.GIVEN)


def test_what_a_task_prints_does_not_reach_the_answers(child: ChildProcess) -> None:
    assert child.ask("print", 20) == '"quiet"\n'


def test_threads_wait_their_turn_and_each_gets_its_own_answer(child: ChildProcess) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda n: child.ask(f"say {n}", 20), range(40))) == [
            f'"say {n}"\n' for n in range(40)
        ]


def test_a_line_of_many_megabytes_arrives_whole(child: ChildProcess) -> None:
    with pytest.raises(ChildEnded, match="ended"):
        child.ask("say " + "x" * 20_000_000, 20)
    assert child.ask("say 2", 20)


def test_the_child_has_no_network_where_the_system_allows_that(
    child: ChildProcess,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        try:
            answer = child.ask(f"connect {port}", 20)
        except ChildEnded:
            answer = ""
    child.ask("say 1", 20)
    own = Path("/proc/self/ns/net").readlink() != Path(f"/proc/{child.pid}/ns/net").readlink()
    assert answer == ("" if own else '"out"\n')


@pytest.mark.parametrize("noise", ["noise", "noise|", '"forged"|', '"a"|"b"|'])
def test_what_a_task_scatters_is_no_answer_to_the_next(child: ChildProcess, noise: str) -> None:
    for n in range(3):
        with contextlib.suppress(ChildEnded):
            assert child.ask(f"scatter {noise}", 20) != '"forged"\n'
        assert child.ask(f"say {n}", 20) == f'"say {n}"\n'


def test_a_line_of_another_key_ends_the_child_and_the_task(child: ChildProcess) -> None:
    child.ask("say 1", 20)
    before = child.pid
    with pytest.raises(ChildEnded, match="stray"):
        child.ask("hang", PROGRAM, Meanwhile(0.001, lambda: _scatter(b'"forged"\n', before)))
    assert not child.pid
    assert child.ask("say 2", 20) == '"say 2"\n'
    assert child.pid != before


def test_what_lies_in_the_channel_before_a_question_is_dropped(child: ChildProcess) -> None:
    child.ask("say 1", 20)
    before = child.pid
    _scatter(b'"forged"\n', before)
    assert child.ask("say 2", 20) == '"say 2"\n'
    assert child.pid != before


def test_what_a_task_leaves_running_ends_with_it(child: ChildProcess) -> None:
    if not landlock.keeps_signals(landlock.version()):
        lacking("Landlock of this kernel keeps no signals")
    assert child.ask("leave", 20) == '""\n'
    before = child.pid
    children = Path(f"/proc/{before}/task/{before}/children")
    assert child.ask("say 1", 20) == '"say 1"\n'
    assert children.read_text("ascii") == ""
    assert child.pid == before


def test_what_a_hanging_task_started_ends_with_it(child: ChildProcess) -> None:
    if not landlock.keeps_signals(landlock.version()):
        lacking("Landlock of this kernel keeps no signals")
    assert child.ask("say 1", 20)
    fifo = Path(child.folder) / "pids"
    os.mkfifo(fifo)
    left: list[int] = []
    with os.fdopen(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as told:

        def look() -> None:
            if words := told.readline().split():
                left.append(os.pidfd_open(int(words[0])))
                raise ChildEnded("slow")

        with pytest.raises(ChildEnded, match="slow"):
            child.ask(f"leave {fifo}", PROGRAM, Meanwhile(0.001, look))
    ended, _, _ = select.select(left, [], [], PROGRAM)
    assert ended == left, "it lives on"
    os.close(left[0])


def test_the_next_task_finds_an_empty_folder(child: ChildProcess, tmp_path: Path) -> None:
    if not landlock.version():
        lacking("this kernel has no Landlock")
    assert [child.ask(f"write {tmp_path}", 20) for _ in range(2)] == ['""\n', '""\n']
    folder = Path(child.folder)
    assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
    child.close()
    assert not folder.exists()


PARENT = """
import os, sys
from service.sandbox.child_processes import ChildProcess

child = ChildProcess("tests.sandbox.test_process", longest=1000)
child.ask("say 1", 600)
fifo = child.folder + "/pids"
os.mkfifo(fifo)
print(fifo, flush=True)
child.ask("tell " + fifo, 600)
"""


def first_words(fifo: Path) -> str:
    """What somebody writes into a FIFO; nobody may."""
    with os.fdopen(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as told:
        poll = select.poll()
        poll.register(told, select.POLLIN)
        assert poll.poll(60_000), "nobody wrote"
        return told.readline()


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["parent", "child"])
def test_a_hanging_task_dies_with_those_above_it(tmp_path: Path, killed: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        fifo = Path(parent.stdout.readline().strip())
        task, child = map(int, first_words(fifo).split())
        handles = [os.pidfd_open(process) for process in (task, child)]
        os.kill(parent.pid if killed == "parent" else child, signal.SIGKILL)
        for handle in handles:
            ended, _, _ = select.select([handle], [], [], 60)
            assert ended, "it lives on"
            os.close(handle)
        assert parent.wait(60)


def test_a_child_that_cannot_start_is_a_failure_and_not_a_wait() -> None:
    nobody = ChildProcess("tests.no_such_module", longest=LONGEST)
    with pytest.raises(ChildEnded, match="ended"):
        nobody.ask("say 1", 20)
    assert not nobody.pid
    nobody.close()


if __name__ == "__main__":
    main()
