"""How a night's result gets into the records: rows, their hashes, differences, bulk writing."""
