"""Pages of auditors that are about all cases: find, and who looked."""
