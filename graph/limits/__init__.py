"""What an operation may cost, in size, in rows and in points: refused before a connection is taken.

    limits     every limit with its default
    measure    a document's size, in one walk
    cost       what an operation could return, and what it did, in points
    pricing    how a document comes to its cost
    budget     what a caller may spend, whichever worker answers
    paid       what one operation was charged, as its caller is told
    beside     the field `rateLimit`, beside a query that is one statement
    waiting    how many operations run and wait at the same time

What each limit is for, and how it was chosen: docs/limits.md.
"""
