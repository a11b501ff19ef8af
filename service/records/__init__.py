"""What every act writes and knows: entries of the ledger and their kinds, ids, the format of facts,
letters that leave, and `Services`, the parts of the program that acts use.
"""
