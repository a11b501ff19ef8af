"""What every act writes and knows: entries of the ledger and their kinds, ids, facts in few bytes,
incidents, letters that leave, and `Services`, the parts of the program that acts use.
"""
