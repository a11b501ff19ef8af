"""The pages of auditors: find, one case, who looked, the log review, proof, export, report."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("audit", __name__)
"""Of most of them; several modules put their views on it."""
