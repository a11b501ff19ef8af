"""The file of providers: what it may hold, and the sentence about each fault."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from service.errors import BadSettings
from service.security.openid.providers_file import is_safe, read_providers
from tests.support.openid_provider import LEVEL, made_key

TABLE = f"""[freja]
name = {{ sv = "Freja", en = "Freja eID" }}
office = "social"
issuer = "https://idp.example.org"
client_id = "tresteg"
key_file = "client.jwk"
acr = ["{LEVEL}"]
"""


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library says itself that it is short
    SHORT = json.dumps(RSAKey.generate_key(1024).as_dict(private=True)).encode()


def put(folder: Path, text: str = TABLE, key: bytes | None = None, mode: int = 0o400) -> str:
    """A file of providers with its key."""
    path = folder / "client.jwk"
    path.unlink(missing_ok=True)
    path.write_bytes(key or json.dumps(made_key("installation").as_dict(private=True)).encode())
    path.chmod(mode)
    file = folder / "providers.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_a_table_is_a_provider(tmp_path: Path) -> None:
    (found,) = read_providers(put(tmp_path, f'{TABLE}scopes = ["openid", "profile"]\n'))
    assert (found.id, found.office, found.issuer) == ("freja", "social", "https://idp.example.org")
    assert (found.name("en"), found.name("sv"), found.name("xx")) == ("Freja eID", "Freja", "Freja")
    assert (found.acr, found.scopes) == ((LEVEL,), ("openid", "profile"))
    assert not found.acr_essential
    assert (found.algorithm, found.key.kid) == ("ES256", "installation")
    assert read_providers("") == ()


def test_the_private_key_is_in_no_text_about_a_provider(tmp_path: Path) -> None:
    (found,) = read_providers(put(tmp_path))
    assert str(made_key("installation").as_dict(private=True)["d"]) not in repr(found)
    assert "key=" not in repr(found)


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: RSAKey.generate_key(2048), "RS256"),
        (lambda: ECKey.generate_key("P-256"), "ES256"),
        (lambda: ECKey.generate_key("P-384"), "ES384"),
    ],
)
def test_a_key_may_be_pem_with_its_id_in_the_table(
    tmp_path: Path, make: Callable[[], RSAKey | ECKey], algorithm: str
) -> None:
    file = put(tmp_path, f'{TABLE}kid = "2026"\n', make().as_pem(private=True))
    (found,) = read_providers(file)
    assert (found.algorithm, found.key.kid) == (algorithm, "2026")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[freja", "is no TOML"),
        ("freja = 1", "stands outside of every table"),
        (TABLE.replace("[freja]", "[Freja]"), "[Freja] is no id"),
        (f'{TABLE}secret = "x"\n', "[freja] has secret, which is no key of a provider"),
        (TABLE.replace('office = "social"\n', ""), "[freja] lacks office"),
        (TABLE.replace(f'["{LEVEL}"]', "[]"), "[freja] lacks acr"),
        (TABLE.replace(f'["{LEVEL}"]', '["a b"]'), "[freja] acr must be a list of texts"),
        (f"{TABLE}acr_essential = 1\n", "[freja] acr_essential must be true or false"),
        (TABLE.replace('office = "social"', "office = 3"), "[freja] office must be a text"),
        (TABLE.replace(', en = "Freja eID"', ""), "[freja] name must be a text in each language"),
        (TABLE.replace("https:", "http:"), "issuer must begin with https://"),
        (TABLE.replace("example.org", "example.org?a=1"), "without ?, #, | and @"),
        (TABLE.replace("client.jwk", "no.jwk"), "key_file cannot be read"),
        (TABLE + TABLE.replace("[freja]", "[other]"), "are both for the office social"),
        (
            TABLE + TABLE.replace("[freja]", "[other]").replace('"social"', '"board"'),
            "have the same issuer",
        ),
    ],
)
def test_a_fault_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadSettings) as caught:
        read_providers(put(tmp_path, text))
    assert says in str(caught.value)


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize(
    "key",
    [
        b"no key",
        json.dumps(made_key("one").as_dict(private=False)).encode(),
        json.dumps(OctKey.generate_key(256).as_dict()).encode(),
        json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)).encode(),
        SHORT,
        b"[]",
    ],
    ids=["none", "public", "secret", "ed25519", "short", "list"],
)
def test_only_a_strong_private_key_is_taken(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(BadSettings, match="must be one private key"):
        read_providers(put(tmp_path, f'{TABLE}kid = "k"\n', key))


def test_a_key_needs_an_id(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256").as_pem(private=True)
    with pytest.raises(BadSettings, match="lacks kid"):
        read_providers(put(tmp_path, TABLE, key))


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="may be read by others: run chmod 0400"):
        read_providers(put(tmp_path, mode=0o440))


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="TRESTEG_PROVIDERS_FILE names a file that cannot be"):
        read_providers(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://idp.example.org/x", True),
        ("http://127.0.0.1:9/", True),
        ("http://localhost", True),
        ("http://idp.example.org", False),
        ("http://localhost.example.org", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[", False),
        ("https://a b", False),
        ("https://a\n", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine_is_asked(address: str, *, safe: bool) -> None:
    assert is_safe(address) is safe
