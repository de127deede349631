"""Experiments read: who was assigned when, what became of them, and what may be concluded."""
