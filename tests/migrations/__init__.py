"""Running the parts' histories."""
