"""The files of a release as one immutable bundle: the same content always has the same digest and
the same packed bytes.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from service.errors import BadDiagram, Finding
from service.release.programme.process_configuration import PROCESS_FILES

MOST_FILES, MOST_BYTES = 400, 20 * 2**20
"""Limits of what is unpacked. A release has some eighty files and less than 1 MiB."""
SOURCES = (".bpmn", ".dmn", ".json", ".form", ".toml", ".typ", ".md")
"""Endings of the files of a release."""
ROLES, TYPES = "workflows/config/roles.toml", "workflows/config/types.toml"
VOCABULARY = "workflows/config/vocabulary.toml"
CONFIG = "workflows/config/"
RELEASED = (ROLES, TYPES, VOCABULARY, *(CONFIG + name for name in PROCESS_FILES))
"""Configuration that is part of a release; the rest of `workflows/config` belongs to the
installation, but for texts for persons."""
TEXTS = ("workflows/config/consents/", "workflows/config/information/")
"""Folders of the texts of consents and of information."""
LANGUAGES = "workflows/config/languages/"
"""Folder of the words of papers, a file a language."""
SCENARIOS, SCENARIO = "scenarios/", ".scenario.json"
"""Folder of the scenarios of a release, and the ending of their names. Those of the demo lie in
`workflows/scenarios` and are part of no release."""
RULE_ENDING = ".dmn"
"""Ending of the names of files that hold decision tables."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """Files of a release: name to bytes, for example `workflows/return_case.bpmn`,
    `workflows/deadlines.dmn`, `workflows/calendars/sweden.json`, `forms/referral.form`.
    """

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over names and contents, in hexadecimal: the release's id."""
        whole = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{name}\0{len(content)}\0".encode())
            whole.update(content)
        return whole.hexdigest()

    def pack(self) -> bytes:
        """Pack the files into one zip archive, the same bytes each time: sorted names, fixed dates,
        nothing compressed (a newer compressor must not change it).
        """
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name, content in sorted(self.files.items()):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
        return out.getvalue()

    def under(self, folder: str, ending: str) -> dict[str, bytes]:
        """Files of one folder (not of folders in it) with that ending, by their name without
        folder.
        """
        prefix = folder + "/"
        return {
            name.removeprefix(prefix): content
            for name, content in sorted(self.files.items())
            if name.startswith(prefix)
            and name.endswith(ending)
            and "/" not in name.removeprefix(prefix)
        }

    def text(self, name: str) -> str:
        """One file as text.

        Raises:
            BadDiagram: it is missing or not UTF-8.
        """
        try:
            return self.files[name].decode("utf-8")
        except KeyError as e:
            raise _refused("X120", name, f"The release has no file {name}.") from e
        except UnicodeDecodeError as e:
            raise _refused("X102", name, f"This is not a readable file: {e.reason}.") from e

    def with_file(self, name: str, content: bytes) -> Bundle:
        """Another bundle, in which this file has this content."""
        return Bundle({**self.files, name: content})


def in_release(name: str) -> bool:
    """Whether a file of the two folders, by its name in a bundle, is part of a release."""
    if name.startswith(TEXTS) or name.endswith(".md"):
        return name.startswith(TEXTS) and name.endswith(".md")
    if name.startswith(LANGUAGES):
        return name.endswith(".toml") and name.count("/") == LANGUAGES.count("/")
    if name.startswith(CONFIG):
        return name in RELEASED
    if name.startswith(SCENARIOS):
        return name.endswith(SCENARIO) and name.count("/") == 1
    inside = name.startswith(("workflows/", "forms/"))
    return inside and name.endswith(SOURCES) and not name.startswith("workflows/scenarios/")


def scenario_files(bundle: Bundle) -> dict[str, bytes]:
    """The scenario files of a bundle, by name."""
    return {
        name: content
        for name, content in sorted(bundle.files.items())
        if name.startswith(SCENARIOS)
    }


def plain_name(file: str) -> str:
    """What a scenario is called whose file names none."""
    return file.rpartition("/")[2].removesuffix(SCENARIO)


def unpack(data: bytes) -> Bundle:
    """Read what `pack` wrote.

    Raises:
        BadDiagram: no archive, too many or too large files, or names that leave the folder.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_FILES or sum(i.file_size for i in infos) > MOST_BYTES:
                raise _refused("X101", "", "The release is larger than any release is.")
            for name in (info.filename for info in infos):
                if name.startswith("/") or ".." in name.split("/") or "\\" in name:
                    sentence = "A file of the release has a name that leaves its folder."
                    raise _refused("X121", name, sentence)
            return Bundle({i.filename: archive.read(i) for i in infos})
    except zipfile.BadZipFile as e:
        raise _refused("X102", "", "This is not a readable release.") from e


def unpack_release(id_: str, data: bytes) -> Bundle:
    """Read the files of a stored release, whose id is their digest.

    Raises:
        BadDiagram: as `unpack` does, or they are not those that were published.
    """
    bundle = unpack(data)
    if bundle.digest != id_:
        sentence = "The files of the release are not those that were published."
        raise BadDiagram((Finding("X123", "E", "", "", sentence, facts={"release": id_}),))
    return bundle


def _refused(code: str, file: str, sentence: str) -> BadDiagram:
    return BadDiagram((Finding(code, "E", file, "", sentence),))


def dossier_digest(content: str) -> str:
    """Name the dossier of a release as the ledger does: the SHA-256 of its text, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()
