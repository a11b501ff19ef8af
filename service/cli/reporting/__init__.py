"""The command for the programme report."""
