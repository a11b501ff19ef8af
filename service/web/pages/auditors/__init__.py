"""Pages of auditors that are about all cases: find, who looked, and the log review."""
