"""What answers are made of on the wire: built files, compression of pages, and form tokens that
compression gives nothing away of.

Imported by `web`; imports the page policies and the errors.
"""
