package fold

import "testing"

func TestParseSource(t *testing.T) {
	for text, want := range map[string]Source{
		"merge":               {Kind: KindMerge},
		"exec:python fold.py": {KindCommand, "python fold.py"},
		"exec:node fold.js":   {KindCommand, "node fold.js"},
		"folds/cart.js":       {KindFile, "folds/cart.js"},
		"s.n = e.js":          {KindInline, "s.n = e.js"},
		"f(s);\ng.js":         {KindInline, "f(s);\ng.js"},
		"":                    {KindInline, ""},
		"s.n++":               {KindInline, "s.n++"},
		"cart.JS":             {KindInline, "cart.JS"},
		"merge ":              {KindInline, "merge "},
	} {
		if got := ParseSource(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
