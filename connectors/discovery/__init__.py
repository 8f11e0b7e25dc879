"""Finds out how a site can be read: feeds it names, interfaces of its product, sitemaps, else its own list pages.

    clues.py     what a page says: alternates, links to feeds, headings of news, marks of a product       pure
    products.py  the portal products: how each is recognised, and where its feeds and interfaces stand    data
    lists.py     a list page: repeated blocks with link, title and date, as selectors for settings        pure
                 (naming.py: selectors that hold; paging.py: where its further pages are)
    sniff.py     what a body is at first sight                                                            pure
    ranking.py   which proposal gives most, and why                                                       pure
    search.py    asks a site, one address after the other and a dozen at most

Nothing is stored and nothing is decided: a person reads the proposals and pastes one into settings.toml.
"""
