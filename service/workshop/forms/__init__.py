"""Forms of a draft for process owners: outline, settings of a question, changes, preview.

Pure but for the files of a draft that are handed in.
"""
