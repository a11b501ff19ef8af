"""The dossier of a release: how it was published, kept with it and named by the ledger.

evidence   what is gathered of a draft before the transaction that publishes it
record     the dossier as canonical JSON: written once, read for its page
"""
