"""The city writes first: nudges, their gate and delivery, campaigns, subscriptions and check-ins."""
