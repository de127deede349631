"""The book contract: reading a bank's files, checking every row, keeping what is refused."""
