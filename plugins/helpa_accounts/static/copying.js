// Links and tokens to copy, each with its button.

import "helpa/copy.js";
