"""Keys, sealed values, the hash chain of the ledger, and password hashes.

Pure but for the key file; no SQL.
"""
