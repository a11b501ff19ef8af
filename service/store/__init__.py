"""The room with the SQL: tables, the transaction, and one module of statements for each noun."""
