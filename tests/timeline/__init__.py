"""The line of time over several systems."""
