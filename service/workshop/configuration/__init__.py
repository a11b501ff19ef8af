"""The configuration of a draft in words: rows to read, forms to change, and what differs.

A file that is changed keeps its comments and its order.
"""
