"""FinPass's history: the first schema version, and the second one of its document."""
