"""The night: a book of tables in, every contract decided, with reasons, out."""
