"""HubSpot: the companies, people and deals a sales team works with, and its tickets."""
