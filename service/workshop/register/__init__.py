"""What an authority asks for on paper, made from a release: the register of processing (GDPR
article 30), the annex to an impact assessment (article 35), and how two releases differ in them.

Nobody writes these texts by hand. What a release cannot know is said to be missing.
"""
