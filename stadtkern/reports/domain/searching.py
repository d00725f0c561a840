"""Words are found in what everybody may read, not in what staff took out of a text."""


def in_shown_words(words: str) -> str:
    """The SQL condition on `reports_report r`; `words` is its placeholder, and stands in it twice.

    The index covers all words of a report. Where staff put other words in place of the citizen's, these must fit,
    too: else a name that was taken out could still be found.
    """
    asked = f"websearch_to_tsquery('german', {words})"
    shown = "to_tsvector('german', r.public_text || ' ' || r.address)"
    return f"(r.search @@ {asked} and (r.public_text = '' or {shown} @@ {asked}))"
