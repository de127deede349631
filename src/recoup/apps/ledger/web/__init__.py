"""The room's pages: posting a receipt, the day's list, reversals, the statement of account."""
