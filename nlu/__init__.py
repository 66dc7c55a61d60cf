"""Understanding: language, intent, entities and safety, pure and deterministic."""
