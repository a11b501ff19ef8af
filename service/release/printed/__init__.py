"""Reports that the product itself prints: what one is before it is made, and
the page that they share.
"""
