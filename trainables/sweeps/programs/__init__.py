"""Programs of anybody's as trials: started by Ray, each in a folder of its own, outliving whoever started them."""
