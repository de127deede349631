"""The morning page: one self-contained file with what a head of collections looks at first."""
