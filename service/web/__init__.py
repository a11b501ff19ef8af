"""The site: Flask, pages, the interface for programs, templates and the browser bundle.

Only `service.app` and this package import Flask.
"""
