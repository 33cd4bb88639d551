"""Small helpers for pages: how numbers and times are written, charts as SVG. No app is known here."""
