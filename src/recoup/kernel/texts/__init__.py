"""What is said to a person: filled from facts, held to rules and to the ledger."""
