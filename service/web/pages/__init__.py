"""The pages: one module a page, each a blueprint.

A page imports no other page: what two of them share is a module of `service.web`.
"""

from __future__ import annotations

from flask import Blueprint

audit_bp = Blueprint("audit", __name__)
"""Of all pages of auditors; several modules put their views on it."""
