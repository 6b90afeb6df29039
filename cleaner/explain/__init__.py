"""Why a paragraph has its label: `reasons.py` asks the model again for the page without one thing,
`without.py` leaves it out. Imports the rooms from `document` and `model` down."""
