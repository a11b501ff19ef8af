"""The pages of the programme report."""
