"""Toolkit: what every operation of the API shares: tokens, problems, pages, repeats, web hooks."""
