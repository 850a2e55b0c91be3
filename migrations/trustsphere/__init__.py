"""TrustSphere: its tables, and what the part ``triggers`` adds to them."""
