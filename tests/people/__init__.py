"""Proofs about people: who may open and do what, and that nothing reaches anybody else.

`who_gets_what.py` is the table to read, and to add a line to for a new route. `planted_rows.py` and `planting.py` say
which text is whose, for a new field; `letters.py` makes every mail, for a new kind of it. The four test modules say
at their top what they prove.
"""
