"""The blueprint that the modules of a case's pages put their views on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cases", __name__)
