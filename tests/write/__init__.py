"""The writer, on real servers: exactly once, refused with the numbers, recorded or not done."""
