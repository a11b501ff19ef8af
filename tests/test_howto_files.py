"""The files that docs/howto/install.md ships: nginx and systemd understand them, and they fit to
what the program takes.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import crossplane
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.sandbox.isolation.confinement import NAMESPACES, SYSTEM_CALLS
from service.sandbox.media_types import MIB
from service.settings import PREFIX, Settings, read_settings
from service.web.body_sizes import largest_body
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[1]
FILES = ROOT / "docs" / "howto" / "files"
UNITS = ("tresteg-web.service", "tresteg-worker.service")
EXPORT = re.compile(r"^ *export (TRESTEG_\w+)=(\S+)", re.MULTILINE)


def put(folder: Path) -> Path:
    """The nginx files with a certificate, in a folder; gives a main file that includes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tresteg.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    for file in ("tresteg.nginx.conf", "tresteg.headers"):
        text = (FILES / file).read_text("utf-8")
        for place in ("/etc/ssl/tresteg", "/etc/nginx", "/var/log/nginx"):
            text = text.replace(place, str(folder))
        (folder / file).write_text(text, "utf-8")
    main = folder / "nginx.conf"
    main.write_text(
        f"pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"http {{ include {folder}/tresteg.nginx.conf; }}\n",
        "utf-8",
    )
    return main


def directives(main: Path) -> dict[str, list[list[str]]]:
    """Name of a directive to its arguments, wherever it stands."""
    read = crossplane.parse(str(main), combine=True)
    assert read["status"] == "ok", read["errors"]
    found: dict[str, list[list[str]]] = {}

    def walk(block: list[dict[str, Any]]) -> None:
        for one in block:
            found.setdefault(one["directive"], []).append(one["args"])
            walk(one.get("block", []))

    walk(read["config"][0]["parsed"])
    return found


def test_the_proxy_buffers_and_hands_over_what_the_program_reads(tmp_path: Path) -> None:
    found = directives(put(tmp_path))
    assert found["proxy_request_buffering"] == [["on"]]
    assert found["client_header_timeout"] == [["10s"]]
    (size,) = found["client_max_body_size"]
    assert int(size[0].removesuffix("m")) * MIB >= largest_body(Settings())
    for name, value in (
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", "$scheme"),
        ("X-Forwarded-Host", "$host"),
        ("Host", "$host"),
    ):
        assert [name, value] in found["proxy_set_header"]
    closed = [args for args in found["location"] if args[0] == "="]
    assert closed == [["=", "/metrics"], ["=", "/readyz"]]
    assert found["deny"] == [["all"]] * len(closed)
    assert {tuple(args) for args in found["proxy_pass"]} == {("http://127.0.0.1:5000",)}


@pytest.mark.slow
@pytest.mark.parametrize("nginx", [path] if (path := shutil.which("nginx")) else [])
def test_nginx_understands_its_file(nginx: str, tmp_path: Path) -> None:
    main = put(tmp_path)
    done = subprocess.run(
        [nginx, "-t", "-q", "-c", str(main), "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_the_unit(unit: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        lacking("there is no systemd-analyze here")
    text = (FILES / unit).read_text("utf-8")
    (tmp_path / unit).write_text(
        text.replace("/opt/tresteg/venv/bin/tresteg", "/bin/true"), "utf-8"
    )
    done = subprocess.run(
        [str(analyze), "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_sets_what_the_program_knows(unit: str) -> None:
    text = (FILES / unit).read_text("utf-8")
    set_ = dict(re.findall(r"^Environment=(TRESTEG_\w+)=(.*)$", text, re.MULTILINE))
    assert read_settings(set_).keys_file == "%d/keyring"
    for line in ("LoadCredential=keyring:", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert line in text
    assert "@resources" not in text, "the children of the program set limits on themselves"


def values(unit: str, directive: str) -> list[list[str]]:
    """The words of each line that sets a directive."""
    lines = (FILES / unit).read_text("utf-8").splitlines()
    set_ = (line.partition("=") for line in lines if not line.startswith("#"))
    return [value.split() for name, _, value in set_ if name == directive]


@functools.cache
def calls_of(group: str) -> frozenset[str]:
    """The system calls that systemd means by a name; one that is no group is itself."""
    if not group.startswith("@"):
        return frozenset({group})
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        lacking("there is no systemd-analyze here")
    listed = subprocess.run(
        [str(analyze), "syscall-filter", group],
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    ).stdout.split("\n")[1:]
    inner = {line.strip() for line in listed if line.strip() and not line.strip().startswith("#")}
    return frozenset(call for one in inner for call in calls_of(one))


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_leaves_what_isolation_of_children_needs(unit: str) -> None:
    """What systemd refuses is refused to the child too, and it would go on without that wall."""
    (namespaces,) = values(unit, "RestrictNamespaces")
    assert sorted(namespaces) == sorted(NAMESPACES)
    left: set[str] = set()
    for words in values(unit, "SystemCallFilter"):
        named = {call for word in words for call in calls_of(word.removeprefix("~"))}
        left = left - named if words[0].startswith("~") else left | named
    assert set(SYSTEM_CALLS) - left == set()
    assert {"mount", "ptrace", "bpf", "setuid"} & left == set()
    for closed in ("MemoryDenyWriteExecute", "PrivateUsers", "LimitNPROC"):
        assert values(unit, closed) == [], "not tried together with the children"
    assert values(unit, "TasksMax")


def test_the_settings_are_those_of_the_page() -> None:
    page = (ROOT / "docs" / "howto" / "install.md").read_text("utf-8")
    lines = (FILES / "settings").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line.startswith(PREFIX))
    exported = dict(EXPORT.findall(page))
    exported.pop("TRESTEG_KEYS_FILE")
    exported.pop("TRESTEG_AS")  # of who types the commands
    assert given == exported
    settings = read_settings(given)
    assert settings.production
    assert list(settings.unsafe()) == []
