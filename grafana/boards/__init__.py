"""Onsale's Grafana boards, as code: `python -m boards FOLDER` writes them as JSON."""
