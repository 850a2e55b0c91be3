"""The database layer: one reader, one writer, the four systems; synchronous, typed, without a user interface."""
