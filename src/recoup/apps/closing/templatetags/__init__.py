"""Filters that templates of this room load as ``nights``."""
