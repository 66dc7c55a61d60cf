"""The citizen's web pages: strong login, my data, and what the city does with data."""
