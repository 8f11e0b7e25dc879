"""Content systems as destinations: what WordPress, Drupal and Liferay have in common when the hub writes to them."""
