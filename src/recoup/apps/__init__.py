"""The rooms, bottom to top; each is entered by its doors only."""
