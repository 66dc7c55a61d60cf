"""People, their consent and their data: what the city knows of a person, who used it, and how it ends."""
