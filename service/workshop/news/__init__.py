"""What a release changed for one person: its note, and the steps of hers that are other now.

Imported by web; imports `publishing` and below.
"""
