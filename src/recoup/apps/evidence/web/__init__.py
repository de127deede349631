"""The room's pages: seals, the regulator's report, and a person's evidence."""
