"""Toolkit: facts rise from room to room as events, and every change is told to the record."""
