// Pages that need nothing but what all pages do: the bar in sight, and the words of the frame.

import "./base.js";
