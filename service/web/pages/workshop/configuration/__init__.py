"""The pages of a draft's configuration: what there is, and a page for each kind."""
