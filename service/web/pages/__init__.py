"""The pages, by whom they are for: `casework`, `workshop` and `audit` as the rooms of their view
models; `monitoring` for machines; those for everybody lie here.

A page is a module and a blueprint, and the first part of its endpoint is the name of its file. A
page imports no other page: what two of them share is a module of `service.web`.
"""
