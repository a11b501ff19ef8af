"""The pages of process owners: releases, and what a draft is made of up to its publication."""
