"""Toolkit: how rooms bring many rows at once into the database, whichever it is."""
