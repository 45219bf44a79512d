"""Invented data: the demonstration, and as much as a measurement needs. Nobody and nothing in it is real."""
