"""The screens: cells, table, frame, and the real app through pilot, pty and pyte."""
