"""The four roles: what each may read and change, column by column."""
