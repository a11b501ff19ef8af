"""Commands about drafts and releases: what differs, and whether scenarios pass."""
