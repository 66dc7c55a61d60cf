"""What the city knows: topics, phrases, texts, units, hours, and where faults are reported."""
