"""Looking into database servers: what is seen, who blocks whom, ending a session."""
