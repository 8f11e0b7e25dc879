"""How an item becomes a post: its text, tags, picture, link, and the key of the story that it tells."""
