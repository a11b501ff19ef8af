"""Data flow of a draft where it is wider than with the release in force, in words.

sides         data flow of a release or draft: fields, steps, automatic steps, papers
visible_more  wider sight of a role, by the visibility matrix
wider         every wider flow between two sides
"""
