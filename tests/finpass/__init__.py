"""FinPass: its tables, its views and figures against SQL written by hand, its invented rows."""
