"""The layers in training: schedules, callbacks, and DropBlock in existing models."""
