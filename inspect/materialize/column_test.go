package materialize

import (
	"slices"
	"testing"
)

// TestKinds: the kind of values of several kinds does not depend on their order, and is one
// that a target knows, also if there are no values.
func TestKinds(t *testing.T) {
	all := []Kind{KindNone, KindBoolean, KindInteger, KindDecimal, KindText, KindTime, KindJSON}
	for _, a := range append(all, "") {
		for _, b := range append(all, "") {
			if ab := a.and(b); ab != b.and(a) || !slices.Contains(all, ab) {
				t.Errorf("%q and %q is %q, and the other way round %q", a, b, ab, b.and(a))
			}
			for _, c := range all {
				if a.and(b).and(c) != a.and(b.and(c)) {
					t.Errorf("%q, %q and %q are of a kind that depends on their order", a, b, c)
				}
			}
		}
	}
}
