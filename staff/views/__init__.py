"""Views of the Synergi team."""
