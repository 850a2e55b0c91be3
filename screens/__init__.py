"""The screens: Textual only, one file a screen; they know the database layer's values, never its driver."""
