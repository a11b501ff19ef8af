"""Trying a draft: the page, what one request to it does, and whose sight of it is shown."""
