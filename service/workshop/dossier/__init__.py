"""The dossier of a release: how it was published, kept with it and named by the ledger.

evidence   differences, promises and scenarios, gathered before the publishing transaction
record     the dossier as canonical JSON: written once, read for its page
"""
