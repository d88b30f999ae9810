"""Code that turns a quoted phrase into a value: dates, times, money, phone numbers, services.

Every resolver takes the customer's words and, where it matters, the moment of that very message
and the business's time zone. None guesses: what a phrase does not say has no value.
"""
