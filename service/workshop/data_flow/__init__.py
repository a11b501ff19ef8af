"""Where data would flow wider than with the release in force, in words.

sides         a release or draft, read for what flows: fields, steps, automatic steps, papers
visible_more  what a role sees more of, by the matrix of visibility
wider         every wider flow between two sides
"""
