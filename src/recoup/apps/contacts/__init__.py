"""Room: every contact with a person, and whether the next one may be made."""
