"""Programs that are handed out: each is one file, and needs nothing else of Tresteg.

`verify.py` goes with every proof bundle, `witness.py` to whoever keeps heads of the log.
"""
