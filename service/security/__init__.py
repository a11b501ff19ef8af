"""Keys, sealed values, the hash chain of the ledger, and password hashes.

Imported by all packages above; imports `errors` alone. Pure but for the key file; no SQL.
"""
