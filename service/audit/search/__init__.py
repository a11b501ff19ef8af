"""An auditor's searches over all cases, and the log of who looked."""
