"""View models of the pages of a case, of the case list and search, and of an office."""
