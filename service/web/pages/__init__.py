"""The pages: one module a page, each a blueprint.

Imported by `web.application` alone; a page imports no other page and no `api`.
"""

from __future__ import annotations

from flask import Blueprint

audit_bp = Blueprint("audit", __name__)
"""Of all pages of auditors; several modules put their views on it."""
