"""The SQL: tables, the transaction, and one module of statements for each noun.

One rule for every statement: what is fixed is written with SQLAlchemy Core as a constant of its
module, compiled once for each database and handed to the driver (`prepared`). Only lists with
filters, of any length (`IN`) or in a chosen order, are built when they are asked, and so is what
`RETURNING` gives back, because its columns are read by SQLAlchemy.
Imports `service.security.records` and `service.errors`; no statement stands outside of here.
"""
