"""Controllers of an installation, as `workflows/config/programme.toml` names them: organisations
that answer for what their offices write. A release knows kinds of offices alone.
"""

from __future__ import annotations

from msgspec import Struct

from service.release.programme.typed_tables import Text


class Controller(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One organisation that answers for the records of its offices."""

    kind: Text
    """Kind of its offices."""
    name: Text
    contact: str = ""
    officer: str = ""
    """How its data-protection officer is reached."""
