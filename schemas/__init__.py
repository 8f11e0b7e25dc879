"""What crosses a border: the shapes that sources, destinations and partners see. Imports nothing of ours."""
