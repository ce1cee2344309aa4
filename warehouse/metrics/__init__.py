"""The semantic layer: from a question's parts to SQL, a value and a receipt."""
