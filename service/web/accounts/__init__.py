"""What a browser shows of who uses it: the cookie of a session, and her own password typed again.

Imported by pages.
"""
