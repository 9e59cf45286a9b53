"""Pages of people, teams, sessions, tokens and the audit log."""
