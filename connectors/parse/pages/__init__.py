"""Web pages: articles (page.py), lists (listpage.py), sitemaps, and pages that stand in the way (blockpage.py)."""
