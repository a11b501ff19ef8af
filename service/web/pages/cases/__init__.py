"""The pages of a case: list, case, documents, corrections, search.

Its modules put their views on one blueprint.
"""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cases", __name__)
