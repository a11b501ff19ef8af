"""Approvals: what one person asks for and a second one decides, the same way for everything."""
