"""The overview: what is asked, how often."""
