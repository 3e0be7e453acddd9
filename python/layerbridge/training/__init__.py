"""What a training does with the layers: schedules, callbacks, where to place them."""
