"""The recorded facts of a case, run on a draft.

rerun            the run, fact after fact; `compare` judges it
shared_turns     turns that two definitions make alike, so that one of them need not run
"""
