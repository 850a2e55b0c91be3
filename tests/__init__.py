"""The gate: the same test bodies over every system and every engine, on real servers."""
