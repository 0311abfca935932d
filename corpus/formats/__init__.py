"""Files for people and for CAT tools: pairs written as TMX, XLIFF, spreadsheets and so on, and read back."""
