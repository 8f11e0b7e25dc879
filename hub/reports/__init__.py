"""From numbers to paper: a frozen snapshot of a period, and the Word, Excel and PDF files that say what it says."""
