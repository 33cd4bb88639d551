"""Floor 3: what every page needs: jobs, notices, saved views."""
