"""Disclosure: which answers of others a viewer is shown at once, which she opens by group and with
which reason, and which are hidden from her.

The tab about the person, the print of a case, the page of a task and the HTTP interface all ask
here (decision 41).
"""
