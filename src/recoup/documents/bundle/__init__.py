"""Bundles that verify themselves: files, a manifest of every byte, a signature, and a script."""
