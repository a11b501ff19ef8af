"""What machines ask: whether the site works, and its numbers. No page of a person."""
