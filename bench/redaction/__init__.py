"""How much of what is secret in screenshots is found: pictures with known secrets, and scores."""
