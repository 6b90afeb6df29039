"""A made-up page as a crawler for language models hands it over."""

PAGE = """---
title: "The ferry is back - Island News"
author: Ann Lee
date: 2024-05-03
url: https://island.example/ferry
---
* [Home](/)
* [News](/news)
  * [Harbour](/news/harbour)

# The ferry is back after the longest winter

By [Ann Lee](/ann)

The council voted on **Tuesday** to bring back the [ferry](/ferry), after a long debate
that went on for hours in the old hall of the town, and the mayor said it would sail in May.

![The ferry at the quay](ferry.jpg)

> "We are glad," said the captain, "that the boat will cross the water again this spring."

The fares stay as they were before the storm, said the council, and so does the timetable:

| Day | First boat |
|-----|------------|
| Monday | 8:00 from the harbour |

The first boat to the island will leave the harbour on Monday at eight, as the [plan][1] says.

[![A lamp](lamp.jpg)

### Harbour gets new lights for the winter

The lamps are to be lit in November.](/news/lights)

Subscribe to our [newsletter](/letter).

[1]: https://island.example/plan "The plan"
"""

STORY = """# The ferry is back after the longest winter

The council voted on **Tuesday** to bring back the [ferry](/ferry), after a long debate
that went on for hours in the old hall of the town, and the mayor said it would sail in May.

> "We are glad," said the captain, "that the boat will cross the water again this spring."

The fares stay as they were before the storm, said the council, and so does the timetable:

| Day | First boat |
|-----|------------|
| Monday | 8:00 from the harbour |

The first boat to the island will leave the harbour on Monday at eight, as the [plan][1] says.

[1]: https://island.example/plan "The plan"
"""
"""What is kept of it, in its own lines."""
