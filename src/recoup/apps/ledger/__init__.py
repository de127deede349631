"""Room: receipts and reversals posted between nights, and the statement of account."""
