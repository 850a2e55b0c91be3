"""The part ``indexes``: what the views and searches want and the documents do not have."""
