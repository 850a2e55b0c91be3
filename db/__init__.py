"""The database layer: one reader, one writer, four systems; synchronous, typed, without a user interface."""
