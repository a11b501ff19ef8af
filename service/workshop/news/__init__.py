"""News of a release for one person: its note, and which of her steps have changed."""
