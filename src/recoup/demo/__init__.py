"""The demo bank: a synthetic lender from one seed, with its true parameters known."""
