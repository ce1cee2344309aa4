"""Outside systems flow in: asked politely, resumed where they broke off, committed whole."""
