"""Room: debtors and their contracts as the night published them, and what we know of the people."""
