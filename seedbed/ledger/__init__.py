"""The ledger: what both papers claim, what decides each claim, what a run says of it."""
