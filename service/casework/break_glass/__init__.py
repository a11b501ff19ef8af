"""In danger to life: one case opens at once to one person, and data protection looks at it
afterwards.
"""
