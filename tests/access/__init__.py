"""What gives access: counted, unfolded, in full."""
