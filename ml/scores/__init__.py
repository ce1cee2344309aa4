"""How likely is it? Scores with a gate before them: guards, candidates, a champion, or the base rate and why."""
