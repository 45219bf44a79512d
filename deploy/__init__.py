"""What runs the site on other machines, and the rehearsal that it would. No app: nothing imports it."""
