"""How to speak with somebody outside: sources we pull from, destinations we push to. Never imports `hub`."""
