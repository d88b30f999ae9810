"""Code that finds values in words: dates, times, money, phone numbers, services.

Every finder takes folded words and, where it matters, the local day of that very message.
None guesses: what the words do not say has no value.
"""
