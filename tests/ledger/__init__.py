"""The ledger: its bytes, its chain, what it shows when somebody has been at it."""
