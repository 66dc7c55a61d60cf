"""Health outreach: from consented data to findings that explain themselves, to a person's decision, to a message."""
