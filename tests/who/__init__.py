"""One person in four systems: found, told apart, contained."""
