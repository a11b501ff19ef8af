"""Texts for a person: of consents, before she says yes or no to one purpose, and
information.

A text is a file `workflows/config/consents/<PURPOSE>.<lang>.md` of the release, or one of
`workflows/config/information`: a heading, a line `version: ...`, a line `signed: ...` once somebody
has signed it, paragraphs, and lines of a list that begin with `- `. Nothing else of Markdown is
used. An answer keeps the digest of the text that was shown, so that every word can be found again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.errors import Finding
from service.release.bundle import Bundle

FOLDER, ENDING = "workflows/config/consents", ".md"
INFORMATION = "workflows/config/information"
"""Folder of the texts that nobody is asked to consent to."""
FIRST = "sv"
"""The language that every text has."""
PARAGRAPH, ITEM = "p", "li"
SIGNED = "signed:"
"""What the line begins with that says who signed a text."""
SHORT = 12
"""Digits of a digest that are printed."""
_NAME = re.compile(r"([A-Z][A-Z0-9_]*)\.([a-z]{2,3})\.md")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The text of one consent, or of one information, in one language."""

    purpose: str
    """Of an information, its name."""
    lang: str
    title: str
    version: str
    blocks: tuple[tuple[str, str], ...]
    """Kind (`p` a paragraph, `li` a line of a list) and text, in order."""
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    signed: str = ""
    """Who signed it, as `service.release.translations` writes it; empty for nobody."""

    @property
    def short_digest(self) -> str:
        """The first digits of the digest, as they are printed."""
        return self.digest[:SHORT]


@dataclass(frozen=True, slots=True)
class ConsentTexts:
    """The texts of a release, by purpose and language."""

    texts: Mapping[str, Mapping[str, ConsentText]]

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes that have a text."""
        return frozenset(self.texts)

    def text(self, purpose: str, lang: str) -> ConsentText | None:
        """The text of a purpose in a language, else in Swedish; None when it has none."""
        languages = self.texts.get(purpose, {})
        return languages.get(lang) or languages.get(FIRST)

    def languages(self, purpose: str) -> tuple[str, ...]:
        """The languages in which a purpose has a text, Swedish first."""
        return (*sorted(self.texts.get(purpose, {}), key=lambda lang: (lang != FIRST, lang)),)

    def with_digest(self, digest: str) -> ConsentText | None:
        """The text of a digest, whole or its first digits; None when this release has it not."""
        every = (text for languages in self.texts.values() for text in languages.values())
        return next((text for text in every if digest and text.digest.startswith(digest)), None)


def read_consent_texts(bundle: Bundle, folder: str = FOLDER) -> ConsentTexts:
    """The texts of a release, of consents or of `INFORMATION`; one that cannot be read is left
    out, and is a finding.
    """
    found: dict[str, dict[str, ConsentText]] = {}
    for text in inspect_consent_texts(bundle, folder)[0]:
        found.setdefault(text.purpose, {})[text.lang] = text
    return ConsentTexts(found)


def inspect_consent_texts(
    bundle: Bundle, folder: str = FOLDER
) -> tuple[list[ConsentText], list[Finding]]:
    """The texts of a release, and what is wrong with the others."""
    texts = list[ConsentText]()
    findings = list[Finding]()
    for name, content in bundle.under(folder, ENDING).items():
        try:
            texts.append(_text(name, content))
        except ValueError as e:
            sentence = f"This text is no use: {e}."
            findings.append(Finding("T111", "E", f"{folder}/{name}", "", sentence))
    swedish = {text.purpose for text in texts if text.lang == FIRST}
    for text in texts:
        if text.purpose not in swedish:
            sentence = "This text is not there in Swedish."
            file = file_of(text.purpose, text.lang, folder)
            findings.append(Finding("T112", "E", file, "", sentence))
    return texts, findings


def file_of(purpose: str, lang: str, folder: str = FOLDER) -> str:
    """The file of a text, by its name in a bundle."""
    return f"{folder}/{purpose}.{lang}{ENDING}"


def _text(name: str, content: bytes) -> ConsentText:
    """Read one file.

    Raises:
        ValueError: it is no such text; the message says why.
    """
    named = _NAME.fullmatch(name)
    if named is None:
        raise ValueError("its name is not PURPOSE.language.md")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as e:
        raise ValueError("it is no UTF-8") from e
    if len(lines) < 2 or not lines[0].startswith("# "):  # noqa: PLR2004 - heading and version
        raise ValueError("it does not begin with a heading")
    key, _, version = lines[1].partition(":")
    if key != "version" or not version.strip():
        raise ValueError("its second line does not say its version")
    signed, rest = signature_of(lines)
    blocks = tuple(_blocks(rest))
    if not blocks:
        raise ValueError("it says nothing")
    return ConsentText(
        purpose=named[1],
        lang=named[2],
        title=lines[0].removeprefix("# ").strip(),
        version=version.strip(),
        blocks=blocks,
        digest=hashlib.sha256(content).hexdigest(),
        signed=signed,
    )


def blocks_of(text: str) -> tuple[tuple[str, str], ...]:
    """Kind and text of each block of a file, in order."""
    return tuple(_blocks(signature_of(text.splitlines())[1]))


def written(title: str, version: str, body: str, signed: str = "") -> str:
    """A file of a text."""
    signature = f"{SIGNED} {signed}\n" if signed else ""
    return f"# {title}\nversion: {version}\n{signature}\n{body}\n"


def resigned(text: str, signature: str) -> str:
    """A text of a consent or of information with another signature; empty for none."""
    lines = text.splitlines()
    head = [*lines[:2], *([f"{SIGNED} {signature}"] if signature else [])]
    return "\n".join([*head, *signature_of(lines)[1]]) + "\n"


def signature_of(lines: list[str]) -> tuple[str, list[str]]:
    """Who signed a text, and its lines below heading, version and signature."""
    if len(lines) > 2 and lines[2].startswith(SIGNED):  # noqa: PLR2004 - the line below the version
        return lines[2].removeprefix(SIGNED).strip(), lines[3:]
    return "", lines[2:]


def _blocks(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Paragraphs and lines of lists; lines that follow each other are one."""
    kind, parts = "", list[str]()
    for line in [*(line.strip() for line in lines), ""]:
        begins = line.startswith("- ")
        if parts and (not line or begins):
            yield kind, " ".join(parts)
            parts = []
        if not line:
            continue
        if not parts:
            kind = ITEM if begins else PARAGRAPH
        parts.append(line.removeprefix("- "))
