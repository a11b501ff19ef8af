"""The site: Flask, pages, the interface for programs, templates and the browser bundle.

Imported by `cli` alone; imports `application`, `sandbox`, `actions`, the store's read models, and
`demo` for the demo's own pages. Flask is imported here and nowhere else.
"""
