"""The pages of proof: of a case, of several cases and streams, and the head of the log."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("proof", __name__)
