"""The staff's pages: the queue of citizens who wish for a person, and the conversations with them."""
