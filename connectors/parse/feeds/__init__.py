"""RSS, RDF, Atom and JSON Feed: a body becomes entries. reader.py is the way in."""
