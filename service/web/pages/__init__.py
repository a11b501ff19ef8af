"""The pages: one module a page, each a blueprint.

Imported by `web.application` alone; a page imports no other page and no `api`.
"""
