"""The ways to reach citizens, one file a channel."""
