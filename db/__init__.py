"""The database layer: one reader, one writer, the four systems; synchronous, typed and without a user interface."""
