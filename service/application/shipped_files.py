"""Files of the folders `workflows` and `forms`: the bundle that is published, and the
installation's own configuration.
"""

from __future__ import annotations

from pathlib import Path

from service.errors import BadSettings
from service.release.bundle import Bundle, in_release
from service.release.programme.configuration import CARD_PICTURES, CARD_WORDS
from service.settings import Settings


def config_files(settings: Settings) -> dict[str, str]:
    """The installation's own configuration, by file name."""
    folder = Path(settings.workflows_dir) / "config"
    if not folder.is_dir():
        raise BadSettings(
            f"TRESTEG_WORKFLOWS_DIR names {settings.workflows_dir}, which has no folder config"
        )
    try:
        words = (*folder.glob(f"{CARD_WORDS}*.txt"), *folder.glob(CARD_PICTURES))
        own = (*folder.glob("*.toml"), *words)
        return {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(own)
        }
    except UnicodeDecodeError as e:
        raise BadSettings(f"a file of {folder} is no text in UTF-8: {e.reason}") from e


def shipped_bundle(settings: Settings) -> Bundle:
    """The files of a release as they lie in the two folders."""
    return read_bundle(Path(settings.workflows_dir), Path(settings.forms_dir))


def read_bundle(workflows: Path, forms: Path) -> Bundle:
    """Diagrams, rules, calendars, forms, papers and texts of consents of two folders as one bundle.

    Raises:
        BadSettings: a folder that is not there.
    """
    found: dict[str, bytes] = {}
    for name, folder in (("workflows", workflows), ("forms", forms)):
        if not folder.is_dir():
            raise BadSettings(f"there is no folder {folder}")
        for path in sorted(folder.rglob("*")):
            inside = f"{name}/{path.relative_to(folder).as_posix()}"
            if in_release(inside):
                found[inside] = path.read_bytes()
    return Bundle(found)
